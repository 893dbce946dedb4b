import { expect, test } from 'vitest';
import { keptUntilMs, needsReview } from '../../../src/domain/care/unused-key.ts';

const DAY_MS = 24 * 60 * 60_000;
const NOW_MS = Date.UTC(2026, 10, 30);
const daysAgo = (days: number) => NOW_MS - days * DAY_MS;

test.each([
  ['a new key', { createdAtMs: daysAgo(13) }, false],
  ['a key that was never used', { createdAtMs: daysAgo(14) }, true],
  ['an old key that is used', { createdAtMs: daysAgo(400), lastUsedAtMs: daysAgo(89) }, false],
  ['a silent key', { createdAtMs: daysAgo(400), lastUsedAtMs: daysAgo(90) }, true],
  ['a kept key', { createdAtMs: daysAgo(400), keptUntilMs: NOW_MS + 1 }, false],
  ['a key whose time is over', { createdAtMs: daysAgo(400), keptUntilMs: NOW_MS }, true],
  [
    'a key that was kept before the clock was set back',
    { createdAtMs: daysAgo(400), keptUntilMs: daysAgo(-400) },
    true,
  ],
  ['a key created before the clock was set back', { createdAtMs: daysAgo(-400) }, false],
  [
    'a key used before the clock was set back',
    { createdAtMs: daysAgo(400), lastUsedAtMs: daysAgo(-400) },
    false,
  ],
])('whether the admins are asked about %s', (_, key, isAsked) => {
  const use = { lastUsedAtMs: undefined, keptUntilMs: undefined, ...key };
  expect(needsReview(use, 90, NOW_MS)).toBe(isAsked);
});

test('a key is kept for the days of the policy', () => {
  const kept = { createdAtMs: daysAgo(400), lastUsedAtMs: undefined, keptUntilMs: keptUntilMs(30, NOW_MS) };
  expect(needsReview(kept, 30, NOW_MS + 30 * DAY_MS - 1)).toBe(false);
  expect(needsReview(kept, 30, NOW_MS + 30 * DAY_MS)).toBe(true);
});
