import { DEFAULT_POLICY, type EffectivePolicy, type PolicySource } from '../organization/policy.ts';

/** When a new key expires: some days after it was created, at a time, or never. */
export type KeyExpiry = { days: number } | { atMs: number } | 'never';

/** The lifetimes that forms offer, in days. */
export const OFFERED_KEY_DAYS = [30, 90, 180, 365] as const;
const LONGEST_OFFERED_DAYS = Math.max(...OFFERED_KEY_DAYS);
export const DEFAULT_KEY_EXPIRY = { days: 90 } as const satisfies KeyExpiry;

const DAY_MS = 24 * 60 * 60 * 1000;

/** Returns when a key expires, in milliseconds since the epoch; undefined if never. */
export function expiryMs(createdAtMs: number, expiry: KeyExpiry): number | undefined {
  if (expiry === 'never') return undefined;
  return 'days' in expiry ? createdAtMs + expiry.days * DAY_MS : expiry.atMs;
}

const DATE = /^\d{4}-\d{2}-\d{2}$/;

/**
 * Returns the expiry of a key that is valid through a day in UTC. Its last second is the expiry, so that messages show that day.
 *
 * @param date as in a date picker: `2026-11-30`
 * @returns undefined if there is no such day
 */
export function expiryOnDate(date: string): { atMs: number } | undefined {
  const startMs = DATE.test(date) ? Date.parse(`${date}T00:00:00Z`) : Number.NaN;
  if (Number.isNaN(startMs) || new Date(startMs).toISOString().slice(0, 10) !== date) return undefined;
  return { atMs: startMs + DAY_MS - 1000 };
}

export type KeyExpiryProblem = 'not_offered' | 'no_date' | 'in_the_past' | 'never_not_allowed' | 'too_long';

/** What a policy allows for the expiry of keys. */
export interface KeyExpiryRules {
  mayNeverExpire: boolean;
  /** Undefined where keys may live without end. */
  longestDays: number | undefined;
  /** Where the limit is set. */
  setBy: PolicySource;
}

export function expiryRulesOf({ longestKeyLifeDays, sources }: EffectivePolicy): KeyExpiryRules {
  return {
    mayNeverExpire: longestKeyLifeDays === undefined,
    longestDays: longestKeyLifeDays,
    setBy: sources.longestKeyLifeDays,
  };
}

/** The rules without a policy. */
export const DEFAULT_EXPIRY_RULES: KeyExpiryRules = expiryRulesOf(DEFAULT_POLICY);

/** Returns the expiry of a key that is created now, although it was promised under a policy with a longer life. */
export function withinLongestLife(
  expiry: KeyExpiry,
  { longestDays }: Pick<KeyExpiryRules, 'longestDays'>,
  nowMs: number,
): KeyExpiry {
  if (longestDays === undefined) return expiry;
  const endMs = expiryMs(nowMs, expiry) ?? Number.POSITIVE_INFINITY;
  return endMs > nowMs + longestDays * DAY_MS ? { days: longestDays } : expiry;
}

/** Returns the lifetimes that a form offers, in days, shortest first: those within the limit, and a short limit itself. */
export function offeredDays({ longestDays = Number.POSITIVE_INFINITY }: KeyExpiryRules): number[] {
  const within = OFFERED_KEY_DAYS.filter((days) => days <= longestDays);
  return within.length === 0 ? [longestDays] : within;
}

/** Returns the lifetime that a form preselects, in days. */
export function preselectedDays(rules: KeyExpiryRules): number {
  const offered = offeredDays(rules);
  return offered.includes(DEFAULT_KEY_EXPIRY.days)
    ? DEFAULT_KEY_EXPIRY.days
    : (offered.at(-1) ?? DEFAULT_KEY_EXPIRY.days);
}

/** Returns why a form may not create a key with this expiry now. */
export function keyExpiryProblem(
  expiry: KeyExpiry,
  rules: KeyExpiryRules,
  nowMs: number,
): KeyExpiryProblem | undefined {
  const { mayNeverExpire, longestDays = Number.POSITIVE_INFINITY } = rules;
  if (expiry === 'never') return mayNeverExpire ? undefined : 'never_not_allowed';
  if ('days' in expiry) {
    if (offeredDays(rules).includes(expiry.days)) return undefined;
    // A form may have offered it before the limit changed, but no form offers more than the longest lifetime.
    return expiry.days > longestDays && expiry.days <= LONGEST_OFFERED_DAYS ? 'too_long' : 'not_offered';
  }
  if (expiry.atMs <= nowMs) return 'in_the_past';
  return expiry.atMs - nowMs > longestDays * DAY_MS ? 'too_long' : undefined;
}

/** Returns the last day that can be chosen now, in UTC: `2026-11-30`. */
export function lastExpiryDay(longestDays: number, nowMs: number): string {
  return new Date(nowMs + longestDays * DAY_MS - (DAY_MS - 1000)).toISOString().slice(0, 10);
}

/** The end of an offered lifetime, which a form's field *Expires* can have beside a number of days. */
export const OTHER_EXPIRY_CHOICES = { onDate: 'date', never: 'never' } as const;

/**
 * Reads what was chosen in the field *Expires* and, for *On a date…*, in the field below it.
 *
 * @returns undefined for a choice that no form has
 */
export function readKeyExpiry(
  choice: string | undefined,
  date: string | undefined,
): KeyExpiry | 'no_date' | undefined {
  if (choice === OTHER_EXPIRY_CHOICES.never) return 'never';
  if (choice === OTHER_EXPIRY_CHOICES.onDate) return expiryOnDate(date ?? '') ?? 'no_date';
  return /^[1-9]\d{0,3}$/.test(choice ?? '') ? { days: Number(choice) } : undefined;
}
