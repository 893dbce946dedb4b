import { storedAgeMs } from './stored-time.ts';

const MINUTE_MS = 60_000;
/** No attempt is scheduled further ahead. */
export const LONGEST_PAUSE_MS = 60 * MINUTE_MS;

/** Returns the pause before the next attempt of a failed job: twice as long as the previous one. */
function doublingFrom(firstMs: number): (triesBefore: number) => number {
  return (triesBefore) => Math.min(firstMs * 2 ** triesBefore, LONGEST_PAUSE_MS);
}

export const retryPauseMs = doublingFrom(MINUTE_MS);
/** Slack is rarely unavailable for longer than a few seconds. */
export const notificationPauseMs = doublingFrom(15_000);

/**
 * After this many attempts, one to two hours, a person is notified that an admin has to act. Shorter causes, such as a
 * restart of the server, resolve themselves; retries go on every hour.
 */
export const STALLED_AFTER_TRIES = 7;

/** After this many attempts, about three days, a notification that Slack never accepted is given up. */
export const NOTIFICATION_ATTEMPTS = 80;

/** Counted from when an attempt was abandoned. Queues of a server or a proxy drain in minutes; a day covers the rare exceptions. */
const LATE_CHECKS_AFTER_MS = [5, 30, 2 * 60, 6 * 60, 24 * 60].map((minutes) => minutes * MINUTE_MS);
export const LAST_LATE_CHECK_AFTER_MS = 24 * 60 * MINUTE_MS;

/**
 * Returns when to check next whether the server carried out an attempt after all that was abandoned at `abandonedAtMs`. Returns
 * undefined after the last check, and for a time in the future, from before the clock was set back: its schedule would never end.
 */
export function nextLateCheckMs(abandonedAtMs: number, nowMs: number): number | undefined {
  if (storedAgeMs(abandonedAtMs, nowMs) === undefined) return undefined;
  return LATE_CHECKS_AFTER_MS.map((afterMs) => abandonedAtMs + afterMs).find((atMs) => atMs > nowMs);
}
