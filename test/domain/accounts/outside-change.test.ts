import { expect, test } from 'vitest';
import { digestWindow, nextKeyReminderMs } from '../../../src/domain/accounts/outside-change.ts';

const at = (time: string) => Date.parse(`2026-11-${time}Z`);
const DAY_MS = 24 * 60 * 60_000;

test.each([
  ['30T08:00:00', '30T08:00:00'],
  ['30T07:59:59', '29T08:00:00'],
  ['30T23:59:59', '30T08:00:00'],
])('a change recorded at %s belongs to the digest of the day from %s', (recorded, since) => {
  expect(digestWindow(at(recorded))).toEqual({ sinceMs: at(since), untilMs: at(since) + DAY_MS });
});

test('the digest is found again by the beginning of its day', () => {
  const { sinceMs, untilMs } = digestWindow(at('30T12:00:00'));
  expect(digestWindow(sinceMs)).toEqual({ sinceMs, untilMs });
  expect(digestWindow(untilMs).sinceMs).toBe(untilMs);
});

test('the admins are reminded of remaining keys weekly and up to four times, whenever the reminder runs', () => {
  const goneAtMs = at('01T10:00:00');
  const next = (days: number) => {
    const nextMs = nextKeyReminderMs(goneAtMs, goneAtMs + days * DAY_MS);
    return nextMs && (nextMs - goneAtMs) / DAY_MS;
  };
  expect([0, 6.9, 7, 14, 20.9].map(next)).toEqual([7, 7, 14, 21, 21]);
  expect([21, 300].map(next)).toEqual([undefined, undefined]);
  // The clock was set back.
  expect(next(-3)).toBe(7);
});
