import { expect, test } from 'vitest';
import { decideNotice, LONGEST_WAIT_MS, noticeAtMs } from '../../../src/domain/care/expiry-notice.ts';

const DAY_MS = 24 * 60 * 60_000;
const HOUR_MS = DAY_MS / 24;
/** At noon. */
const EXPIRES_MS = Date.UTC(2027, 0, 31, 12);
const daysBefore = (days: number) => EXPIRES_MS - days * DAY_MS;

test.each([
  ['long before', undefined, daysBefore(90), { kind: 'wait', untilMs: daysBefore(14) }],
  ['14 days before', undefined, daysBefore(14), { kind: 'notify', daysBefore: 14 }],
  ['later, after the first notice', 14, daysBefore(13), { kind: 'wait', untilMs: daysBefore(3) }],
  ['3 days before', 14, daysBefore(3), { kind: 'notify', daysBefore: 3 }],
  ['after the second notice', 3, daysBefore(2), { kind: 'wait', untilMs: daysBefore(0.5) }],
  ['on its day', 3, daysBefore(0.5), { kind: 'notify', daysBefore: 0 }],
  ['on its day after the last notice', 0, daysBefore(0.1), { kind: 'done' }],
  ['10 days before, created now', undefined, daysBefore(10), { kind: 'notify', daysBefore: 14 }],
  ['2 days before without a notice', undefined, daysBefore(2), { kind: 'notify', daysBefore: 3 }],
  ['one hour before without a notice', undefined, EXPIRES_MS - HOUR_MS, { kind: 'notify', daysBefore: 0 }],
  ['one hour before after a stop of weeks', 14, EXPIRES_MS - HOUR_MS, { kind: 'notify', daysBefore: 0 }],
  // The clock may be ahead for a while.
  ['when it expires', 3, EXPIRES_MS, { kind: 'wait', untilMs: EXPIRES_MS + LONGEST_WAIT_MS }],
  ['15 days after', 3, EXPIRES_MS + LONGEST_WAIT_MS, { kind: 'done' }],
  ['long after', undefined, EXPIRES_MS + 90 * DAY_MS, { kind: 'done' }],
  [
    'when the clock was set back after a notice',
    3,
    daysBefore(20),
    { kind: 'wait', untilMs: daysBefore(0.5) },
  ],
  ['when someone lets it expire', -1, daysBefore(14), { kind: 'done' }],
] as const)('the notice of a key %s', (_, noticedDaysBefore, nowMs, decision) => {
  expect(decideNotice({ expiresAtMs: EXPIRES_MS, noticedDaysBefore }, nowMs)).toEqual(decision);
});

test.each([
  ['at the end of a day', Date.UTC(2027, 0, 31, 23, 59, 59), Date.UTC(2027, 0, 31)],
  ['at the start of a day', Date.UTC(2027, 0, 31, 0, 5), Date.UTC(2027, 0, 30, 16, 5)],
])('the last notice leaves time to replace a key that expires %s', (_, expiresAtMs, atMs) => {
  expect(noticeAtMs(expiresAtMs, 0)).toBe(atMs);
});
