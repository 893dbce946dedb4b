import { LRUCache } from 'lru-cache';
import type { Clock } from '../../../application/ports/clock.ts';

/** Results of reads that may be a little old. */
export interface RecentReads<Value> {
  /** Returns a recent result, else reads. Callers that ask while a read is running share it, and its failure. */
  get(key: string): Promise<Value>;
  forget(key: string): void;
}

const VALID_FOR_MS = 60_000;
const MAX_ENTRIES = 1000;

/**
 * Creates a cache in front of a read. A failed read isn't kept. For display only: before an effect, the data it depends on is
 * read again.
 */
export function createRecentReads<Value>(options: {
  read: (key: string) => Promise<Value>;
  monotonicMs: Clock['monotonicMs'];
  validForMs?: number;
  maxEntries?: number;
}): RecentReads<Value> {
  const { read, monotonicMs, validForMs = VALID_FOR_MS, maxEntries = MAX_ENTRIES } = options;
  const reads = new LRUCache<string, Promise<Value>>({
    max: maxEntries,
    ttl: validForMs,
    ttlResolution: 0,
    perf: { now: monotonicMs },
  });
  return {
    get(key) {
      const recent = reads.get(key);
      if (recent !== undefined) return recent;
      const value = read(key);
      reads.set(key, value);
      value.catch(() => {
        if (reads.peek(key) === value) reads.delete(key);
      });
      return value;
    },
    forget: (key) => void reads.delete(key),
  };
}
