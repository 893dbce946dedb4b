import { expect, it } from 'vitest';
import { readSince } from '../../../src/domain/audit/since.ts';

const NOW = Date.UTC(2026, 10, 30, 14, 30);

it.each<[string, number | undefined]>([
  ['2026-11-01', Date.UTC(2026, 10, 1)],
  ['2026-11-01T08:15', Date.UTC(2026, 10, 1, 8, 15)],
  ['2026-11-01 08:15', Date.UTC(2026, 10, 1, 8, 15)],
  ['24h', NOW - 86_400_000],
  ['7 D', NOW - 7 * 86_400_000],
  ['2w', NOW - 14 * 86_400_000],
  ['30m', NOW - 1_800_000],
  ['today', Date.UTC(2026, 10, 30)],
  ['yesterday', Date.UTC(2026, 10, 29)],
  ['2026-02-31', undefined],
  ['2026-13-01', undefined],
  ['01/11/2026', undefined],
  ['soon', undefined],
  ['', undefined],
  ['99999d', undefined],
])('reads the time %j', (text, atMs) => {
  expect(readSince(text, NOW)).toBe(atMs);
});
