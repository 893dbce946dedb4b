import type { Excerpt, ShownEntry } from '../../slack/protocol/runs-protocol.ts';
import { isRecord } from '../runs/run.ts';

const MAX_KEY_LENGTH = 200;
const MAX_VALUE_LENGTH = 500;
const MAX_ENTRIES = 500;
/** Objects within objects are shown as `optimizer.lr`; deeper ones as JSON. */
const MAX_DEPTH = 5;

/** Shortens a text, without half a character at its end. */
export function shortened(text: string, maxLength: number): string {
  return (text.length > maxLength ? `${text.slice(0, maxLength - 1)}…` : text).toWellFormed();
}

/** Returns the plain values of an object and of the objects in it, as many as a table should have. */
export function shownEntries(values: Record<string, unknown>): Excerpt<ShownEntry> {
  const items: ShownEntry[] = [];
  let count = 0;
  for (const [key, value] of leavesOf(values)) {
    count += 1;
    if (items.length < MAX_ENTRIES) items.push([shortened(key, MAX_KEY_LENGTH), shownValue(value)]);
  }
  return { items, more: count - items.length };
}

/** Walks through an object; keys of objects in it are joined by dots. */
export function* leavesOf(
  values: Record<string, unknown>,
  { prefix = '', depth = 0 } = {},
): Generator<[key: string, value: unknown]> {
  for (const [name, value] of Object.entries(values)) {
    const key = prefix + name;
    const isOpened = isRecord(value) && depth < MAX_DEPTH && isPlain(value);
    if (isOpened) yield* leavesOf(value, { prefix: `${key}.`, depth: depth + 1 });
    else yield [key, value];
  }
}

/** An image, a table or a histogram has a `_type`. */
const isPlain = (value: Record<string, unknown>) =>
  !Object.hasOwn(value, '_type') && Object.keys(value).length > 0;

/** Returns a value as JSON. */
export function shownValue(value: unknown): string {
  try {
    return shortened(JSON.stringify(value) ?? '', MAX_VALUE_LENGTH);
  } catch {
    // JSON.parse accepts deeper values than JSON.stringify does.
    return Array.isArray(value) ? '[…]' : '{…}';
  }
}

/** Remembers the last result of `read`, because the same text is read at each change of a run. */
export function readOnce<Result>(read: (text: string) => Result): (text: string) => Result {
  let last: { text: string; result: Result } | undefined;
  return (text) => {
    if (last?.text !== text) last = { text, result: read(text) };
    return last.result;
  };
}
