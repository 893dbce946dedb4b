import { AsyncLocalStorage } from 'node:async_hooks';
import { type DestinationStream, type Logger, pino } from 'pino';
import { createRedaction } from './redaction.ts';

/** What every log line of one interaction carries, whoever writes it. */
export interface RequestContext {
  /** Also told to the person, so that the line can be found. */
  requestId: string;
}

const storage = new AsyncLocalStorage<RequestContext>();

export function runInRequest<Result>(context: RequestContext, work: () => Result): Result {
  return storage.run(context, work);
}

export function currentRequest(): RequestContext | undefined {
  return storage.getStore();
}

export interface LoggerOptions {
  level: string;
  /** Taken out of every line, whoever writes it. */
  secrets: readonly string[];
  destination: DestinationStream;
}

/** A JSON logger whose every line names its interaction and holds no secret, at any level. */
export function createLogger({ level, secrets, destination }: LoggerOptions): Logger {
  return pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      mixin: () => ({ ...currentRequest() }),
      // The last step before the stream: nothing that is written gets around it.
      hooks: { streamWrite: createRedaction(secrets) },
    },
    destination,
  );
}

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
