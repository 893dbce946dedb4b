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
