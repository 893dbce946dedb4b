import { storedAgeMs } from '../stored-time.ts';

const DAY_MS = 24 * 60 * 60 * 1000;

/** A key counts as never used this long after its creation. */
export const NEVER_USED_AFTER_DAYS = 14;

/** The admins of a team are asked about its unused keys at most once in this time. */
const REVIEW_EVERY_MS = 30 * DAY_MS;

/**
 * Returns whether a team's unused keys can be reviewed again.
 *
 * @param reviewedAtMs of the last review that isn't in the future
 */
export function isReviewDue(reviewedAtMs: number | undefined, nowMs: number): boolean {
  return reviewedAtMs === undefined || nowMs - reviewedAtMs >= REVIEW_EVERY_MS;
}

interface KeyUse {
  createdAtMs: number;
  /** Undefined before the first use. */
  lastUsedAtMs: number | undefined;
  /** Until when nobody is asked about the key; undefined if nobody chose to keep it. */
  keptUntilMs: number | undefined;
}

/** Returns whether a key was never used since some days, or has been silent for as long as the policy says. */
function isUnused({ createdAtMs, lastUsedAtMs }: KeyUse, unusedAfterDays: number, nowMs: number): boolean {
  return lastUsedAtMs === undefined
    ? isOlder(createdAtMs, NEVER_USED_AFTER_DAYS, nowMs)
    : isOlder(lastUsedAtMs, unusedAfterDays, nowMs);
}

/** Returns whether the admins are asked about an unused key: nobody chose to keep it in the last days of the policy. */
export function needsReview(key: KeyUse, unusedAfterDays: number, nowMs: number): boolean {
  const { keptUntilMs } = key;
  // A later end was chosen before the clock was set back.
  const latestMs = nowMs + unusedAfterDays * DAY_MS;
  const isKept = keptUntilMs !== undefined && nowMs < keptUntilMs && keptUntilMs <= latestMs;
  return !isKept && isUnused(key, unusedAfterDays, nowMs);
}

/** Returns until when a key that someone keeps isn't asked about. */
export function keptUntilMs(unusedAfterDays: number, nowMs: number): number {
  return nowMs + unusedAfterDays * DAY_MS;
}

/** A time in the future is from before the clock was set back, so its age is unknown. */
function isOlder(atMs: number, days: number, nowMs: number): boolean {
  return (storedAgeMs(atMs, nowMs) ?? 0) >= days * DAY_MS;
}
