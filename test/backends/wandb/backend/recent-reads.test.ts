import { describe, expect, test } from 'vitest';
import { createRecentReads } from '../../../../src/backends/wandb/backend/recent-reads.ts';

function startReads(options: { maxEntries?: number; fails?: () => boolean } = {}) {
  const clock = { nowMs: 1_800_000_000_000 };
  const readKeys: string[] = [];
  const reads = createRecentReads({
    read: async (key) => {
      readKeys.push(key);
      if (options.fails?.()) throw new Error('no connection');
      return readKeys.length;
    },
    validForMs: 60_000,
    maxEntries: options.maxEntries ?? 10,
    monotonicMs: () => clock.nowMs,
  });
  return { reads, clock, readKeys };
}

describe('recent reads', () => {
  test('are returned until they are too old, and then read again', async () => {
    const { reads, clock, readKeys } = startReads();

    expect(await reads.get('a')).toBe(1);
    clock.nowMs += 60_000;
    expect(await reads.get('a')).toBe(1);
    clock.nowMs += 1;
    expect(await reads.get('a')).toBe(2);
    expect(readKeys).toEqual(['a', 'a']);
  });

  test('are shared by callers that ask while the read is running', async () => {
    const { reads, readKeys } = startReads();

    expect(await Promise.all([reads.get('a'), reads.get('a'), reads.get('b')])).toEqual([1, 1, 2]);
    expect(readKeys).toEqual(['a', 'b']);
  });

  test('never include a failure: callers that waited get it, and the next one reads again', async () => {
    let isDown = true;
    const { reads, readKeys } = startReads({ fails: () => isDown });

    const waiting = [reads.get('a'), reads.get('a')];
    for (const result of await Promise.allSettled(waiting)) expect(result.status).toBe('rejected');
    isDown = false;
    expect(await reads.get('a')).toBe(2);
    expect(readKeys).toHaveLength(2);
  });

  test('are read again after being forgotten', async () => {
    const { reads } = startReads();

    await reads.get('a');
    reads.forget('a');
    expect(await reads.get('a')).toBe(2);
  });

  test('are kept for a limited number of keys, the longest unused one dropped first', async () => {
    const { reads, readKeys } = startReads({ maxEntries: 2 });

    for (const key of ['a', 'b', 'a', 'c', 'a', 'b']) await reads.get(key);
    expect(readKeys).toEqual(['a', 'b', 'c', 'b']);
  });
});
