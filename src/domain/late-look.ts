const MINUTE_MS = 60_000;

/** After the end of an operation. A server's queue, or a proxy's, empties in minutes; what hung for a day is rare. */
const LOOKS_AFTER_MS = [5, 30, 2 * 60, 6 * 60, 24 * 60].map((minutes) => minutes * MINUTE_MS);

/**
 * When to look once more whether a server has carried something out after all that was given up at `endedAtMs`; undefined
 * after the last time.
 */
export function nextLateLookMs(endedAtMs: number, nowMs: number): number | undefined {
  return LOOKS_AFTER_MS.map((afterMs) => endedAtMs + afterMs).find((atMs) => atMs > nowMs);
}
