const FIRST_PAUSE_MS = 60_000;
const LONGEST_PAUSE_MS = 60 * 60_000;

/**
 * After so many tries, which takes an hour or two, a person is told that it needs an admin's hands. Long enough for
 * a server that is restarted or a permission that is put right at once; it is tried on every hour.
 */
export const STALLED_AFTER_TRIES = 7;

/**
 * How long nobody tries again to finish something on another system, after this many tries before. Also how long one try
 * has: longer than its calls may take.
 */
export function retryPauseMs(triesBefore: number): number {
  return Math.min(FIRST_PAUSE_MS * 2 ** triesBefore, LONGEST_PAUSE_MS);
}

const FIRST_NOTIFICATION_PAUSE_MS = 15_000;
/**
 * How long nobody tries again to tell somebody, after this many tries before. Also how long one try has: longer than Slack's
 * calls may take, so that nobody begins while another is at it.
 */
export function notificationPauseMs(triesBefore: number): number {
  return Math.min(FIRST_NOTIFICATION_PAUSE_MS * 2 ** triesBefore, LONGEST_PAUSE_MS);
}

const MINUTE_MS = 60_000;

/** After the end of an operation. A server's queue, or a proxy's, empties in minutes; what hung for a day is rare. */
const LOOKS_AFTER_MS = [5, 30, 2 * 60, 6 * 60, 24 * 60].map((minutes) => minutes * MINUTE_MS);

/**
 * When to look once more whether a server has carried something out after all that was given up at `endedAtMs`; undefined
 * after the last time.
 */
export function nextLateCheckMs(endedAtMs: number, nowMs: number): number | undefined {
  return LOOKS_AFTER_MS.map((afterMs) => endedAtMs + afterMs).find((atMs) => atMs > nowMs);
}
