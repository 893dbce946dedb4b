import { CLOCK_TOLERANCE_MS, storedAgeMs } from '../stored-time.ts';

/**
 * `granted`: an urgent request whose account exists until the approvers confirm it, or until its time is over. `lapsed`: nobody decided
 * in time.
 */
export const ACCESS_REQUEST_STATES = [
  'open',
  'granted',
  'approved',
  'denied',
  'withdrawn',
  'lapsed',
] as const;
export type AccessRequestState = (typeof ACCESS_REQUEST_STATES)[number];

/** Returns whether the request still waits for a decision. */
export function isUndecided(state: AccessRequestState): state is 'open' | 'granted' {
  return state === 'open' || state === 'granted';
}

/** The most requests that wait for a decision at a time. */
export const MOST_OPEN_REQUESTS = { person: 10, team: 100 } as const;

const HOUR_MS = 60 * 60 * 1000;
const DAY_MS = 24 * HOUR_MS;
/** When the approvers of an open request are reminded, once. */
export const REMINDED_AFTER_MS = 2 * DAY_MS;
export const LAPSES_AFTER_MS = 7 * DAY_MS;
/** How long the account of an urgent request exists until it is confirmed. */
export const URGENT_LIFE_MS = 4 * HOUR_MS;

/** Returns whether a request lapsed before its time: its requester left the team, or the team was archived. */
export function lapsedEarly(request: {
  isUrgent: boolean;
  createdAtMs: number;
  decidedAtMs: number | undefined;
}): boolean {
  const { isUrgent, createdAtMs, decidedAtMs = createdAtMs + LAPSES_AFTER_MS } = request;
  return !isUrgent && decidedAtMs - createdAtMs < LAPSES_AFTER_MS;
}

/** What the passing of time does to a request. */
export type RequestStep =
  | { kind: 'remind' | 'lapse' }
  | { kind: 'wait'; untilMs: number }
  /** Nothing is left to do. */
  | { kind: 'none' };

/** Returns what a request that waits for a decision needs now. */
export function requestStep(
  request: {
    state: AccessRequestState;
    createdAtMs: number;
    remindedAtMs: number | undefined;
    /** Set for an urgent request. */
    confirmUntilMs: number | undefined;
  },
  nowMs: number,
): RequestStep {
  const { state, createdAtMs, remindedAtMs, confirmUntilMs = 0 } = request;
  if (state === 'granted') {
    // Further ahead, the clock was set back: the account may have lived for longer than its time.
    const isOver = confirmUntilMs <= nowMs || confirmUntilMs > nowMs + URGENT_LIFE_MS + CLOCK_TOLERANCE_MS;
    return isOver ? { kind: 'lapse' } : { kind: 'wait', untilMs: confirmUntilMs };
  }
  if (state !== 'open') return { kind: 'none' };
  const ageMs = storedAgeMs(createdAtMs, nowMs);
  // The clock was set back by more than the request's life, or a little: its time starts when the clock has caught up.
  if (ageMs === undefined) return { kind: 'wait', untilMs: Math.min(createdAtMs, nowMs + LAPSES_AFTER_MS) };
  if (ageMs >= LAPSES_AFTER_MS) return { kind: 'lapse' };
  if (remindedAtMs !== undefined) return { kind: 'wait', untilMs: createdAtMs + LAPSES_AFTER_MS };
  return ageMs >= REMINDED_AFTER_MS
    ? { kind: 'remind' }
    : { kind: 'wait', untilMs: createdAtMs + REMINDED_AFTER_MS };
}
