import { createSecretKey } from 'node:crypto';
import { expect, it } from 'vitest';
import { JOB_LEASE_MS } from '../../src/application/ports/job-store.ts';
import { createConnection } from '../../src/store/database/prepared-queries.ts';
import { finishJobOf, insertJob, rescheduleJob } from '../../src/store/jobs/job-scheduling.ts';
import { writes } from '../../src/store/unit-of-work.ts';
import { claimOf } from './contract/jobs.ts';
import { AUDIT_KEY, DAY_MS, draw, NOW_MS } from './contract/world.ts';
import { accessOver, openSqliteWorld } from './database/temporary-database.ts';

const about = { kind: 'rotation', subject: 'a' } as const;
const other = { kind: 'rotation', subject: 'b' } as const;
const payload = { rotationId: 'rot_1' };

/** Opens a world with two jobs that are due in a day, and the functions for other transactions as methods. */
async function openQueue() {
  const world = await openSqliteWorld();
  const { client, organizationId } = world;
  const auditKey = createSecretKey(AUDIT_KEY);
  const scope = { db: createConnection(client), access: accessOver(client), auditKey, newId: draw };
  const methodsOf = (id: string) => ({
    insert: writes(insertJob)({ ...scope, organizationId: id }),
    reschedule: writes(rescheduleJob)({ ...scope, organizationId: id }),
    finish: writes(finishJobOf)({ ...scope, organizationId: id }),
  });
  const methods = methodsOf(organizationId);
  const start = { atMs: NOW_MS + DAY_MS };
  for (const one of [about, other]) await methods.insert({ id: draw('job'), ...one, payload, start });
  const claim = (nowMs: number) =>
    world.store.claimJobs({ ...claimOf({ nowMs, longestDelayMs: DAY_MS }), kind: about.kind });
  const rowOf = (subject: string) =>
    client.prepare('select * from jobs where subject = ?').get(subject) as Record<string, unknown>;
  return { ...world, ...methods, methodsOf, claim, rowOf };
}

it('rescheduling a waiting job makes it due at that time, and no other job', async () => {
  const { reschedule, claim } = await openQueue();
  expect(await reschedule({ ...about, runAtMs: NOW_MS + 5 })).toBe(true);
  expect(await claim(NOW_MS + 4)).toEqual([]);
  expect(await claim(NOW_MS + 5)).toMatchObject([{ ...about, attempts: 1 }]);
});

it('rescheduling a failing job that a process runs makes it run again as a new one, whatever that run returns', async () => {
  const { reschedule, claim, store, rowOf } = await openQueue();
  const due = NOW_MS + DAY_MS;
  for (const nowMs of [due, due + JOB_LEASE_MS]) await claim(nowMs);
  const nowMs = due + 2 * JOB_LEASE_MS;
  const [running] = await claim(nowMs);
  expect(running).toMatchObject({ attempts: 3 });
  const subject = running?.subject as string;
  expect(rowOf(subject)).toMatchObject({
    last_failure: 'interrupted',
    failing_since_ms: due + JOB_LEASE_MS,
  });
  expect(await reschedule({ ...about, subject, runAtMs: due })).toBe(true);
  expect(rowOf(subject)).toMatchObject({ last_failure: null, failing_since_ms: null });
  const held = running as NonNullable<typeof running>;
  expect(await store.finishJob({ ...held, outcome: 'done', nowMs })).toBe(false);
  expect(await claim(nowMs)).toMatchObject([{ subject, attempts: 1 }]);
});

it.each([
  ['is done', 'finish'],
  ['gives it up', 'giveUp'],
  ['fails', 'retry'],
  ['repeats it', 'repeat'],
] as const)(
  'a job that is rescheduled while a process runs it is claimed again only after that run, when the run %s',
  async (_, end) => {
    const { reschedule, claim, store } = await openQueue();
    const nowMs = NOW_MS + DAY_MS;
    const later = nowMs + JOB_LEASE_MS - 1;
    const held = (await claim(nowMs)).find(({ subject }) => subject === about.subject);
    if (held === undefined) throw new Error('not claimed');
    await reschedule({ ...about, runAtMs: nowMs + 1 });
    await reschedule({ ...about, runAtMs: nowMs + 2 });
    expect(await claim(later)).toEqual([]);
    const ends = {
      finish: () => store.finishJob({ ...held, outcome: 'done', nowMs: later }),
      giveUp: () => store.finishJob({ ...held, outcome: 'failed', failure: 'late', nowMs: later }),
      retry: () => store.retryJob({ ...held, runAtMs: later + DAY_MS, failure: 'late', nowMs: later }),
      repeat: () => store.repeatJob({ ...held, runAtMs: later + DAY_MS }),
    };
    expect(await ends[end]()).toBe(false);
    expect(await claim(nowMs + 1)).toEqual([]);
    const [again, ...others] = await claim(nowMs + 2);
    expect([again, others]).toMatchObject([{ ...about, attempts: 1 }, []]);
    if (again === undefined) throw new Error('not claimed again');
    expect(await store.finishJob({ ...held, outcome: 'done', nowMs: later })).toBe(false);
    expect(await store.finishJob({ ...again, outcome: 'done', nowMs: later })).toBe(true);
  },
);

it('a job that is rescheduled while a process runs it is claimed after the lease when that process was killed', async () => {
  const { reschedule, claim } = await openQueue();
  const nowMs = NOW_MS + DAY_MS;
  await claim(nowMs);
  await reschedule({ ...about, runAtMs: nowMs });
  expect(await claim(nowMs + JOB_LEASE_MS - 1)).toEqual([]);
  const claimed = await claim(nowMs + JOB_LEASE_MS);
  expect(claimed.find(({ subject }) => subject === about.subject)).toMatchObject({ attempts: 1 });
});

it('finishing the job of a subject ends it whatever process runs it, and no other job', async () => {
  const { finish, claim, store, rowOf } = await openQueue();
  const due = NOW_MS + DAY_MS;
  const running = (await claim(due)).find(({ subject }) => subject === about.subject);
  expect(await finish({ ...about, nowMs: due })).toBe(true);
  const held = running as NonNullable<typeof running>;
  expect(await store.retryJob({ ...held, runAtMs: due, failure: 'late', nowMs: due })).toBe(false);
  expect(rowOf(about.subject)).toMatchObject({ outcome: 'done', finished_at_ms: due, last_failure: null });
  expect(await claim(due + JOB_LEASE_MS)).toMatchObject([other]);
});

it('nothing is rescheduled or finished without an unfinished job of that kind and subject in the organization', async () => {
  const { finish, reschedule, methodsOf, stores } = await openQueue();
  const runAtMs = NOW_MS;
  const globex = await stores.openOrganization('globex', NOW_MS);
  const foreign = methodsOf(globex.organizationId);
  expect(await foreign.reschedule({ ...about, runAtMs })).toBe(false);
  expect(await foreign.finish({ ...about, nowMs: NOW_MS })).toBe(false);
  expect(await reschedule({ ...about, subject: 'c', runAtMs })).toBe(false);
  expect(await finish({ ...about, nowMs: NOW_MS })).toBe(true);
  expect(await finish({ ...about, nowMs: NOW_MS })).toBe(false);
  expect(await reschedule({ ...about, runAtMs })).toBe(false);
});

it('a failure is stored with at most 200 characters, and the time of the first one is kept', async () => {
  const { store, claim, rowOf } = await openQueue();
  for (const nowMs of [NOW_MS + DAY_MS, NOW_MS + 2 * DAY_MS]) {
    for (const job of await claim(nowMs)) {
      await store.retryJob({ ...job, runAtMs: nowMs, failure: 'x'.repeat(300), nowMs });
    }
  }
  expect(rowOf('a')).toMatchObject({
    last_failure: 'x'.repeat(200),
    failing_since_ms: NOW_MS + DAY_MS,
    attempts: 2,
  });
});
