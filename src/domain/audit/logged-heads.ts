/** The log line of the end of the chain, at intervals and at every export. */
export const AUDIT_HEAD_MESSAGE = 'audit head';

/** The end of the chain at one time, as a log line has it. */
export interface LoggedHead {
  sequence: number;
  hash: string;
  /** When the line was written, as it says. */
  time: string | undefined;
}

/** Reads a head from a line of JSON, also one that a log collector has wrapped in a field. Undefined for any other line. */
export function readLoggedHead(line: string): LoggedHead | undefined {
  if (!line.includes(AUDIT_HEAD_MESSAGE)) return undefined;
  const start = line.indexOf('{');
  return start < 0 ? undefined : headIn(parsed(line.slice(start)), 3);
}

function headIn(value: unknown, depth: number): LoggedHead | undefined {
  if (typeof value === 'string') return value.startsWith('{') ? headIn(parsed(value), depth - 1) : undefined;
  if (typeof value !== 'object' || value === null || depth === 0) return undefined;
  const { msg, sequence, head, time } = value as Record<string, unknown>;
  if (msg === AUDIT_HEAD_MESSAGE && Number.isSafeInteger(sequence) && typeof head === 'string') {
    return { sequence: Number(sequence), hash: head, time: timeText(time) };
  }
  for (const inner of Object.values(value)) {
    const found = headIn(inner, depth - 1);
    if (found !== undefined) return found;
  }
  return undefined;
}

function timeText(time: unknown): string | undefined {
  if (typeof time === 'string') return time.slice(0, 40);
  return typeof time === 'number' && Math.abs(time) < 8.64e15 ? new Date(time).toISOString() : undefined;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
