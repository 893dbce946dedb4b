import { type DestinationStream, type Logger, pino } from 'pino';
import { createRedaction } from './redaction.ts';
import { currentRequest } from './request-context.ts';

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
