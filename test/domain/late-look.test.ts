import { expect, it } from 'vitest';
import { nextLateCheckMs } from '../../src/domain/backoff.ts';

it('What may come late is looked for after 5 minutes, half an hour, 2, 6 and 24 hours, and then no more', () => {
  const minutes: number[] = [];
  let next = nextLateCheckMs(0, 0);
  while (next !== undefined) {
    minutes.push(next / 60_000);
    next = nextLateCheckMs(0, next);
  }
  expect(minutes).toEqual([5, 30, 120, 360, 1440]);
  // Looks that were missed meanwhile are one.
  expect(nextLateCheckMs(0, 100 * 60_000)).toBe(120 * 60_000);
});
