import { storedAgeMs } from './stored-time.ts';

const MINUTE_MS = 60_000;
const FIRST_RETRY_PAUSE_MS = MINUTE_MS;
const FIRST_NOTIFICATION_PAUSE_MS = 15_000;
/** No attempt is scheduled further ahead. */
export const LONGEST_PAUSE_MS = 60 * MINUTE_MS;

/**
 * After this many attempts, one to two hours, a person is notified that an admin has to act. Shorter causes, such as a
 * restart of the server, resolve themselves; retries go on every hour.
 */
export const STALLED_AFTER_TRIES = 7;

/**
 * Returns the pause before the next attempt on the W&B server, which is also the lease of one attempt: longer than its
 * calls may take.
 */
export function retryPauseMs(triesBefore: number): number {
  return Math.min(FIRST_RETRY_PAUSE_MS * 2 ** triesBefore, LONGEST_PAUSE_MS);
}

/**
 * Returns the pause before the next attempt to notify a person, which is also the lease of one attempt: longer than Slack's
 * calls may take.
 */
export function notificationPauseMs(triesBefore: number): number {
  return Math.min(FIRST_NOTIFICATION_PAUSE_MS * 2 ** triesBefore, LONGEST_PAUSE_MS);
}

/** After this many attempts, about three days, a notification that Slack never accepted is given up. */
export const NOTIFICATION_ATTEMPTS = 80;

/** Counted from the end of an operation. Queues of a server or a proxy drain in minutes; a day covers the rare exceptions. */
const LATE_CHECKS_AFTER_MS = [5, 30, 2 * 60, 6 * 60, 24 * 60].map((minutes) => minutes * MINUTE_MS);
export const LAST_LATE_CHECK_AFTER_MS = 24 * 60 * MINUTE_MS;

/**
 * Returns when to check next whether the server carried out an operation after it was given up at `endedAtMs`. Returns
 * undefined after the last check, and for an end in the future, from before the clock was set back: its schedule would never end.
 */
export function nextLateCheckMs(endedAtMs: number, nowMs: number): number | undefined {
  if (storedAgeMs(endedAtMs, nowMs) === undefined) return undefined;
  return LATE_CHECKS_AFTER_MS.map((afterMs) => endedAtMs + afterMs).find((atMs) => atMs > nowMs);
}
