import { describe, expect, it } from 'vitest';
import {
  DEFAULT_EXPIRY_RULES,
  DEFAULT_KEY_EXPIRY,
  expiryMs,
  expiryOnDate,
  expiryRulesOf,
  keyExpiryProblem,
  lastExpiryDay,
  OFFERED_KEY_DAYS,
  offeredDays,
  preselectedDays,
  readKeyExpiry,
} from '../../../src/domain/accounts/key-expiry.ts';
import { effectivePolicy } from '../../../src/domain/organization/policy.ts';

const NOW_MS = Date.UTC(2026, 0, 15, 12);
const DAY_MS = 24 * 60 * 60_000;
const ENDLESS = expiryRulesOf(effectivePolicy({ keysMayNeverExpire: true }, {}));
const MONTH = expiryRulesOf(effectivePolicy({ longestKeyLifeDays: 30 }, {}));
const WEEK = expiryRulesOf(effectivePolicy({}, { longestKeyLifeDays: 7 }));

describe('The expiry of a key', () => {
  it('is one of the offered lifetimes, and 90 days by default', () => {
    expect(OFFERED_KEY_DAYS).toEqual([30, 90, 180, 365]);
    expect(DEFAULT_KEY_EXPIRY).toEqual({ days: 90 });
  });

  it.each([
    [DEFAULT_EXPIRY_RULES, [30, 90, 180, 365], 90],
    [ENDLESS, [30, 90, 180, 365], 90],
    [MONTH, [30], 30],
    [WEEK, [7], 7],
    [expiryRulesOf(effectivePolicy({ longestKeyLifeDays: 100 }, {})), [30, 90], 90],
  ] as const)('is offered within the limit of %j', (rules, offered, preselected) => {
    expect(offeredDays(rules)).toEqual(offered);
    expect(preselectedDays(rules)).toBe(preselected);
  });

  it('can be a date whose last second is within the limit', () => {
    expect(lastExpiryDay(30, NOW_MS)).toBe('2026-02-13');
    expect(lastExpiryDay(30, Date.UTC(2026, 0, 15, 23, 59, 59))).toBe('2026-02-14');
  });

  it('comes after whole days of 24 hours, at a time, or never', () => {
    expect(expiryMs(NOW_MS, { days: 90 })).toBe(Date.UTC(2026, 3, 15, 12));
    expect(expiryMs(NOW_MS, { atMs: NOW_MS + 1 })).toBe(NOW_MS + 1);
    expect(expiryMs(NOW_MS, 'never')).toBeUndefined();
  });

  it('on a date is the last second of that day in UTC', () => {
    expect(expiryOnDate('2026-12-31')).toEqual({ atMs: Date.UTC(2026, 11, 31, 23, 59, 59) });
    expect(expiryOnDate('2028-02-29')).toEqual({ atMs: Date.UTC(2028, 1, 29, 23, 59, 59) });
  });

  it.each(['', '2026-02-30', '2026-13-01', '31.12.2026', '2026-12-31T00:00', '12026-01-01'])(
    'doesn’t accept %j as a date',
    (date) => {
      expect(expiryOnDate(date)).toBeUndefined();
    },
  );

  it.each([
    ['30', undefined, { days: 30 }],
    ['365', '2026-12-31', { days: 365 }],
    ['date', '2026-12-31', { atMs: Date.UTC(2026, 11, 31, 23, 59, 59) }],
    ['date', undefined, 'no_date'],
    ['date', 'soon', 'no_date'],
    ['never', undefined, 'never'],
    ['31', undefined, { days: 31 }],
    ['0', undefined, undefined],
    ['12345', undefined, undefined],
    [undefined, '2026-12-31', undefined],
  ] as const)('reads the choice %j with the date %j', (choice, date, expected) => {
    expect(readKeyExpiry(choice, date)).toEqual(expected);
  });

  it.each([
    ['an offered lifetime', { days: 30 }, DEFAULT_EXPIRY_RULES, undefined],
    ['another lifetime', { days: 31 }, DEFAULT_EXPIRY_RULES, 'not_offered'],
    ['a lifetime that no form offers', { days: 3_650 }, DEFAULT_EXPIRY_RULES, 'not_offered'],
    ['a later date', { atMs: NOW_MS + 1 }, DEFAULT_EXPIRY_RULES, undefined],
    ['an earlier date', { atMs: NOW_MS }, DEFAULT_EXPIRY_RULES, 'in_the_past'],
    ['never, without a policy', 'never', DEFAULT_EXPIRY_RULES, 'never_not_allowed'],
    ['a lifetime beyond the limit', { days: 90 }, MONTH, 'too_long'],
    ['the limit', { days: 30 }, MONTH, undefined],
    ['a short limit', { days: 7 }, WEEK, undefined],
    ['the last moment', { atMs: NOW_MS + 30 * DAY_MS }, MONTH, undefined],
    ['a moment later', { atMs: NOW_MS + 30 * DAY_MS + 1 }, MONTH, 'too_long'],
    ['a date in ten years', { atMs: NOW_MS + 3_650 * DAY_MS }, ENDLESS, undefined],
    ['never, where the policy allows it', 'never', ENDLESS, undefined],
  ] as const)('checks %s', (_, expiry, rules, problem) => {
    expect(keyExpiryProblem(expiry, rules, NOW_MS)).toBe(problem);
  });
});
