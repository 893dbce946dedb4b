import { describe, expect, it } from 'vitest';
import {
  ACCESS_REQUEST_STATES,
  isUndecided,
  LAPSES_AFTER_MS,
  REMINDED_AFTER_MS,
  requestStep,
  URGENT_LIFE_MS,
} from '../../../src/domain/requests/request-state.ts';

const NOW_MS = Date.UTC(2026, 10, 30);
const HOUR_MS = 60 * 60 * 1000;
const open = {
  state: 'open',
  createdAtMs: NOW_MS,
  remindedAtMs: undefined,
  confirmUntilMs: undefined,
} as const;
const reminded = { ...open, remindedAtMs: NOW_MS + REMINDED_AFTER_MS };
const granted = { ...open, state: 'granted', confirmUntilMs: NOW_MS + URGENT_LIFE_MS } as const;

describe('As time passes, a request', () => {
  it.each([
    ['waits for its reminder', open, 0, { kind: 'wait', untilMs: NOW_MS + REMINDED_AFTER_MS }],
    ['reminds its approvers after two days', open, REMINDED_AFTER_MS, { kind: 'remind' }],
    [
      'reminds once, then waits',
      reminded,
      REMINDED_AFTER_MS + 1,
      { kind: 'wait', untilMs: NOW_MS + LAPSES_AFTER_MS },
    ],
    ['lapses after seven days', reminded, LAPSES_AFTER_MS, { kind: 'lapse' }],
    ['lapses without a reminder where nothing ran for a week', open, LAPSES_AFTER_MS + 1, { kind: 'lapse' }],
    ['waits where the clock was set back a little', open, -HOUR_MS, { kind: 'wait', untilMs: NOW_MS }],
    [
      'waits at most a week where the clock was set back by a year',
      open,
      -365 * 24 * HOUR_MS,
      { kind: 'wait', untilMs: NOW_MS - 365 * 24 * HOUR_MS + LAPSES_AFTER_MS },
    ],
    ['waits for its confirmation', granted, HOUR_MS, { kind: 'wait', untilMs: NOW_MS + URGENT_LIFE_MS }],
    ['ends unconfirmed after four hours', granted, URGENT_LIFE_MS, { kind: 'lapse' }],
    ['ends where the clock was set back while it was urgent', granted, -HOUR_MS, { kind: 'lapse' }],
    ...ACCESS_REQUEST_STATES.filter((state) => !isUndecided(state)).map(
      (state) =>
        [`needs nothing once ${state}`, { ...open, state }, LAPSES_AFTER_MS, { kind: 'none' }] as const,
    ),
  ] as const)('%s', (_title, request, afterMs, step) => {
    expect(requestStep(request, NOW_MS + afterMs)).toEqual(step);
  });
});
