import { describe, expect, it } from 'vitest';
import { notificationPauseMs } from '../../src/domain/backoff.ts';

describe('The pause before somebody is told again', () => {
  it('doubles with every try, from 15 seconds to an hour, and no further', () => {
    const seconds = [0, 1, 2, 3, 7, 8, 9, 5_000].map((tries) => notificationPauseMs(tries) / 1000);
    expect(seconds).toEqual([15, 30, 60, 120, 1920, 3600, 3600, 3600]);
  });
});
