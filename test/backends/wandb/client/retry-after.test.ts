import { describe, expect, test } from 'vitest';
import { readRetryAfterSeconds } from '../../../../src/backends/wandb/client/response-failure.ts';

const NOW_MS = Date.UTC(2026, 10, 24, 6, 0, 0);

describe('Retry-After', () => {
  test.each([
    ['0', 0],
    ['120', 120],
    [' 7 ', 7],
    ['9'.repeat(400), 86_400],
    ['Tue, 24 Nov 2026 06:01:00 GMT', 60],
    ['Tuesday, 24-Nov-26 06:01:00 GMT', 60],
    ['Tue Nov 24 06:01:00 2026', 60],
    ['Tue, 24 Nov 2026 05:00:00 GMT', 0],
    ['Wed, 24 Nov 2027 06:00:00 GMT', 86_400],
  ])('%j is %d seconds', (header, seconds) => {
    expect(readRetryAfterSeconds(header, NOW_MS)).toBe(seconds);
  });

  test.each([null, '', '-1', '1.5', '1e3', 'soon', '2026-11-24T06:01:00Z', 'Tue, 99 Xyz 2026 06:01:00 GMT'])(
    '%j says nothing',
    (header) => {
      expect(readRetryAfterSeconds(header, NOW_MS)).toBeUndefined();
    },
  );
});
