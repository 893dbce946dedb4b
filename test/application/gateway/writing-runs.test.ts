import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createWritingRuns, type WritingRunsOptions } from '../../../src/application/gateway/writing-runs.ts';
import type { WrittenRun } from '../../../src/application/ports/gateway.ts';
import { DAY_MS, NOW_MS } from '../../store/contract/world.ts';

const MINUTE_MS = 60_000;

const run = (runId: string, project = 'vision'): WrittenRun => ({ entity: 'ml-platform', project, runId });
const key = { accountId: 'sa_1', keyId: 'key1' };
const token = { accountId: 'sa_2', keyId: undefined };

/** `advance` lets time pass; `step` sets the wall clock. */
function openRuns(options: Partial<WritingRunsOptions> = {}) {
  const clock = { nowMs: NOW_MS, monotonicMs: 5 };
  const runs = createWritingRuns({
    now: () => clock.nowMs,
    monotonicMs: () => clock.monotonicMs,
    ...options,
  });
  const step = (ms: number) => {
    clock.nowMs += ms;
  };
  const advance = (ms: number) => {
    step(ms);
    clock.monotonicMs += ms;
  };
  return { ...runs, clock, step, advance };
}

describe('Writing a run', () => {
  test('is new for each account once, and again after the run was dropped', () => {
    const { wrote, advance } = openRuns();

    expect([wrote(key, run('r1')), wrote(key, run('r1')), wrote(token, run('r1'))]).toEqual([
      true,
      false,
      true,
    ]);
    advance(21 * MINUTE_MS);
    expect([wrote(key, run('r2')), wrote(key, run('r1'))]).toEqual([true, true]);
  });
});

describe('A finished run', () => {
  test('isn’t stopped or named until it is written again', () => {
    const { wrote, finished, shouldStop, ofAccount, clock } = openRuns();
    wrote(key, run('r1'));
    wrote(key, run('r2'));
    finished(key, run('r1'));
    finished(token, run('r2'));
    const ended = { ...key, endedAtMs: clock.nowMs };

    expect(ofAccount(key.accountId)).toEqual([run('r2')]);
    expect([shouldStop(ended, run('r1')), shouldStop(ended, run('r2'))]).toEqual([false, true]);
    expect(wrote(key, run('r1'))).toBe(true);
    expect(shouldStop(ended, run('r1'))).toBe(true);
  });
});

describe('A run whose credential ended', () => {
  test('is stopped for 10 minutes, if it wrote in the 10 minutes before', () => {
    const { wrote, shouldStop, clock, advance } = openRuns();
    wrote(key, run('r1'));
    advance(9 * MINUTE_MS);
    const ended = { ...key, endedAtMs: clock.nowMs };

    expect(shouldStop(ended, run('r1'))).toBe(true);
    advance(10 * MINUTE_MS);
    expect(shouldStop(ended, run('r1'))).toBe(true);
    advance(1);
    expect(shouldStop(ended, run('r1'))).toBe(false);
  });

  test('is remembered until then, although other runs are written meanwhile', () => {
    const { wrote, shouldStop, clock, advance } = openRuns();
    wrote(key, run('r1'));
    advance(9 * MINUTE_MS);
    const ended = { ...key, endedAtMs: clock.nowMs };
    advance(9 * MINUTE_MS);
    wrote(token, run('r2'));
    expect(shouldStop(ended, run('r1'))).toBe(true);
  });

  test('isn’t stopped if it wrote earlier than that, or never', () => {
    const { wrote, shouldStop, clock, advance } = openRuns();
    wrote(key, run('r1'));
    advance(10 * MINUTE_MS + 1);
    const ended = { ...key, endedAtMs: clock.nowMs };

    expect(shouldStop(ended, run('r1'))).toBe(false);
    expect(shouldStop(ended, run('r2'))).toBe(false);
  });

  test('is stopped only for credentials of the account that wrote it, and only in its own project', () => {
    const { wrote, shouldStop, clock } = openRuns();
    wrote(key, run('r1'));
    wrote(token, run('r2'));
    const endedAtMs = clock.nowMs;

    expect(shouldStop({ ...key, endedAtMs }, run('r1'))).toBe(true);
    expect(shouldStop({ ...key, keyId: 'key2', endedAtMs }, run('r1'))).toBe(true);
    expect(shouldStop({ ...token, endedAtMs }, run('r2'))).toBe(true);
    expect(shouldStop({ ...token, endedAtMs }, run('r1'))).toBe(false);
    expect(shouldStop({ ...key, endedAtMs }, run('r2'))).toBe(false);
    expect(shouldStop({ ...key, endedAtMs }, run('r1', 'speech'))).toBe(false);
  });

  test('is stopped for a key that ended at most 10 minutes ago, while another key of the account writes it', () => {
    const { wrote, shouldStop, clock, advance } = openRuns();
    wrote(key, run('r1'));
    const ended = { ...key, endedAtMs: clock.nowMs };
    for (let minute = 0; minute < 30; minute += 1) {
      wrote({ ...key, keyId: 'key2' }, run('r1'));
      expect(shouldStop(ended, run('r1'))).toBe(minute <= 10);
      advance(MINUTE_MS);
    }
  });

  test.each([DAY_MS, 11 * MINUTE_MS, -11 * MINUTE_MS, -DAY_MS])(
    'is stopped for 10 minutes although the clock was set by %d ms meanwhile',
    (ms) => {
      const { wrote, shouldStop, shouldStopAny, clock, step, advance } = openRuns();
      wrote(key, run('r1'));
      const ended = { ...key, endedAtMs: clock.nowMs };
      const answers = () => [shouldStop(ended, run('r1')), shouldStopAny(ended)];

      step(ms);
      expect(answers()).toEqual([true, true]);
      expect(shouldStopAny({ ...ended, accountId: token.accountId })).toBe(false);
      advance(10 * MINUTE_MS);
      expect(answers()).toEqual([true, true]);
      advance(1);
      expect(answers()).toEqual([false, false]);
    },
  );
});

describe('The runs of an account', () => {
  test('are those of the last 10 minutes, the newest first, also of one key', () => {
    const { wrote, ofAccount, advance } = openRuns();
    wrote(key, run('r1'));
    advance(MINUTE_MS);
    wrote({ ...key, keyId: 'key2' }, run('r2'));
    wrote(token, run('r3'));
    wrote(key, run('r4'));
    expect(ofAccount('sa_1')).toEqual([run('r4'), run('r2'), run('r1')]);
    expect(ofAccount('sa_1', 'key2')).toEqual([run('r2')]);
    expect(ofAccount('sa_2')).toEqual([run('r3')]);
    expect(ofAccount('sa_3')).toEqual([]);

    wrote(key, run('r1'));
    expect(ofAccount('sa_1')).toEqual([run('r1'), run('r4'), run('r2')]);
    advance(10 * MINUTE_MS + 1);
    wrote(key, run('r4'));
    expect(ofAccount('sa_1')).toEqual([run('r4')]);
  });

  test('are bounded: the account’s own run that hasn’t written for the longest time is dropped first', () => {
    const { wrote, ofAccount } = openRuns({ maxRunsOfAccount: 2, maxRuns: 3 });
    wrote(token, run('r0'));
    for (const runId of ['r1', 'r2', 'r1', 'r3']) wrote(key, run(runId));
    expect(ofAccount('sa_1')).toEqual([run('r3'), run('r1')]);
    expect(ofAccount('sa_2')).toEqual([run('r0')]);

    wrote({ accountId: 'sa_3', keyId: 'key3' }, run('r9'));
    expect(ofAccount('sa_2')).toEqual([]);
    expect(ofAccount('sa_1')).toHaveLength(2);
  });

  test('never contain a run with endlessly long names', () => {
    const { wrote, ofAccount, shouldStop, clock } = openRuns();
    wrote(key, run('r'.repeat(600)));
    expect(ofAccount('sa_1')).toEqual([]);
    expect(shouldStop({ ...key, endedAtMs: clock.nowMs }, run('r'.repeat(600)))).toBe(false);
  });

  const names = fc.constantFrom('a', 'b', 'c', 'd', 'a","b');
  const writes = fc.record({
    account: fc.constantFrom('sa_1', 'sa_2', 'sa_3'),
    run: fc.record({ entity: names, project: names, runId: names }),
    passedMs: fc.constantFrom(0, 1_000, 6 * MINUTE_MS, 25 * MINUTE_MS),
  });

  test('stay within their bounds, and are what the account wrote, for any writes', () => {
    fc.assert(
      fc.property(fc.array(writes, { maxLength: 60 }), (done) => {
        const { wrote, ofAccount, shouldStop, clock, advance } = openRuns({
          maxRuns: 6,
          maxRunsOfAccount: 4,
        });
        const written = new Set<string>();
        for (const { account, run: one, passedMs } of done) {
          advance(passedMs);
          wrote({ accountId: account, keyId: undefined }, one);
          written.add(JSON.stringify([account, one]));
          expect(ofAccount(account)[0]).toEqual(one);
          const kept = ['sa_1', 'sa_2', 'sa_3'].map((id) => ofAccount(id));
          expect(kept.flat().length).toBeLessThanOrEqual(6);
          for (const [index, runs] of kept.entries()) {
            const accountId = `sa_${index + 1}`;
            expect(runs.length).toBeLessThanOrEqual(4);
            for (const each of runs) {
              expect(written).toContain(JSON.stringify([accountId, each]));
              const ended = { accountId, keyId: undefined, endedAtMs: clock.nowMs };
              expect(shouldStop(ended, each)).toBe(true);
            }
          }
        }
      }),
    );
  });
});
