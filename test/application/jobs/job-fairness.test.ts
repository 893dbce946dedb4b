import { describe, expect, test } from 'vitest';
import { createJobWorker, type JobHandler } from '../../../src/application/jobs/job-worker.ts';
import type { JobKind, JobResult } from '../../../src/application/ports/job-store.ts';
import { createLogger } from '../../../src/log/create-logger.ts';
import { DAY_MS, NOW_MS } from '../../store/contract/world.ts';
import { openSqliteWorld, type SqliteWorld } from '../../store/database/temporary-database.ts';

const FAILING = 1000;
const PAUSE_MS = 15_000;

/** Inserts jobs of a kind that are due. Failing ones have waited for a day longer than new ones. */
function insertDue(
  { client, organizationId }: SqliteWorld,
  { kind = 'notification', count, state }: { kind?: string; count: number; state: 'new' | 'failing' },
) {
  client
    .prepare(
      `with recursive n(i) as (select 1 union all select i + 1 from n where i < @count)
       insert into jobs (organization_id, id, kind, subject, payload, run_at_ms, attempts)
       select @organizationId, @kind || '_' || @state || '_' || i, @kind, @state || '_' || i, '{}', @dueAtMs + i, @attempts from n`,
    )
    .run({
      organizationId,
      kind,
      count,
      state,
      attempts: state === 'new' ? 0 : 3,
      dueAtMs: state === 'new' ? NOW_MS - count : NOW_MS - DAY_MS,
    });
}

/** Starts a worker whose handlers, by kind, are `runs`. */
function startWorker({ store }: SqliteWorld, runs: Record<string, (id: string) => Promise<JobResult>>) {
  const clock = { nowMs: NOW_MS };
  const handlers = Object.fromEntries(
    Object.entries(runs).map(([kind, run]): [string, JobHandler] => [
      kind,
      {
        concurrency: 10,
        longestDelayMs: DAY_MS,
        maxAttempts: Number.POSITIVE_INFINITY,
        pauseMs: () => PAUSE_MS,
        run: ({ id }) => run(id),
      },
    ]),
  );
  const worker = createJobWorker({
    store,
    now: () => clock.nowMs,
    logger: createLogger({ level: 'silent', secrets: [], destination: { write: () => {} } }),
    handlers: handlers as { [Kind in JobKind]: JobHandler<Kind> },
    count: () => {},
  });
  return { worker, clock };
}

const hangs = () => new Promise<JobResult>(() => {});

describe('A new job behind a thousand jobs that have failed', () => {
  test.each([
    ['fail again', async () => ({ retry: 'not_accepted' })],
    ['never return', hangs],
  ])('is among the first that run, although they have waited longer and %s', async (_, runFailing) => {
    const world = await openSqliteWorld();
    insertDue(world, { count: FAILING, state: 'failing' });
    insertDue(world, { count: 1, state: 'new' });
    const ran: string[] = [];
    const { worker } = startWorker(world, {
      notification: async (id) => {
        ran.push(id);
        return id === 'notification_new_1' ? 'done' : runFailing();
      },
    });
    await worker.startDue();
    await expect.poll(() => ran).toContain('notification_new_1');
    expect(ran.indexOf('notification_new_1')).toBeLessThan(20);
  });

  test('doesn’t keep them from running again, each once per pause', async () => {
    const world = await openSqliteWorld();
    insertDue(world, { count: FAILING, state: 'failing' });
    const ran = new Map<string, number>();
    const { worker, clock } = startWorker(world, {
      notification: async (id) => {
        ran.set(id, (ran.get(id) ?? 0) + 1);
        return { retry: 'not_accepted' };
      },
    });
    for (const nowMs of [NOW_MS, NOW_MS + PAUSE_MS - 1, NOW_MS + PAUSE_MS]) {
      clock.nowMs = nowMs;
      insertDue(world, { count: 50, state: 'new' });
      await worker.startDue();
      await worker.settled();
      world.client.prepare("delete from jobs where id like 'notification_new_%'").run();
    }
    expect(ran.get('notification_failing_1')).toBe(2);
    expect(ran.get(`notification_failing_${FAILING}`)).toBe(2);
  });
});

test('Jobs of one kind that never return don’t delay those of another kind', async () => {
  const world = await openSqliteWorld();
  for (const state of ['new', 'failing'] as const) insertDue(world, { count: 100, state });
  insertDue(world, { kind: 'other', count: 30, state: 'new' });
  const done: string[] = [];
  const { worker } = startWorker(world, {
    notification: hangs,
    other: async (id) => {
      done.push(id);
      return 'done';
    },
  });
  await worker.startDue();
  await expect.poll(() => done).toHaveLength(30);
});
