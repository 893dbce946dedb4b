import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  type ClaimJobs,
  type HeldJob,
  JOB_LEASE_MS,
  type JobKind,
  type NewNotification,
} from '../../../src/application/ports/job-store.ts';
import type { NotificationPayload } from '../../../src/application/ports/notifications.ts';
import type { Store } from '../../../src/application/ports/store.ts';
import {
  ada,
  auditEvent,
  claimDue,
  cy,
  DAY_MS,
  draw,
  federatedAccount,
  impossibleEvent,
  insertCollectable,
  keyRecord,
  NOW_MS,
  type OpenStore,
  openWorld,
  pendingDelivery,
  settlement,
  type World,
} from './world.ts';

const HOUR_MS = 60 * 60 * 1000;
const failed = { failure: 'not_accepted', nowMs: NOW_MS };

export function claimOf(changes: Partial<ClaimJobs<'notification'>> = {}): ClaimJobs<'notification'> {
  const base = { nowMs: NOW_MS, limit: 10, except: [], longestDelayMs: HOUR_MS };
  return { kind: 'notification', ...base, ...changes };
}

/** Claims all due jobs of a kind and makes them due a minute later. Returns the claimed jobs. */
export async function postponeDue<Kind extends JobKind>(store: Store, kind: Kind) {
  const due = await claimDue(store, kind);
  for (const job of due) await store.repeatJob({ ...job, runAtMs: NOW_MS + 60_000 });
  return due;
}

/** Inserts a federated account and queues the notification of it. Returns the payload. */
export async function queueNotification(
  { store, organizationId, mlPlatform }: World,
  start: NewNotification['start'] = { atMs: NOW_MS },
  id?: string,
): Promise<Extract<NotificationPayload, { message: 'federated_account_created' }>> {
  const inserted = federatedAccount(organizationId, mlPlatform, draw('subject'));
  const { slackUserId } = ada;
  const payload = {
    message: 'federated_account_created',
    accountId: inserted.account.id,
    to: { slackUserId },
    requestId: 'req_1',
  } as const;
  await store.insertAccount({
    ...inserted,
    notification: { payload, start, ...(id !== undefined && { id }) },
  });
  return payload;
}

export function describeJobs(openStore: OpenStore): void {
  describe('a job', () => {
    let world: World;
    let store: Store;
    beforeEach(async () => {
      world = await openWorld(openStore);
      store = world.store;
    });
    afterEach(() => world.close());

    const claim = (changes: Parameters<typeof claimOf>[0] = {}) => store.claimJobs(claimOf(changes));
    const claimOne = async (changes: Parameters<typeof claimOf>[0] = {}) => {
      const [job, ...others] = await claim(changes);
      if (job === undefined || others.length > 0) throw new Error('not one job');
      return job;
    };

    it('is claimed once, from its time on, with what it needs', async () => {
      const payload = await queueNotification(world, { atMs: NOW_MS + 1000 });
      expect(await claim()).toEqual([]);
      const [job] = await claim({ nowMs: NOW_MS + 1000 });
      expect(job).toMatchObject({ kind: 'notification', payload, attempts: 1 });
      const again = await world.another();
      expect(await again.claimJobs(claimOf({ nowMs: NOW_MS + 1000 }))).toEqual([]);
    });

    it('is claimed in the order of waiting, up to the limit', async () => {
      const late = await queueNotification(world, { atMs: NOW_MS - 1000 });
      const early = await queueNotification(world, { atMs: NOW_MS - 2000 });
      expect((await claimOne({ limit: 1 })).payload).toEqual(early);
      expect((await claimOne({ limit: 1 })).payload).toEqual(late);
    });

    it('isn’t inserted while an unfinished one has its kind and subject, and is afterwards', async () => {
      const { account } = federatedAccount(world.organizationId, world.mlPlatform, 'a');
      const payload = {
        message: 'account_revoked',
        accountId: account.id,
        to: ada,
        requestId: null,
      } as const;
      const insert = (subject: string) =>
        store.insertAccount({
          ...federatedAccount(world.organizationId, world.mlPlatform, subject),
          notification: { payload, start: { atMs: NOW_MS } },
        });
      await insert('a');
      await insert('b');
      const job = await claimOne();
      await insert('c');
      expect(await claim()).toEqual([]);
      await store.finishJob({ ...job, outcome: 'done', nowMs: NOW_MS });
      await insert('d');
      expect(await claim()).toHaveLength(1);
    });

    it('doesn’t exist when its effect wasn’t written', async () => {
      const inserted = federatedAccount(world.organizationId, world.mlPlatform, 'a');
      const payload = {
        message: 'federated_account_created',
        accountId: inserted.account.id,
        to: ada,
        requestId: null,
      } as const;
      const notification = { payload, start: { atMs: NOW_MS } };
      const auditEvent = impossibleEvent('service_account.created');
      await expect(store.insertAccount({ ...inserted, auditEvent, notification })).rejects.toThrow();
      const archived = { ...inserted.account, teamId: 'team_unknown' };
      await store.insertAccount({ ...inserted, account: archived, notification });
      expect(await claim()).toEqual([]);
    });

    it('can be finished or retried with the token of its newest claim only', async () => {
      await queueNotification(world);
      const first = await claimOne();
      const second = await claimOne({ nowMs: NOW_MS + JOB_LEASE_MS });
      expect(second).toMatchObject({ id: first.id, attempts: 2 });
      const done = { outcome: 'done', nowMs: NOW_MS } as const;
      expect(await store.finishJob({ ...first, ...done })).toBe(false);
      expect(await store.retryJob({ ...first, ...failed, runAtMs: NOW_MS })).toBe(false);
      expect(await store.finishJob({ ...second, ...done })).toBe(true);
      expect(await store.finishJob({ ...second, ...done })).toBe(false);
      expect(await claim({ nowMs: NOW_MS + DAY_MS })).toEqual([]);
    });

    it('waits for the time of its retry', async () => {
      await queueNotification(world);
      const job = await claimOne();
      expect(await store.retryJob({ ...job, ...failed, runAtMs: NOW_MS + 15_000 })).toBe(true);
      expect(await claim({ nowMs: NOW_MS + 14_999 })).toEqual([]);
      expect(await claimOne({ nowMs: NOW_MS + 15_000 })).toMatchObject({ attempts: 2 });
    });

    it('that a request holds is claimed after that lease, or at once when the request gives it back', async () => {
      const held: HeldJob = { id: 'job_held', leaseToken: 'lease_1' };
      const start = { heldUntilMs: NOW_MS + 60_000, leaseToken: held.leaseToken };
      await queueNotification(world, start, held.id);
      expect(await claim({ nowMs: NOW_MS + 59_999 })).toEqual([]);
      await store.retryJob({ ...held, ...failed, runAtMs: NOW_MS + 1 });
      expect(await claimOne({ nowMs: NOW_MS + 1 })).toMatchObject({ id: held.id, attempts: 2 });

      await queueNotification(world, start, 'job_other');
      expect(await claimOne({ nowMs: NOW_MS + 60_000 })).toMatchObject({ id: 'job_other' });
    });

    it.each([
      ['waiting for a retry', 'retry'],
      ['claimed', 'claimed'],
      ['held by a request', 'held'],
    ])('that was %s runs soon after the clock was set back by a year', async (_, state) => {
      const back = NOW_MS - 365 * DAY_MS;
      if (state === 'held') {
        await queueNotification(world, { heldUntilMs: NOW_MS + 60_000, leaseToken: 'lease_1' });
      } else {
        await queueNotification(world);
        const job = await claimOne();
        if (state === 'retry') await store.retryJob({ ...job, ...failed, runAtMs: NOW_MS + HOUR_MS });
      }
      expect(await claim({ nowMs: back })).toHaveLength(1);
    });

    it('isn’t claimed by a process that runs it, whatever the clock says', async () => {
      await queueNotification(world);
      const { id } = await claimOne();
      for (const nowMs of [NOW_MS + DAY_MS, NOW_MS - DAY_MS]) {
        expect(await claim({ nowMs, except: [id] })).toEqual([]);
      }
    });

    it('is deleted some time after it ended, a few at a time, and never before', async () => {
      for (let nth = 0; nth < 3; nth += 1) await queueNotification(world);
      const [first, second] = await claim();
      if (first === undefined || second === undefined) throw new Error('no jobs');
      for (const job of [second, first]) await store.finishJob({ ...job, outcome: 'failed', ...failed });
      expect(await store.deleteFinishedJobs(NOW_MS, { limit: 9 })).toEqual([]);
      expect(await store.deleteFinishedJobs(NOW_MS + 1, { limit: 1 })).toHaveLength(1);
      expect(await store.deleteFinishedJobs(NOW_MS + 1, { limit: 9 })).toHaveLength(1);
      expect(await store.queueLengths()).toMatchObject({ jobs: 1 });
    });

    it('counts as failing from its first failure until it ends', async () => {
      await queueNotification(world);
      expect(await store.queueLengths()).toMatchObject({ jobs: 1, failingJobs: 0 });
      const first = await claimOne();
      expect(await store.queueLengths()).toMatchObject({ jobs: 1, failingJobs: 0 });
      await store.retryJob({ ...first, ...failed, runAtMs: NOW_MS });
      expect(await store.queueLengths()).toMatchObject({ jobs: 1, failingJobs: 1 });
      const second = await claimOne();
      expect(await store.queueLengths()).toMatchObject({ jobs: 1, failingJobs: 1 });
      await store.finishJob({ ...second, outcome: 'failed', ...failed });
      expect(await store.queueLengths()).toMatchObject({ jobs: 0, failingJobs: 0 });
    });

    it('is invisible to another organization, which can’t change it', async () => {
      await queueNotification(world);
      const globex = await world.stores.openOrganization('globex', NOW_MS);
      expect(await globex.claimJobs(claimOf())).toEqual([]);
      const job = await claimOne();
      expect(await globex.finishJob({ ...job, outcome: 'done', nowMs: NOW_MS })).toBe(false);
      expect(await globex.retryJob({ ...job, ...failed, runAtMs: NOW_MS })).toBe(false);
      await store.finishJob({ ...job, outcome: 'done', nowMs: NOW_MS });
      expect(await globex.deleteFinishedJobs(NOW_MS + 1, { limit: 9 })).toEqual([]);
      expect(await store.deleteFinishedJobs(NOW_MS + 1, { limit: 9 })).toEqual([job.id]);
    });

    /** Returns what is queued about an account. */
    const queued = (message: 'account_revoked', accountId: string) => {
      const payload = { message, accountId, to: { slackUserId: ada.slackUserId }, requestId: null };
      return { notification: { payload, start: { atMs: NOW_MS } } };
    };

    it.each([
      ['without another key after a lapsed collection', 'expired', 1],
      ['of an account that was revoked meanwhile', 'revoked', 1],
      ['that can be collected again', 'collectable', 0],
      ['that Slack accepted', 'accepted', 0],
    ])('is queued for a key %s: %s', async (_, state, expected) => {
      const { collection, inserted } = await insertCollectable(world, world.mlPlatform);
      const record = keyRecord(NOW_MS);
      const key = { record, delivery: pendingDelivery(record, ada, collection.id) };
      const started = auditEvent('api_key.collection_started');
      await store.beginCollection(collection.id, key, NOW_MS, started);
      const accountId = inserted.account.id;
      if (state === 'revoked') {
        await store.revokeAccount(accountId, NOW_MS, auditEvent('service_account.revoked'));
      }
      const atMs = state === 'expired' ? NOW_MS + DAY_MS : NOW_MS;
      const settled = settlement(key.delivery.id, state === 'accepted' ? 'accepted' : 'unknown', atMs);
      await store.settleDelivery({ ...settled, ...queued('account_revoked', accountId) });
      const messages = (await claim({ nowMs: atMs })).map((job) => Object(job.payload).message);
      expect(messages.filter((message) => message === 'account_revoked')).toHaveLength(expected);
    });

    it('is queued with the revocation of an account, once', async () => {
      const { accountId } = await queueNotification(world);
      const created = await claimOne();
      await store.finishJob({ ...created, outcome: 'done', nowMs: NOW_MS });
      const payload = { message: 'account_revoked', accountId, to: ada, requestId: null } as const;
      const revoke = () =>
        store.revokeAccount(accountId, NOW_MS, auditEvent('service_account.revoked'), [
          { payload, start: { atMs: NOW_MS } },
          { payload: { ...payload, to: cy }, start: { atMs: NOW_MS } },
        ]);
      expect(await revoke()).toBe('revoked');
      expect(await claim()).toMatchObject([{ payload }, { payload: { to: cy } }]);
      expect(await revoke()).toBe('already_revoked');
      expect(await claim({ nowMs: NOW_MS + JOB_LEASE_MS })).toHaveLength(2);
    });
  });
}
