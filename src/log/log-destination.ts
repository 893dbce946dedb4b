import { type DestinationStream, pino } from 'pino';

/** Standard output: JSON lines, or readable ones on a terminal. */
export async function openLogDestination(): Promise<DestinationStream> {
  if (!process.stdout.isTTY) return pino.destination({ dest: 1, sync: true });
  const { default: pretty } = await import('pino-pretty');
  return pretty({
    sync: true,
    ignore: 'pid,hostname',
    translateTime: 'HH:MM:ss',
  });
}
