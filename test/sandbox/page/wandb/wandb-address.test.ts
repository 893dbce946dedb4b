import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  formatAge,
  formatBytes,
  formatDuration,
  formatTime,
} from '../../../../src/sandbox/page/wandb/shown-time.ts';
import {
  readWandbPath,
  runTabs,
  type WandbPlace,
  writeWandbPath,
} from '../../../../src/sandbox/page/wandb/wandb-address.ts';

const path = { entity: 'ml-platform', project: 'demo', run: 'abc' };

describe('The address in the W&B tab', () => {
  it.each<[string, WandbPlace]>([
    ['', { view: 'projects' }],
    ['ml-platform', { view: 'projects' }],
    ['ml-platform/demo', { view: 'runs', entity: 'ml-platform', project: 'demo' }],
    ['ml-platform/demo/workspace', { view: 'runs', entity: 'ml-platform', project: 'demo' }],
    ['/ml-platform//demo/runs/', { view: 'runs', entity: 'ml-platform', project: 'demo' }],
    ['ml-platform/demo/runs/abc', { view: 'run', path, tab: 'charts' }],
    ['ml-platform/demo/runs/abc/logs', { view: 'run', path, tab: 'logs' }],
    ['ml-platform/demo/runs/abc/unknown/more', { view: 'run', path, tab: 'charts' }],
  ])('%j names a place as W&B’s own addresses do', (text, place) => {
    expect(readWandbPath(text)).toEqual(place);
  });

  it('leads back to each place', () => {
    const name = fc.stringMatching(/^[^/\\#?%:]{1,9}$/);
    const places = fc.oneof(
      fc.record({ view: fc.constant('runs' as const), entity: name, project: name }),
      fc.record({
        view: fc.constant('run' as const),
        path: fc.record({ entity: name, project: name, run: name }),
        tab: fc.constantFrom(...runTabs),
      }),
    );
    fc.assert(
      fc.property(places, (place) => {
        expect(readWandbPath(writeWandbPath(place))).toEqual(place);
      }),
    );
  });
});

describe('The times and sizes in the W&B tab', () => {
  it.each([
    [-5, '0s'],
    [0.9, '0s'],
    [45.6, '45s'],
    [125, '2m 5s'],
    [3600, '1h'],
    [3803, '1h 3m 23s'],
    [183_845, '2d 3h 4m'],
    [Number.NaN, '0s'],
  ])('shows %d seconds as W&B does', (seconds, text) => {
    expect(formatDuration(seconds)).toBe(text);
  });

  it('shows an age as a single unit', () => {
    expect(
      [0, 9_999, 75_000, 7_300_000, Number.NaN].map((ageMs) => formatAge(1_000_000 - ageMs, 1_000_000)),
    ).toEqual(['just now', 'just now', '1m ago', '2h ago', 'just now']);
  });

  it('shows nothing for a time outside the calendar', () => {
    expect(formatTime(Number.MAX_VALUE)).toBe('');
  });

  it('shows sizes in bytes and decimal units', () => {
    expect([0, 999, 1500, 16_000_000, 5e12].map(formatBytes)).toEqual([
      '0B',
      '999B',
      '1.5KB',
      '16.0MB',
      '5000.0GB',
    ]);
  });
});
