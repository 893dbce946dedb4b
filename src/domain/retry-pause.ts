const FIRST_PAUSE_MS = 60_000;
const LONGEST_PAUSE_MS = 60 * 60_000;

/**
 * How long nobody tries again to finish something on another system, after this many tries before. Also how long one try
 * has: longer than its calls may take.
 */
export function retryPauseMs(triesBefore: number): number {
  return Math.min(FIRST_PAUSE_MS * 2 ** triesBefore, LONGEST_PAUSE_MS);
}
