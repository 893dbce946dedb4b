/** What is kept of a file that a run sends line by line. */
export interface LineLimits {
  maxLines: number;
  maxBytes: number;
  maxLineBytes: number;
  /** What stays of more lines: a regular sample of all of them (metrics), or the last ones (console). */
  keep: 'sample' | 'tail';
}

export interface StoredLines {
  /** How many lines the run has sent, kept or not: one more than the highest offset. */
  count(): number;
  bytes(): number;
  /**
   * Stores lines by offset: a line that is sent again replaces the earlier one. Without lines, it only says how many there were
   * before.
   */
  write(offset: number, lines: readonly string[]): void;
  /** The kept lines in the order of their offsets. */
  entries(): [offset: number, line: string][];
  last(): string | undefined;
  clear(): void;
}

/** GraphQL counts lines in 32 bits. */
export const MAX_LINE_COUNT = 2 ** 31 - 1;

export function createStoredLines(limits: LineLimits): StoredLines {
  const lines = new Map<number, string>();
  let count = 0;
  let bytes = 0;
  /** Of a sample, only offsets that are multiples of this are kept, and the last line. */
  let stride = 1;
  /** Of a tail, earlier offsets are gone. */
  let first = 0;
  const remove = (offset: number) => {
    bytes -= lines.get(offset)?.length ?? 0;
    lines.delete(offset);
  };
  const isKept = (offset: number) => (limits.keep === 'tail' ? offset >= first : offset % stride === 0);
  const store = (offset: number, line: string) => {
    remove(offset);
    const previous = count - 1;
    count = Math.max(count, offset + 1);
    if (offset > previous && !isKept(previous)) remove(previous);
    if (!isKept(offset) && offset !== count - 1) return;
    const text = shortened(line, limits);
    if (text === undefined) return;
    lines.set(offset, text);
    bytes += text.length;
  };
  const isOver = (share: number) => lines.size > limits.maxLines * share || bytes > limits.maxBytes * share;
  const shrink = () => {
    if (limits.keep === 'tail') {
      // A quarter at once, so that a long log isn't sorted for each line.
      for (const offset of [...lines.keys()].sort((a, b) => a - b)) {
        if (!isOver(0.75) || lines.size === 1) return;
        remove(offset);
        first = offset + 1;
      }
      return;
    }
    while (isOver(1) && lines.size > 2) {
      stride *= 2;
      for (const offset of [...lines.keys()]) if (!isKept(offset) && offset !== count - 1) remove(offset);
    }
  };
  return {
    count: () => count,
    bytes: () => bytes,
    write(offset, more) {
      for (const [index, line] of more.entries()) {
        store(offset + index, line);
        if (isOver(1)) shrink();
      }
      count = Math.max(count, offset + more.length);
    },
    entries: () => [...lines].sort(([a], [b]) => a - b),
    last: () => lines.get(count - 1),
    clear() {
      lines.clear();
      count = 0;
      bytes = 0;
      stride = 1;
      first = 0;
    },
  };
}

/** Cuts a console line; half a line of JSON would be useless, so a long one isn't kept. */
function shortened(line: string, { keep, maxLineBytes }: LineLimits): string | undefined {
  if (line.length <= maxLineBytes) return line;
  return keep === 'tail' ? `${line.slice(0, maxLineBytes - 1)}…` : undefined;
}
