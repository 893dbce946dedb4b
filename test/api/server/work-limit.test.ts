import { expect, it } from 'vitest';
import { createWorkLimit } from '../../../src/api/server/work-limit.ts';

const HERE = new AbortController().signal;
const bounds = (running: number, waiting: number, unreadBytes = 100) => ({ running, waiting, unreadBytes });

async function settled(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}

/** Enters for each caller in turn. `started` has the callers whose request runs, in order. */
function enterAll(limit: ReturnType<typeof createWorkLimit>, callers: string[], gone = HERE) {
  const started: string[] = [];
  const refused: string[] = [];
  const turns: Extract<Awaited<ReturnType<typeof limit.enter>>, { ok: true }>[] = [];
  for (const caller of callers) {
    void limit.enter(caller, gone).then((turn) => {
      if (!turn.ok) return void refused.push(`${caller}: ${turn.reason}${turn.isFirst ? ', first' : ''}`);
      started.push(caller);
      turns.push(turn);
    });
  }
  return { started, refused, turns };
}

it('runs a few requests of a caller, queues some, and refuses the others', async () => {
  const limit = createWorkLimit({ perCaller: bounds(2, 1), overall: bounds(9, 9) });
  const { started, refused, turns } = enterAll(limit, ['a', 'a', 'a', 'a', 'a', 'b']);
  await settled();
  expect([started, refused]).toEqual([
    ['a', 'a', 'b'],
    ['a: caller_busy, first', 'a: caller_busy'],
  ]);
  turns[0]?.end();
  turns[0]?.end();
  await settled();
  expect(started).toEqual(['a', 'a', 'b', 'a']);
  expect(turns.map(({ hasWaited }) => hasWaited)).toEqual([false, false, false, true]);
});

it('runs a few requests of all callers together, and refuses more than the overall queue holds', async () => {
  const limit = createWorkLimit({ perCaller: bounds(9, 9), overall: bounds(2, 1) });
  const { started, refused } = enterAll(limit, ['a', 'b', 'c', 'd', 'a']);
  await settled();
  expect([started, refused]).toEqual([
    ['a', 'b'],
    ['d: server_busy, first', 'a: server_busy'],
  ]);
});

it('starts waiting requests of one caller after another, not one caller’s whole queue first', async () => {
  const limit = createWorkLimit({ perCaller: bounds(1, 9), overall: bounds(1, 9) });
  const { started, turns } = enterAll(limit, ['a', 'a', 'a', 'b', 'c', 'b']);
  for (let ended = 0; ended < 6; ended += 1) {
    await settled();
    turns[ended]?.end();
  }
  expect(started.join('')).toBe('aabcab');
});

it('starts the next request when a response is complete, but none while too many bytes are unread', async () => {
  const limit = createWorkLimit({ perCaller: bounds(1, 9, 100), overall: bounds(9, 9, 150) });
  const { started, turns } = enterAll(limit, ['a', 'a', 'a', 'b']);
  await settled();
  turns[0]?.respond(60);
  await settled();
  expect(started).toEqual(['a', 'b', 'a']);
  turns[2]?.respond(60);
  await settled();
  // 120 bytes are unread, of at most 100.
  expect(started).toEqual(['a', 'b', 'a']);
  turns[2]?.end();
  await settled();
  expect(started).toEqual(['a', 'b', 'a', 'a']);
});

it('waits for the unread bytes of all callers', async () => {
  const limit = createWorkLimit({ perCaller: bounds(9, 9, 1_000), overall: bounds(9, 9, 100) });
  const first = enterAll(limit, ['a']);
  await settled();
  first.turns[0]?.respond(100);
  const second = enterAll(limit, ['b']);
  await settled();
  expect(second.started).toEqual([]);
  first.turns[0]?.end();
  await settled();
  expect(second.started).toEqual(['b']);
});

it('removes a request from the queue when its client disconnects', async () => {
  const limit = createWorkLimit({ perCaller: bounds(1, 1), overall: bounds(1, 1) });
  const running = enterAll(limit, ['a']);
  const leaving = new AbortController();
  const waiting = enterAll(limit, ['a'], leaving.signal);
  leaving.abort();
  const next = enterAll(limit, ['a']);
  await settled();
  expect([waiting.started, next.refused]).toEqual([['a'], []]);
  // The turn of the request that left takes nothing of the limit.
  waiting.turns[0]?.respond(1_000);
  waiting.turns[0]?.end();
  running.turns[0]?.end();
  await settled();
  expect(next.started).toEqual(['a']);
});

it('reports the first refusal again after the caller had no request in progress', async () => {
  const limit = createWorkLimit({ perCaller: bounds(1, 0), overall: bounds(9, 0) });
  const { turns, refused } = enterAll(limit, ['a', 'a', 'a']);
  await settled();
  turns[0]?.end();
  const again = enterAll(limit, ['a', 'a']);
  await settled();
  expect([refused, again.refused]).toEqual([
    ['a: caller_busy, first', 'a: caller_busy'],
    ['a: caller_busy, first'],
  ]);
});
