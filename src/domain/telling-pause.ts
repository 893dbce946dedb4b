const FIRST_PAUSE_MS = 15_000;
const LONGEST_PAUSE_MS = 60 * 60_000;

/**
 * How long nobody tries again to tell somebody, after this many tries before. Also how long one try has: longer than Slack's
 * calls may take, so that nobody begins while another is at it.
 */
export function tellingPauseMs(triesBefore: number): number {
  return Math.min(FIRST_PAUSE_MS * 2 ** triesBefore, LONGEST_PAUSE_MS);
}
