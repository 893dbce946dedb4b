import { describe, expect, test } from 'vitest';
import {
  createJobWorker,
  type JobHandler,
  type JobOutcome,
} from '../../../src/application/jobs/job-worker.ts';
import { JOB_LEASE_MS } from '../../../src/application/ports/job-store.ts';
import { createLogger } from '../../../src/log/create-logger.ts';
import { claimOf, queueNotification } from '../../store/contract/jobs.ts';
import { DAY_MS, NOW_MS } from '../../store/contract/world.ts';
import { openSqliteWorld } from '../../store/database/temporary-database.ts';

const PAUSE_MS = 15_000;

/** Starts a worker over a new database, whose clock the test sets. `run` is what a job does. */
async function startWorker(run: JobHandler<'notification'>['run'], settings: Partial<JobHandler> = {}) {
  const world = await openSqliteWorld();
  const clock = { nowMs: NOW_MS };
  const outcomes: JobOutcome[] = [];
  const lines: string[] = [];
  const destination = { write: (line: string) => void lines.push(line) };
  const handler = { concurrency: 10, longestDelayMs: DAY_MS, maxAttempts: 3, pauseMs: () => PAUSE_MS };
  const idleHandler = { ...handler, run: async () => 'done' as const };
  const idle = {
    delivery: idleHandler,
    collection: idleHandler,
    server_account: idleHandler,
    audit_log: idleHandler,
    audit_head: idleHandler,
    reminder: idleHandler,
    rotation: idleHandler,
    card: idleHandler,
    access_request: idleHandler,
    expiry_notice: idleHandler,
    near_match: idleHandler,
    unused_review: idleHandler,
    contact_check: idleHandler,
    contact_recheck: idleHandler,
    unowned_reminder: idleHandler,
  };
  const worker = createJobWorker({
    store: world.store,
    now: () => clock.nowMs,
    logger: createLogger({ level: 'info', secrets: [], destination }),
    handlers: { ...idle, notification: { ...handler, ...settings, run } },
    count: (outcome) => outcomes.push(outcome),
  });
  const runDue = async () => {
    await worker.startDue();
    await worker.settled();
  };
  const queue = () => queueNotification(world, { atMs: clock.nowMs });
  return { ...world, worker, clock, outcomes, lines, runDue, queue };
}

/** Returns work that goes on until it is released, and how often it was started. */
function heldWork() {
  const { promise, resolve } = Promise.withResolvers<'done'>();
  const started: string[] = [];
  const run = async ({ id }: { id: string }) => {
    started.push(id);
    return promise;
  };
  return { run, started, release: () => resolve('done') };
}

describe('The job worker', () => {
  test('runs a due job once, and finishes it', async () => {
    const ran: unknown[] = [];
    const { queue, runDue, outcomes, store } = await startWorker(async ({ payload }) => {
      ran.push(payload);
      return 'done';
    });
    const payload = await queue();
    await runDue();
    await runDue();
    expect(ran).toEqual([payload]);
    expect(outcomes).toEqual(['done']);
    expect(await store.queueLengths()).toMatchObject({ jobs: 0 });
  });

  test.each([
    ['isn’t done', async () => ({ retry: 'not_accepted' }), 'job postponed', 'not_accepted'],
    ['throws', async () => Promise.reject(new TypeError('no route')), 'job failed', 'TypeError'],
    [
      'throws before it returns a promise',
      () => {
        throw Object.assign(new Error('not today'), { code: 'ECONNRESET' });
      },
      'job failed',
      'Error ECONNRESET',
    ],
  ])(
    'retries a job that %s after its pause, logs it, and gives it up after the last attempt',
    async (_, run, message, failure) => {
      const { queue, runDue, clock, outcomes, lines, store, client } = await startWorker(run);
      const lastFailure = () => client.prepare('select last_failure from jobs').pluck().get();
      await queue();
      await runDue();
      await runDue();
      expect(outcomes).toEqual(['retried']);
      expect(lines.join('')).toContain(message);
      expect(lastFailure()).toBe(failure);
      expect(await store.queueLengths()).toMatchObject({ jobs: 1, failingJobs: 1 });

      for (let attempt = 0; attempt < 5; attempt += 1) {
        clock.nowMs += PAUSE_MS;
        await runDue();
      }
      expect(outcomes).toEqual(['retried', 'retried', 'given_up']);
      expect(lines.join('')).toContain('job given up');
      expect(lastFailure()).toBe(failure);
      expect(await store.queueLengths()).toMatchObject({ jobs: 0, failingJobs: 0 });
    },
  );

  test('runs a job again at the time that it returns, as often as it asks, and counts its attempts from 0', async () => {
    const attempts: number[] = [];
    const results = [{ retry: 'not_yet' }, { again: NOW_MS + DAY_MS }, { again: NOW_MS + 2 * DAY_MS }];
    const { queue, runDue, clock, outcomes, store, client } = await startWorker(async (job) => {
      attempts.push(job.attempts);
      return results.shift() ?? 'done';
    });
    await queue();
    await runDue();
    clock.nowMs += PAUSE_MS;
    await runDue();
    expect(await store.queueLengths()).toMatchObject({ jobs: 1, failingJobs: 0 });
    expect(client.prepare('select last_failure from jobs').pluck().get()).toBeNull();
    for (const nowMs of [DAY_MS - 1, DAY_MS, 2 * DAY_MS - 1, 2 * DAY_MS]) {
      clock.nowMs = NOW_MS + nowMs;
      await runDue();
    }
    expect(attempts).toEqual([1, 2, 1, 1]);
    expect(outcomes).toEqual(['retried', 'done', 'done', 'done']);
    expect(await store.queueLengths()).toMatchObject({ jobs: 0 });
  });

  test('finishes other jobs although one never returns and one always fails', async () => {
    const done: string[] = [];
    let started = 0;
    const { queue, worker } = await startWorker(async ({ id }) => {
      started += 1;
      if (started === 1) return new Promise<'done'>(() => {});
      if (started === 2) throw new Error('not today');
      done.push(id);
      return 'done';
    });
    for (let nth = 0; nth < 4; nth += 1) await queue();
    await worker.startDue();
    await expect.poll(() => done).toHaveLength(2);
  });

  test('runs no more jobs at the same time than allowed, and the next one as soon as one ends', async () => {
    const held = heldWork();
    const { queue, worker } = await startWorker(held.run, { concurrency: 2 });
    for (let nth = 0; nth < 5; nth += 1) await queue();
    await worker.startDue();
    await worker.startDue();
    expect(held.started).toHaveLength(2);
    held.release();
    await expect.poll(() => new Set(held.started).size).toBe(5);
    await worker.settled();
    expect(held.started).toHaveLength(5);
  });

  test.each([
    ['set ahead beyond its lease', JOB_LEASE_MS + DAY_MS],
    ['set back by a day', -DAY_MS],
  ])('doesn’t start a running job again when the clock is %s', async (_, byMs) => {
    const held = heldWork();
    const { queue, worker, clock, outcomes } = await startWorker(held.run);
    await queue();
    await worker.startDue();
    clock.nowMs += byMs;
    await worker.startDue();
    expect(held.started).toHaveLength(1);
    held.release();
    await worker.settled();
    expect(outcomes).toEqual(['done']);
  });

  test('leaves a job to the process that has claimed it since', async () => {
    const held = heldWork();
    const { queue, worker, store, runDue, clock } = await startWorker(held.run);
    await queue();
    await worker.startDue();
    clock.nowMs += JOB_LEASE_MS;
    const [byAnother] = await store.claimJobs(claimOf({ nowMs: clock.nowMs }));
    held.release();
    await worker.settled();
    expect(await store.queueLengths()).toMatchObject({ jobs: 1 });
    if (byAnother === undefined) throw new Error('not claimed');
    expect(await store.finishJob({ ...byAnother, outcome: 'done', nowMs: clock.nowMs })).toBe(true);
    await runDue();
    expect(held.started).toHaveLength(1);
  });

  test('runs a job again whose outcome couldn’t be stored', async () => {
    const ran: number[] = [];
    const { queue, runDue, clock, client, lines, store } = await startWorker(async ({ attempts }) => {
      ran.push(attempts);
      if (attempts === 1) client.pragma('query_only = ON');
      return 'done';
    });
    await queue();
    await runDue();
    expect(lines.join('')).toContain('job outcome not recorded');
    client.pragma('query_only = OFF');
    clock.nowMs += JOB_LEASE_MS;
    await runDue();
    expect(ran).toEqual([1, 2]);
    expect(await store.queueLengths()).toMatchObject({ jobs: 0 });
  });

  test('starts nothing once it is stopped, and waits for what is running', async () => {
    const held = heldWork();
    const { queue, worker, store } = await startWorker(held.run);
    await queue();
    await worker.startDue();
    const stopped = worker.stop();
    await queue();
    await worker.startDue();
    expect(held.started).toHaveLength(1);
    held.release();
    await stopped;
    expect(await store.queueLengths()).toMatchObject({ jobs: 1 });
  });

  test('deletes finished jobs after a week, a bounded number at a time', async () => {
    const { queue, runDue, clock, client } = await startWorker(async () => 'done');
    await queue();
    await runDue();
    const rows = () => client.prepare('select count(*) from jobs').pluck().get();
    client.exec(`
      with recursive n(i) as (select 1 union all select i + 1 from n where i < 450)
      insert into jobs select organization_id, 'old_' || i, kind, 'old', payload, run_at_ms, attempts, null, null, finished_at_ms, outcome, null, null
      from jobs, n`);
    clock.nowMs += 7 * DAY_MS;
    await runDue();
    expect(rows()).toBe(451);
    clock.nowMs += 1;
    await runDue();
    expect(rows()).toBe(251);
    await runDue();
    await runDue();
    expect(rows()).toBe(0);
  });
});
