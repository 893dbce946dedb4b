import { constants, openSync, writeSync } from 'node:fs';

/** An output whose reader can be slow, absent or gone without stopping the process. */
export interface BoundedOutput {
  /** Writes a line, or keeps it until the reader takes it, or drops and counts it. Never throws and never waits. */
  write(line: string): void;
  /** Returns how many lines were dropped so far. */
  dropped(): number;
  /** Writes what is still kept, and blocks the process for at most this time. For the end of the process. */
  drain(withinMs: number): void;
}

export interface BoundedOutputOptions {
  /** Writes as much as fits without waiting and returns the number of bytes; throws `EAGAIN` if nothing fits. */
  writeBytes: (bytes: Uint8Array) => number;
  /** Returns the line that reports how many lines were dropped. */
  droppedLine: (count: number) => string;
  /** How much is kept for a reader that is behind. */
  maxBytes?: number;
}

const MAX_BYTES = 4 * 1024 * 1024;
const FIRST_RETRY_MS = 5;
const LONGEST_RETRY_MS = 200;
const NEWLINE = 0x0a;

/**
 * Creates an output that writes immediately while its reader keeps up. Otherwise it keeps lines up to a limit, retries at
 * intervals, and drops further lines until everything kept is written; one line then reports how many.
 */
export function createBoundedOutput(options: BoundedOutputOptions): BoundedOutput {
  const { writeBytes, droppedLine, maxBytes = MAX_BYTES } = options;
  const kept: Buffer[] = [];
  let keptBytes = 0;
  let dropped = 0;
  let unreported = 0;
  /** Whether the last bytes written are a part of a line whose rest was dropped. */
  let isMidLine = false;
  let retryMs = FIRST_RETRY_MS;
  let timer: NodeJS.Timeout | undefined;

  const drop = (lines: number) => {
    dropped += lines;
    unreported += lines;
  };

  const keep = (line: string) => {
    const bytes = Buffer.from(line);
    if (keptBytes + bytes.length > maxBytes) return drop(1);
    kept.push(bytes);
    keptBytes += bytes.length;
  };

  /** The reader is gone or the disk is full: nothing kept can be written. */
  const dropKept = () => {
    drop(kept.reduce((lines, bytes) => lines + countLines(bytes), 0));
    kept.length = 0;
    keptBytes = 0;
  };

  /** Returns whether everything is written. */
  const flush = (): boolean => {
    if (kept.length === 0 && unreported > 0) {
      const report = Buffer.from(`${isMidLine ? '\n' : ''}${droppedLine(unreported)}`);
      const written = tryToWrite(report);
      if (written < report.length) {
        if (written > 0) isMidLine = true;
        return false;
      }
      unreported = 0;
      isMidLine = false;
    }
    while (kept.length > 0) {
      const bytes = joined(kept);
      const written = tryToWrite(bytes);
      if (written < 0) {
        dropKept();
        return false;
      }
      keptBytes -= written;
      if (written > 0) {
        isMidLine = bytes[written - 1] !== NEWLINE;
        retryMs = FIRST_RETRY_MS;
      }
      if (written < bytes.length) {
        kept[0] = bytes.subarray(written);
        return false;
      }
      kept.shift();
    }
    return unreported === 0;
  };

  /** Returns the number of bytes written, 0 while the reader is behind, and -1 if it is gone. */
  const tryToWrite = (bytes: Uint8Array): number => {
    try {
      return writeBytes(bytes);
    } catch (error) {
      return (error as NodeJS.ErrnoException).code === 'EAGAIN' ? 0 : -1;
    }
  };

  const retryLater = () => {
    timer = setTimeout(() => {
      timer = undefined;
      if (flush()) retryMs = FIRST_RETRY_MS;
      else retryLater();
    }, retryMs);
    timer.unref();
    retryMs = Math.min(retryMs * 2, LONGEST_RETRY_MS);
  };

  return {
    write(line) {
      // Once lines are dropped, all are until the reader has caught up, so that there is one gap and one report.
      if (unreported > 0) drop(1);
      else keep(line);
      if (timer === undefined && !flush()) retryLater();
    },
    dropped: () => dropped,
    drain(withinMs) {
      const untilMs = performance.now() + withinMs;
      while (!flush() && performance.now() < untilMs) sleep(FIRST_RETRY_MS);
    },
  };
}

/** Up to this many bytes are written at once. */
const MAX_WRITE_BYTES = 64 * 1024;

/** Joins the first lines into one buffer, which takes their place, and returns it. */
function joined(lines: Buffer[]): Buffer {
  let count = 0;
  for (let bytes = 0; count < lines.length && bytes < MAX_WRITE_BYTES; count += 1) {
    bytes += lines[count]?.length ?? 0;
  }
  const [first, ...others] = lines.slice(0, count);
  if (first === undefined || others.length === 0) return first ?? Buffer.alloc(0);
  const bytes = Buffer.concat([first, ...others]);
  lines.splice(0, count, bytes);
  return bytes;
}

function countLines(bytes: Buffer): number {
  let lines = 0;
  for (let at = bytes.indexOf(NEWLINE); at !== -1; at = bytes.indexOf(NEWLINE, at + 1)) lines += 1;
  return lines;
}

function sleep(milliseconds: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
}

/** Returns `writeBytes` for standard output, which doesn't wait for its reader. A file takes everything at once. */
export function standardOutputWriter(): BoundedOutputOptions['writeBytes'] {
  const fd = nonBlockingStandardOutput();
  return (bytes) => writeSync(fd, bytes);
}

function nonBlockingStandardOutput(): number {
  // Creating `process.stdout` makes a pipe or socket non-blocking. For a terminal, which its person can stop with Ctrl-S, it
  // does the opposite, so that is opened once more.
  if (!process.stdout.isTTY) return 1;
  try {
    return openSync('/proc/self/fd/1', constants.O_WRONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
  } catch {
    return 1;
  }
}
