import { AsyncLocalStorage } from 'node:async_hooks';
import { type DestinationStream, type Logger, pino } from 'pino';
import { createBoundedOutput, standardOutputWriter } from './bounded-output.ts';
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

/** Runs `work`, and everything it starts, without the current request's context. */
export function runOutsideRequests<Result>(work: () => Result): Result {
  return storage.exit(work);
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
      serializers: { err: serializeError },
      // The last step before the stream, so that no line bypasses it.
      hooks: { streamWrite: createRedaction(secrets) },
    },
    destination,
  );
}

/** undici's errors of parsing have what a server sent as text, which may repeat a credential. Slack's have an object. */
function serializeError(error: Error) {
  const { data, ...serialized } = pino.stdSerializers.err(error);
  return typeof data === 'string' ? serialized : { ...serialized, ...(data !== undefined && { data }) };
}

/** How long the process waits at its end for a reader to take the last lines. */
const DRAIN_AT_EXIT_MS = 500;

export interface LogDestination extends DestinationStream {
  /** Returns how many lines were dropped because the reader of standard output was behind or gone. */
  dropped(): number;
}

/** Opens standard output: JSON lines, or readable lines on a terminal. Its reader can't stop the process. */
export async function openLogDestination(): Promise<LogDestination> {
  const format = process.stdout.isTTY ? await readableFormat() : (line: string) => line;
  const output = createBoundedOutput({
    writeBytes: standardOutputWriter(),
    droppedLine: (count) => format(`${JSON.stringify(droppedEntry(count))}\n`),
  });
  process.once('exit', () => output.drain(DRAIN_AT_EXIT_MS));
  // Other writers, such as Node with a warning, must not end the process when the reader is gone.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});
  return { write: (line) => output.write(format(line)), dropped: output.dropped };
}

function droppedEntry(dropped: number) {
  const { warn: level } = pino.levels.values;
  return { level, time: new Date().toISOString(), dropped, msg: 'log lines dropped' };
}

async function readableFormat(): Promise<(line: string) => string> {
  const { prettyFactory } = await import('pino-pretty');
  return prettyFactory({ ignore: 'pid,hostname', translateTime: 'HH:MM:ss' });
}
