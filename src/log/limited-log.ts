import { runOutsideRequests } from './create-logger.ts';

/** Writes events: a fixed message, and everything variable as fields. */
export interface EventLog {
  debug(fields: Fields, message: string): void;
  info(fields: Fields, message: string): void;
  warn(fields: Fields, message: string): void;
  error(fields: Fields, message: string): void;
}

type Fields = Readonly<Record<string, unknown>>;
type Level = keyof EventLog;

/** A log for events that anyone can cause. */
export interface LimitedLog extends EventLog {
  /** Writes the lines for events that were only counted so far. */
  flush(): void;
}

/** The time in which lines of one kind are limited. */
interface Window {
  level: Level;
  message: string;
  timer: NodeJS.Timeout;
  written: number;
  /** How many lines were only counted. */
  counted: number;
  last: Fields;
}

const WINDOW_MS = 60_000;

/**
 * Creates a log that writes the first lines of a kind at once, and for all others in the same window one line with their
 * `count` and the fields of the last. At level debug they are still written one by one.
 *
 * A kind is a level, a message and the field `reason`, all of which come from a fixed set.
 *
 * @param linesPerWindow how many of a kind are written at once
 */
export function createLimitedLog(
  logger: EventLog,
  { linesPerWindow, windowMs = WINDOW_MS }: { linesPerWindow: number; windowMs?: number },
): LimitedLog {
  const windows = new Map<string, Window>();

  const close = (kind: string) => {
    const window = windows.get(kind);
    if (window === undefined) return;
    windows.delete(kind);
    clearTimeout(window.timer);
    const { level, message, counted: count, last } = window;
    if (count > 0) logger[level]({ ...last, count }, message);
  };

  const write = (level: Level, fields: Fields, message: string) => {
    const kind = `${level} ${message} ${String(fields.reason ?? '')}`;
    let window = windows.get(kind);
    if (window === undefined) {
      // Otherwise the line would carry the ID of the request that happened to begin the window.
      const timer = runOutsideRequests(() => setTimeout(close, windowMs, kind).unref());
      window = { level, message, timer, written: 0, counted: 0, last: fields };
      windows.set(kind, window);
    }
    if (window.written < linesPerWindow) {
      window.written += 1;
      return logger[level](fields, message);
    }
    window.counted += 1;
    window.last = fields;
    logger.debug(fields, message);
  };

  return {
    debug: (fields, message) => logger.debug(fields, message),
    info: (fields, message) => write('info', fields, message),
    warn: (fields, message) => write('warn', fields, message),
    error: (fields, message) => write('error', fields, message),
    flush: () => [...windows.keys()].forEach(close),
  };
}
