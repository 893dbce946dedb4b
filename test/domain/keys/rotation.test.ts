import { describe, expect, it } from 'vitest';
import {
  askFromMs,
  isStillUsed,
  OVERLAP_HOURS,
  type Overlap,
  oldKeyExpiryMs,
  type RotationStep,
  readOverlapMs,
  requiredQuietMs,
  rotationStep,
} from '../../../src/domain/keys/rotation.ts';

const HOUR_MS = 60 * 60_000;
const DAY_MS = 24 * HOUR_MS;
const START_MS = Date.UTC(2026, 0, 15, 12);
const WEEK: Overlap = {
  startedAtMs: START_MS,
  endsAtMs: START_MS + 7 * DAY_MS,
  revokesUnused: false,
  wasAsked: false,
  oldLastUsedAtMs: undefined,
  oldLongestPauseMs: undefined,
  newLastUsedAtMs: undefined,
};

describe('The overlap of a rotation', () => {
  it('is an hour, or 1, 3, 7, 14 or 30 days', () => {
    expect(OVERLAP_HOURS.map((hours) => hours / 24)).toEqual([1 / 24, 1, 3, 7, 14, 30]);
    expect(readOverlapMs('168')).toBe(7 * DAY_MS);
    expect(readOverlapMs('2')).toBeUndefined();
    expect(readOverlapMs(undefined)).toBeUndefined();
  });

  it.each([
    [10, undefined, 10],
    [10, 20, 10],
    [20, 10, 10],
  ])('that ends at %s, with a key that expires at %s, ends at %s', (overlap, own, end) => {
    expect(oldKeyExpiryMs(overlap, own)).toBe(end);
  });

  it.each([
    [HOUR_MS, HOUR_MS / 2],
    [DAY_MS, 2.4 * HOUR_MS],
    [7 * DAY_MS, 16.8 * HOUR_MS],
    [30 * DAY_MS, 3 * DAY_MS],
    [3 * HOUR_MS, HOUR_MS],
  ])('of %s ms has the contact asked %s ms before its end', (overlapMs, beforeMs) => {
    const endsAtMs = START_MS + overlapMs;
    expect(endsAtMs - askFromMs({ startedAtMs: START_MS, endsAtMs })).toBe(beforeMs);
  });
});

describe('An old key', () => {
  it.each([
    [undefined, DAY_MS],
    [12 * HOUR_MS, DAY_MS],
    [13 * HOUR_MS, 26 * HOUR_MS],
    [7 * DAY_MS, 14 * DAY_MS],
  ])('whose longest pause was %s ms must be quiet for %s ms', (pause, quiet) => {
    expect(requiredQuietMs(pause)).toBe(quiet);
  });

  const used = (overrides: Partial<Overlap>): Overlap => ({
    ...WEEK,
    revokesUnused: true,
    newLastUsedAtMs: START_MS + HOUR_MS,
    ...overrides,
  });
  const later = (ms: number) => START_MS + ms;
  const waits: Partial<RotationStep> = { step: 'wait' };

  it.each<[string, Overlap, number, Partial<RotationStep>]>([
    ['has expired', WEEK, WEEK.endsAtMs, { step: 'end' }],
    ['works until its last millisecond', WEEK, WEEK.endsAtMs - 1, waits],
    [
      'is quiet, but nobody asked for its revocation',
      used({ revokesUnused: false }),
      later(2 * DAY_MS),
      waits,
    ],
    [
      'is quiet, but the new key was never used',
      used({ newLastUsedAtMs: undefined }),
      later(2 * DAY_MS),
      waits,
    ],
    ['was never used', used({}), later(DAY_MS), { step: 'revoke' }],
    ['was never used, a moment too early', used({}), later(DAY_MS - 1), waits],
    [
      'was used before the start',
      used({ oldLastUsedAtMs: START_MS - DAY_MS }),
      later(DAY_MS),
      { step: 'revoke' },
    ],
    ['was used meanwhile', used({ oldLastUsedAtMs: later(HOUR_MS) }), later(DAY_MS), waits],
    [
      'is quiet for a day',
      used({ oldLastUsedAtMs: later(HOUR_MS) }),
      later(DAY_MS + HOUR_MS),
      { step: 'revoke' },
    ],
    ['paused for longer before', used({ oldLongestPauseMs: 2 * DAY_MS }), later(3 * DAY_MS), waits],
    [
      'is quiet for twice its pause',
      used({ oldLongestPauseMs: 2 * DAY_MS }),
      later(4 * DAY_MS),
      { step: 'revoke' },
    ],
    [
      'was used in the future, as the clock was set back',
      used({ oldLastUsedAtMs: later(5 * DAY_MS) }),
      later(2 * DAY_MS),
      waits,
    ],
    [
      'is used near the end',
      { ...WEEK, oldLastUsedAtMs: later(6.5 * DAY_MS) },
      later(6.6 * DAY_MS),
      { step: 'ask' },
    ],
    [
      'is used, long before the end',
      { ...WEEK, oldLastUsedAtMs: later(6 * DAY_MS) },
      later(6.1 * DAY_MS),
      waits,
    ],
    [
      'was asked about',
      { ...WEEK, wasAsked: true, oldLastUsedAtMs: later(6.5 * DAY_MS) },
      later(6.6 * DAY_MS),
      waits,
    ],
    ['isn’t used near the end', { ...WEEK, oldLastUsedAtMs: later(5 * DAY_MS) }, later(6.6 * DAY_MS), waits],
  ])('that %s', (_, overlap, nowMs, step) => {
    expect(rotationStep(overlap, nowMs)).toMatchObject(step);
  });

  it('is looked at every 5 minutes at first, then every 30, and exactly when something is due', () => {
    const until = (nowMs: number) => {
      const next = rotationStep(WEEK, nowMs);
      return next.step === 'wait' ? next.untilMs - nowMs : next.step;
    };
    expect(until(later(0))).toBe(5 * 60_000);
    expect(until(later(DAY_MS))).toBe(30 * 60_000);
    expect(until(askFromMs(WEEK) - 1000)).toBe(1000);
    expect(until(WEEK.endsAtMs - 1000)).toBe(1000);
  });

  it('counts as used only since the new one reached its person', () => {
    const overlap = { startedAtMs: START_MS, oldLastUsedAtMs: START_MS - 1 };
    expect(isStillUsed(overlap, START_MS + 1)).toBe(false);
    expect(isStillUsed({ ...overlap, oldLastUsedAtMs: START_MS + 1 }, START_MS + 2)).toBe(true);
  });
});
