import { describe, expect, test } from 'vitest';
import { nextLateCheckMs, notificationPauseMs } from '../../src/domain/backoff.ts';

describe('The pause before the next notification attempt', () => {
  test('doubles with every attempt, from 15 seconds up to an hour', () => {
    const seconds = [0, 1, 2, 3, 7, 8, 9, 5_000].map((tries) => notificationPauseMs(tries) / 1000);
    expect(seconds).toEqual([15, 30, 60, 120, 1920, 3600, 3600, 3600]);
  });
});

describe('Checks for late effects', () => {
  test('run 5 minutes, half an hour, 2, 6 and 24 hours after the end, and then never again', () => {
    const minutes: number[] = [];
    let next = nextLateCheckMs(0, 0);
    while (next !== undefined) {
      minutes.push(next / 60_000);
      next = nextLateCheckMs(0, next);
    }
    expect(minutes).toEqual([5, 30, 120, 360, 1440]);
  });

  test('end at once for an end in the future, which was stored before the clock was set back', () => {
    expect(nextLateCheckMs(100 * 60_000, 0)).toBeUndefined();
    expect(nextLateCheckMs(30_000, 0)).toBe(30_000 + 5 * 60_000);
  });

  test('run once for all those that were missed meanwhile', () => {
    expect(nextLateCheckMs(0, 100 * 60_000)).toBe(120 * 60_000);
  });
});
