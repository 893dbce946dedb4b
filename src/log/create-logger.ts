import { AsyncLocalStorage } from 'node:async_hooks';
import { type DestinationStream, type Logger, pino } from 'pino';
import { createRedaction } from './redaction.ts';

/** Fields that every log line of one interaction carries. */
export interface RequestContext {
  /** Also shown to the person as a reference, to find the lines. */
  requestId: string;
}

const storage = new AsyncLocalStorage<RequestContext>();

/** Runs `work`, and everything it starts, with a context that the logger adds to every line. */
export function runInRequest<Result>(context: RequestContext, work: () => Result): Result {
  return storage.run(context, work);
}

export function currentRequest(): RequestContext | undefined {
  return storage.getStore();
}

export interface LoggerOptions {
  level: string;
  /** Values that are redacted in every line, in addition to everything that looks like a secret. */
  secrets: readonly string[];
  destination: DestinationStream;
}

/** Creates a JSON logger whose lines carry the current request's ID and hold no secret, at any level. */
export function createLogger({ level, secrets, destination }: LoggerOptions): Logger {
  return pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      mixin: () => ({ ...currentRequest() }),
      // The last step before the stream, so that no line bypasses it.
      hooks: { streamWrite: createRedaction(secrets) },
    },
    destination,
  );
}

/** Returns standard output: JSON lines, or readable lines on a terminal. */
export async function openLogDestination(): Promise<DestinationStream> {
  if (!process.stdout.isTTY) return pino.destination({ dest: 1, sync: true });
  const { default: pretty } = await import('pino-pretty');
  return pretty({
    sync: true,
    ignore: 'pid,hostname',
    translateTime: 'HH:MM:ss',
  });
}
