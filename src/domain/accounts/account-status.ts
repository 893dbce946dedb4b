/** The statuses by which a list of accounts can be filtered. */
export const ACCOUNT_STATUSES = ['active', 'expiring', 'unused', 'unowned', 'revoked'] as const;
export type AccountStatus = (typeof ACCOUNT_STATUSES)[number];

const DAY_MS = 24 * 60 * 60 * 1000;

/** A key that expires within this time is expiring. */
export const EXPIRING_WITHIN_MS = 14 * DAY_MS;
/** An account that wasn't used within this time after its creation counts as never used. */
export const NEVER_USED_AFTER_MS = 14 * DAY_MS;

/** What the marks of an account depend on. */
export interface AccountFacts {
  createdAtMs: number;
  /** The newest use of any of its credentials. */
  lastUsedAtMs: number | undefined;
  /** After how many days without use an account is reported, by the policy of its team. */
  unusedAfterDays: number;
  /** When the first of its keys expires that still work and aren't being replaced. */
  nextExpiryMs: number | undefined;
  /** Since when its contact is known to have left. */
  unownedSinceMs: number | undefined;
  isRotating: boolean;
  /** Whether one of its keys lives longer than the policy of its team allows now. */
  isBeyondPolicy: boolean;
}

export type AccountMark = 'expiring' | 'unused' | 'unowned' | 'rotating' | 'beyond_policy';

/** Returns what needs attention about an active account, the most urgent first. */
export function accountMarks(facts: AccountFacts, nowMs: number): AccountMark[] {
  const { nextExpiryMs, unownedSinceMs, isRotating } = facts;
  const marks: AccountMark[] = [];
  if (isRotating) marks.push('rotating');
  if (nextExpiryMs !== undefined && nextExpiryMs > nowMs && nextExpiryMs <= nowMs + EXPIRING_WITHIN_MS) {
    marks.push('expiring');
  }
  if (unownedSinceMs !== undefined) marks.push('unowned');
  if (isUnused(facts, nowMs)) marks.push('unused');
  if (facts.isBeyondPolicy) marks.push('beyond_policy');
  return marks;
}

function isUnused({ createdAtMs, lastUsedAtMs, unusedAfterDays }: AccountFacts, nowMs: number): boolean {
  return lastUsedAtMs === undefined
    ? createdAtMs <= nowMs - NEVER_USED_AFTER_MS
    : lastUsedAtMs <= nowMs - unusedAfterDays * DAY_MS;
}
