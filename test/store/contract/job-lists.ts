import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ClaimedJob } from '../../../src/application/ports/job-store.ts';
import { JOB_LEASE_MS } from '../../../src/application/ports/job-store.ts';
import type { Store } from '../../../src/application/ports/store.ts';
import { claimOf, queueNotification } from './jobs.ts';
import { federatedAccount, NOW_MS, type OpenStore, openWorld, type World } from './world.ts';

const failed = { failure: 'not_accepted', nowMs: NOW_MS };

export function describeJobLists(openStore: OpenStore): void {
  describe('the list of jobs', () => {
    let world: World;
    let store: Store;
    beforeEach(async () => {
      world = await openWorld(openStore);
      store = world.store;
    });
    afterEach(() => world.close());

    const list = (which: Partial<Parameters<Store['listJobs']>[0]> = {}) =>
      store.listJobs({ kind: undefined, includesDone: false, limit: 9, ...which });

    /** Queues a job that is due, and claims it. */
    async function claimNew(): Promise<ClaimedJob<'notification'>> {
      await queueNotification(world);
      const [job] = await store.claimJobs(claimOf());
      if (job === undefined) throw new Error('not claimed');
      return job;
    }

    /** Inserts one job of each state. */
    async function insertEach() {
      const done = await claimNew();
      await store.finishJob({ ...done, outcome: 'done', nowMs: NOW_MS });
      const givenUp = await claimNew();
      await store.finishJob({ ...givenUp, ...failed, outcome: 'failed', nowMs: NOW_MS + 1 });
      const failing = await claimNew();
      await store.retryJob({ ...failing, ...failed, runAtMs: NOW_MS + 60_000 });
      const running = await claimNew();
      return { done, givenUp, failing, running };
    }

    it('has failing jobs first, then those given up, then the others, and those that are done only on request', async () => {
      const { done, givenUp, failing, running } = await insertEach();
      expect(await list()).toMatchObject([
        {
          id: failing.id,
          subject: failing.subject,
          runAtMs: NOW_MS + 60_000,
          attempts: 1,
          failingSinceMs: NOW_MS,
          lastFailure: 'not_accepted',
          outcome: null,
        },
        { id: givenUp.id, outcome: 'failed', lastFailure: 'not_accepted', finishedAtMs: NOW_MS + 1 },
        { id: running.id, leaseUntilMs: NOW_MS + JOB_LEASE_MS, lastFailure: null, outcome: null },
      ]);
      expect((await list({ includesDone: true })).map(({ id }) => id)).toEqual([
        failing.id,
        givenUp.id,
        running.id,
        done.id,
      ]);
      expect((await list({ limit: 1 })).map(({ id }) => id)).toEqual([failing.id]);
      expect(await list({ kind: 'notification' })).toHaveLength(3);
      expect(await list({ kind: 'of another version' })).toEqual([]);
      expect(JSON.stringify(await list())).not.toContain('requestId');
      expect(await store.queueLengths()).toMatchObject({
        jobs: 2,
        failingJobs: 1,
        jobsByKind: [{ kind: 'notification', unfinished: 2, failing: 1 }],
      });
    });

    it('shows a failing job, or one that was given up, as due and failing after an operator ran it', async () => {
      const { givenUp, failing } = await insertEach();
      for (const { id } of [givenUp, failing]) {
        expect(await store.runJobNow({ id, nowMs: NOW_MS + 5 })).toBe('scheduled');
      }
      const due = await store.claimJobs(claimOf({ nowMs: NOW_MS + 5 }));
      expect(due.map(({ id, attempts }) => [id, attempts]).sort()).toEqual(
        [
          [failing.id, 1],
          [givenUp.id, 1],
        ].sort(),
      );
      expect(await list()).toMatchObject([{ failingSinceMs: NOW_MS }, { failingSinceMs: NOW_MS + 1 }, {}]);
    });

    it('doesn’t change for a job that is running, is done, has a successor or is someone else’s', async () => {
      const { done, givenUp, failing, running } = await insertEach();
      await store.insertAccount({
        ...federatedAccount(world.organizationId, world.mlPlatform, 'a'),
        notification: { payload: givenUp.payload, start: { atMs: NOW_MS } },
      });
      const before = await list({ includesDone: true });
      expect(await store.runJobNow({ id: running.id, nowMs: NOW_MS + 5 })).toBe('running');
      expect(await store.runJobNow({ id: done.id, nowMs: NOW_MS + 5 })).toBe('done');
      expect(await store.runJobNow({ id: givenUp.id, nowMs: NOW_MS + 5 })).toBe('replaced');
      expect(await store.runJobNow({ id: 'job_unknown', nowMs: NOW_MS + 5 })).toBe('unknown');
      const globex = await world.stores.openOrganization('globex', NOW_MS);
      expect(await globex.runJobNow({ id: failing.id, nowMs: NOW_MS })).toBe('unknown');
      expect(await globex.listJobs({ kind: undefined, includesDone: true, limit: 9 })).toEqual([]);
      expect(await list({ includesDone: true })).toEqual(before);
    });

    it('lets a job run whose process died, as soon as its lease is over', async () => {
      const { id } = await claimNew();
      const run = (nowMs: number) => store.runJobNow({ id, nowMs });
      expect(await run(NOW_MS + JOB_LEASE_MS - 1)).toBe('running');
      expect(await run(NOW_MS + JOB_LEASE_MS)).toBe('scheduled');
    });
  });
}
