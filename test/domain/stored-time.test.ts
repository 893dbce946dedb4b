import { expect, test } from 'vitest';
import { CLOCK_TOLERANCE_MS, storedAgeMs } from '../../src/domain/stored-time.ts';

const NOW_MS = Date.UTC(2026, 0, 15);

test.each([
  ['a time in the past', NOW_MS - 5_000, 5_000],
  ['now', NOW_MS, 0],
  ['a time that another replica’s clock may show', NOW_MS + CLOCK_TOLERANCE_MS, 0],
  ['a time in the future', NOW_MS + CLOCK_TOLERANCE_MS + 1, undefined],
  ['a time in a year', NOW_MS + 365 * 86_400_000, undefined],
  ['no number', Number.NaN, undefined],
])('the age of %s', (_, storedAtMs, ageMs) => {
  expect(storedAgeMs(storedAtMs, NOW_MS)).toBe(ageMs);
});
