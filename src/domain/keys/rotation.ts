const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** How long the old key of a rotation can keep working beside the new one, in hours. */
export const OVERLAP_HOURS = [1, 24, 3 * 24, 7 * 24, 14 * 24, 30 * 24] as const;
export const DEFAULT_OVERLAP_HOURS = 7 * 24;

/** By how much the overlap of a rotation can be extended at a time. */
export const EXTENSION_MS = 7 * DAY_MS;

/** Returns the overlap that a form's choice names, in milliseconds; undefined for one that no form has. */
export function readOverlapMs(choice: string | undefined): number | undefined {
  const hours = OVERLAP_HOURS.find((one) => String(one) === choice);
  return hours === undefined ? undefined : hours * HOUR_MS;
}

/** The longest overlap, also of one that was extended. */
const LONGEST_OVERLAP_MS = 30 * DAY_MS;

/** Returns how far an overlap can be extended: to its longest, or to the old key's own expiry if that comes first. */
export function latestEndMs(startedAtMs: number, ownExpiryMs: number | undefined): number {
  return oldKeyExpiryMs(startedAtMs + LONGEST_OVERLAP_MS, ownExpiryMs);
}

/** Returns when the old key expires: at the end of the overlap or at its own expiry, whichever comes first. */
export function oldKeyExpiryMs(overlapUntilMs: number, ownExpiryMs: number | undefined): number {
  return Math.min(overlapUntilMs, ownExpiryMs ?? Number.POSITIVE_INFINITY);
}

/** What decides about an old key while both keys of its rotation work. Times are in milliseconds since the epoch. */
export interface Overlap {
  /** When the new key reached its person. */
  startedAtMs: number;
  /** When the old key expires. */
  endsAtMs: number;
  /** Whether the old key is revoked when it is no longer used. */
  revokesUnused: boolean;
  /** Whether the contact was asked about the old key. */
  wasAsked: boolean;
  oldLastUsedAtMs: number | undefined;
  /** The longest pause between two uses of the old key in the last 90 days; undefined if none was longer than 12 hours. */
  oldLongestPauseMs: number | undefined;
  newLastUsedAtMs: number | undefined;
}

/** Shorter pauses between two uses of a key aren't recorded. */
export const SHORTEST_PAUSE_MS = 12 * HOUR_MS;
/** How long a pause counts after it ended. */
export const PAUSE_KEPT_MS = 90 * DAY_MS;

/** Returns how long a key must be quiet before it counts as no longer used: a day, and twice its longest pause. */
export function requiredQuietMs(longestPauseMs: number | undefined): number {
  return Math.max(DAY_MS, 2 * (longestPauseMs ?? SHORTEST_PAUSE_MS));
}

/**
 * Returns when the contact is asked about an old key that is still used: in the last tenth of the overlap, at least an hour before
 * its end, but not in its first half.
 */
export function askFromMs({ startedAtMs, endsAtMs }: Pick<Overlap, 'startedAtMs' | 'endsAtMs'>): number {
  const overlapMs = endsAtMs - startedAtMs;
  return endsAtMs - Math.min(Math.max(overlapMs / 10, HOUR_MS), overlapMs / 2);
}

/** `end`: the old key has expired. `revoke`: it is no longer used. `ask`: it is still used, and little time is left. */
export type RotationStep = { step: 'end' | 'revoke' | 'ask' } | { step: 'wait'; untilMs: number };

/** Decides what happens with the old key of a rotation now. */
export function rotationStep(overlap: Overlap, nowMs: number): RotationStep {
  const { startedAtMs, endsAtMs, revokesUnused, wasAsked, newLastUsedAtMs } = overlap;
  if (nowMs >= endsAtMs) return { step: 'end' };
  const quietSinceMs = Math.max(overlap.oldLastUsedAtMs ?? 0, startedAtMs);
  const isQuiet = nowMs - quietSinceMs >= requiredQuietMs(overlap.oldLongestPauseMs);
  if (revokesUnused && newLastUsedAtMs !== undefined && isQuiet) return { step: 'revoke' };
  const isAskable = nowMs >= askFromMs(overlap);
  if (isAskable && !wasAsked && isStillUsed(overlap, nowMs)) return { step: 'ask' };
  return { step: 'wait', untilMs: nextLookMs(overlap, nowMs) };
}

/** Returns whether an old key was used lately, since the new one reached its person. A use in the future is of unknown age. */
export function isStillUsed(
  { startedAtMs, oldLastUsedAtMs }: Pick<Overlap, 'startedAtMs' | 'oldLastUsedAtMs'>,
  nowMs: number,
): boolean {
  return oldLastUsedAtMs !== undefined && oldLastUsedAtMs > Math.max(startedAtMs, nowMs - DAY_MS);
}

const OFTEN_MS = 5 * MINUTE_MS;
const SELDOM_MS = 30 * MINUTE_MS;
/** The longest time between two looks at a rotation. */
export const LONGEST_LOOK_MS = SELDOM_MS;

/** People look at the card in its first hours, and near the end. */
function nextLookMs(overlap: Overlap, nowMs: number): number {
  const { startedAtMs, endsAtMs } = overlap;
  const isNear = nowMs < startedAtMs + 2 * HOUR_MS || nowMs > endsAtMs - 2 * HOUR_MS;
  const times = [endsAtMs, askFromMs(overlap), nowMs + (isNear ? OFTEN_MS : SELDOM_MS)];
  return Math.min(...times.filter((atMs) => atMs > nowMs));
}
