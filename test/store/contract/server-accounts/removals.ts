import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { REQUEST_LEASE_MS } from '../../../../src/application/jobs/notification-jobs.ts';
import { SERVER_REQUEST_MS } from '../../../../src/application/ports/server-account-store.ts';
import type { Person } from '../../../../src/domain/organization/person.ts';
import {
  ada,
  auditEvent,
  claimDue,
  claimNotifications,
  cy,
  dueSubjects,
  impossibleEvent,
  NOW_MS,
  type OpenStore,
  openWorld,
  settlement,
  type World,
} from '../world.ts';
import {
  abandonment,
  begin,
  creation,
  gone,
  insertOnServer,
  JOB,
  recreation,
  removal,
} from './server-account-world.ts';

export function describeRemovals(openStore: OpenStore): void {
  let world: World;
  beforeEach(async () => {
    world = await openWorld(openStore);
  });
  afterEach(() => world.close());
  const remove = (accountId: string) => world.store.beginRemoval(removal(accountId));
  const find = (accountId: string) => world.store.findAccount(accountId);
  const actions = async () => (await world.store.auditRecords()).map(({ action }) => action);

  describe('deleting an account from a W&B server', () => {
    it('revokes its keys and reserves its name until the server doesn’t show it, and then ends once', async () => {
      const { store } = world;
      const { account, serverAccountId, delivery } = await insertOnServer(world);
      expect(await remove(account.id)).toEqual({ kind: 'begun', serverAccountIds: [serverAccountId] });
      expect(await find(account.id)).toMatchObject({ state: 'revoking', revokedAtMs: undefined });
      expect(world.keyRevokedAtMs(delivery.keyId)).toBe(NOW_MS);
      const namesake = creation(world, { name: account.name });
      expect(await store.beginCreation(namesake)).toEqual({ ok: false, reason: 'name_taken' });
      expect(await claimNotifications(store)).toEqual([]);

      const deleted = gone(serverAccountId, { nowMs: NOW_MS + 5 });
      expect(await store.recordGone(deleted)).toBe('revoked');
      expect(await store.recordGone({ ...deleted, deletedEvent: undefined })).toBe('recorded');
      expect(await find(account.id)).toMatchObject({ state: 'revoked', revokedAtMs: NOW_MS + 5 });
      expect(await claimNotifications(store, NOW_MS + 5)).toEqual([]);
      const lostMs = NOW_MS + REQUEST_LEASE_MS;
      expect(await claimNotifications(store, lostMs)).toMatchObject([{ message: 'account_revoked' }]);
      expect((await actions()).slice(-3)).toEqual([
        'service_account.deletion_started',
        'server_account.deleted',
        'service_account.revoked',
      ]);
      expect(await dueSubjects(store, 'server_account', NOW_MS * 2)).toEqual([]);
      expect(await store.beginCreation(namesake)).toEqual({ ok: true });
      expect(await remove(account.id)).toEqual({ kind: 'already_revoked' });
      expect(await remove('sa_nowhere')).toEqual({ kind: 'not_found' });
      expect(await remove(namesake.account.id)).toEqual({ kind: 'not_found' });
    });

    it('may be requested again, and everyone who did is notified when it is over', async () => {
      const { store } = world;
      const { account, serverAccountId } = await insertOnServer(world);
      await remove(account.id);
      await store.beginRemoval(removal(account.id, cy));
      const atMs = NOW_MS + REQUEST_LEASE_MS;
      for (const job of await claimDue(store, 'notification', atMs)) {
        await store.repeatJob({ ...job, runAtMs: atMs + 60_000 });
      }
      // The request that ends it notifies its person itself, unless it is lost.
      const again = removal(account.id);
      const start = { ...again.notification.start, heldUntilMs: atMs + REQUEST_LEASE_MS };
      await store.beginRemoval({ ...again, notification: { ...again.notification, start } });
      await store.recordGone(gone(serverAccountId, { nowMs: atMs }));
      const to = ({ slackUserId }: Person) => ({ message: 'account_revoked', to: { slackUserId } });
      expect(await claimNotifications(store, atMs)).toMatchObject([to(cy)]);
      expect(await claimNotifications(store, start.heldUntilMs)).toMatchObject([to(ada)]);
    });

    it('is reported once by a notification that was due while it ended, whether or not that had been sent', async () => {
      const { store } = world;
      const atMs = NOW_MS + REQUEST_LEASE_MS;
      for (const wasSent of [true, false]) {
        const { account, serverAccountId } = await insertOnServer(world);
        await remove(account.id);
        const due = await claimDue(store, 'notification', atMs);
        await store.recordGone(gone(serverAccountId, { nowMs: atMs }));
        for (const job of due) {
          if (wasSent) await store.finishJob({ ...job, outcome: 'done', nowMs: atMs });
          else await store.repeatJob({ ...job, runAtMs: atMs + 60_000 });
        }
        const again = wasSent ? [] : [{ message: 'account_revoked', accountId: account.id }];
        expect(await claimNotifications(store, atMs)).toMatchObject(again);
      }
    });

    it('has one job, for the person who asked last', async () => {
      const { store } = world;
      const { account, serverAccountId } = await insertOnServer(world);
      await remove(account.id);
      const again = removal(account.id, cy);
      await store.beginRemoval(again);
      const dueMs = NOW_MS + SERVER_REQUEST_MS;
      expect(await dueSubjects(store, 'server_account', dueMs - 1)).toEqual([]);
      expect(await claimDue(store, 'server_account', dueMs)).toMatchObject([
        { subject: serverAccountId, payload: { serverAccountId, ...again.job } },
      ]);
    });

    it('closes collections and lets no key be collected or delivered meanwhile', async () => {
      const { store } = world;
      const { account, delivery } = await insertOnServer(world);
      const { collection } = await (async () => {
        const settled = await store.settleDelivery(settlement(delivery.id, 'rejected'));
        return settled.settled ? settled : { collection: undefined };
      })();
      const collectionId = collection?.id ?? '';
      await remove(account.id);
      expect(await store.findCollection(collectionId)).toMatchObject({ state: 'closed' });
      const refused = { ok: false, reason: 'being_revoked' };
      expect(await store.beginRecreation(recreation(account, collectionId))).toEqual(refused);

      const other = await insertOnServer(world);
      await remove(other.account.id);
      const unknown = settlement(other.delivery.id, 'unknown');
      const settled = { settled: true, collection: undefined, state: 'revoking' };
      expect(await store.settleDelivery(unknown)).toEqual(settled);
      expect(await store.openCollections(ada.slackUserId, NOW_MS)).toEqual([]);
    });

    it('waits for every attempt that may have left something on the server', async () => {
      const { store } = world;
      const { account, serverAccountId, delivery } = await insertOnServer(world);
      const settled = await store.settleDelivery(settlement(delivery.id, 'unknown'));
      const again = recreation(account, settled.settled ? (settled.collection?.id ?? '') : '');
      await store.beginRecreation(again);
      const ids = [serverAccountId, again.server.id];
      expect(await remove(account.id)).toEqual({ kind: 'begun', serverAccountIds: ids });
      expect(await store.recordGone(gone(again.server.id))).toBe('recorded');
      expect(await find(account.id)).toMatchObject({ state: 'revoking' });
      expect(await store.recordGone(gone(serverAccountId))).toBe('revoked');
    });

    it('revokes the account at once if nothing of it is on the server', async () => {
      const { store } = world;
      const { account, server } = await begin(world);
      await store.abandonCreation(abandonment(server.id));
      await store.recordGone(gone(server.id));
      await claimNotifications(store);
      expect(await remove(account.id)).toEqual({ kind: 'revoked' });
      expect((await actions()).at(-1)).toBe('service_account.revoked');
      expect(await claimNotifications(store)).toEqual([]);
      const afterMs = NOW_MS + REQUEST_LEASE_MS;
      expect(await claimNotifications(store, afterMs)).toMatchObject([{ message: 'account_revoked' }]);
    });

    it('continues while the account may reappear, and keeps the time when it was last missing', async () => {
      const { store } = world;
      const { account, server } = await begin(world);
      await store.abandonCreation(abandonment(server.id));
      const record = (nowMs: number, isFinal: boolean) =>
        store.recordGone(gone(server.id, { nowMs, isFinal, deletedEvent: undefined }));
      expect(await record(NOW_MS + 1, false)).toBe('recorded');
      expect(await find(account.id)).toMatchObject({ state: 'active' });
      expect(await store.serverAccount(server.id)).toMatchObject({ goneAtMs: NOW_MS + 1 });
      expect(await dueSubjects(store, 'server_account')).toEqual([server.id]);
      await record(NOW_MS + 2, true);
      expect(await dueSubjects(store, 'server_account', NOW_MS * 2)).toEqual([]);
      expect(await actions()).not.toContain('server_account.deleted');
    });

    it('isn’t recorded for an account that should be on the server', async () => {
      const { serverAccountId } = await insertOnServer(world);
      const before = await world.store.auditRecords();
      expect(await world.store.recordGone(gone(serverAccountId))).toBe('recorded');
      expect(await world.store.serverAccount(serverAccountId)).toMatchObject({ goneAtMs: undefined });
      expect(await world.store.auditRecords()).toEqual(before);
    });

    it('writes nothing when its audit event can’t be written', async () => {
      const { store } = world;
      const { account, serverAccountId } = await insertOnServer(world);
      const impossible = impossibleEvent('service_account.revoked');
      const begins = store.beginRemoval({ ...removal(account.id), auditEvent: impossible });
      await expect(begins).rejects.toThrow('NaN');
      expect(await find(account.id)).toEqual(account);
      await remove(account.id);
      const ends = store.recordGone(gone(serverAccountId, { revokedEvent: impossible }));
      await expect(ends).rejects.toThrow('NaN');
      expect(await find(account.id)).toMatchObject({ state: 'revoking' });
      expect(await store.serverAccount(serverAccountId)).toMatchObject({ goneAtMs: undefined });
    });
  });

  describe('a key on a W&B server that wasn’t delivered', () => {
    it('is revoked with its account there, in the write that settles the delivery', async () => {
      const { store } = world;
      const { account, serverAccountId, delivery } = await insertOnServer(world);
      await store.settleDelivery(settlement(delivery.id, 'unknown', NOW_MS + 1));
      expect(await find(account.id)).toMatchObject({ state: 'active' });
      expect(await store.serverAccount(serverAccountId)).toMatchObject({ desired: 'absent' });
      expect(await claimDue(store, 'server_account', NOW_MS + 1)).toMatchObject([
        { payload: { serverAccountId, ...JOB } },
      ]);
      expect((await actions()).slice(-2)).toEqual([
        'api_key.delivery_failed',
        'service_account.deletion_started',
      ]);
      expect(await store.settleDelivery(settlement(delivery.id, 'accepted'))).toEqual({ settled: false });
    });

    it('isn’t revoked once it was delivered', async () => {
      const { store } = world;
      const { serverAccountId, delivery } = await insertOnServer(world);
      await store.settleDelivery(settlement(delivery.id, 'accepted'));
      expect(await store.serverAccount(serverAccountId)).toMatchObject({ desired: 'present' });
      expect(await dueSubjects(store, 'server_account', NOW_MS * 2)).toEqual([]);
    });
  });

  describe('a problem on a W&B server that needs an admin', () => {
    it('is recorded with its notifications once, until the account is gone', async () => {
      const { store } = world;
      const { account, serverAccountId } = await insertOnServer(world);
      await remove(account.id);
      const problem = 'duplicate_tag';
      const to = { slackUserId: ada.slackUserId };
      const about = { accountId: account.id, serverAccountId, problem, to, requestId: 'req_1' } as const;
      const payload = { message: 'server_account_problem', ...about } as const;
      const record = () =>
        store.recordProblem({
          serverAccountId,
          problem,
          notifications: [{ payload, start: { atMs: NOW_MS } }],
          nowMs: NOW_MS,
          auditEvent: auditEvent('server_account.needs_admin'),
        });
      expect(await record()).toBe(true);
      expect(await record()).toBe(false);
      expect(await claimNotifications(store)).toEqual([payload]);
      expect((await actions()).filter((action) => action === 'server_account.needs_admin')).toHaveLength(1);
      expect(await store.serverAccount(serverAccountId)).toMatchObject({ problem });
      await store.recordGone(gone(serverAccountId));
      expect(await store.serverAccount(serverAccountId)).toMatchObject({ problem: undefined });
    });
  });

  describe('scheduling the job of a server account', () => {
    it('replaces the time and the payload of an unfinished job, and queues one that has ended again', async () => {
      const { store } = world;
      const { server } = await begin(world);
      const job = { serverAccountId: server.id, ...JOB };
      await store.scheduleServerAccount(job, NOW_MS + 5);
      const [claimed] = await claimDue(store, 'server_account', NOW_MS + 5);
      expect(claimed).toMatchObject({ payload: job });
      if (claimed === undefined) throw new Error('no job');
      await store.finishJob({ ...claimed, outcome: 'done', nowMs: NOW_MS });
      await store.scheduleServerAccount(job, NOW_MS + 9);
      expect(await dueSubjects(store, 'server_account', NOW_MS + 9)).toEqual([server.id]);
    });
  });
}
