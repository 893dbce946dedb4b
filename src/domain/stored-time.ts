/**
 * How far the clocks of two replicas may differ. A stored time further ahead was written before the clock was set back, so its age
 * is unknown.
 */
export const CLOCK_TOLERANCE_MS = 60_000;

/** Returns how long ago a stored time was. Undefined for a time in the future, whose age is unknown and which is never fresh. */
export function storedAgeMs(storedAtMs: number, nowMs: number): number | undefined {
  const ageMs = nowMs - storedAtMs;
  if (ageMs >= 0) return ageMs;
  return ageMs >= -CLOCK_TOLERANCE_MS ? 0 : undefined;
}
