import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  ada,
  claimDue,
  claimNotifications,
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
  completion,
  creation,
  gone,
  identity,
  insertOnServer,
  JOB,
  newServer,
  notificationOf,
  recreation,
} from './server-account-world.ts';

export function describeAbandonedCreations(openStore: OpenStore): void {
  describe('an abandoned creation on a W&B server', () => {
    let world: World;
    beforeEach(async () => {
      world = await openWorld(openStore);
    });
    afterEach(() => world.close());
    const find = (accountId: string) => world.store.findAccount(accountId);
    const server = (id: string) => world.store.serverAccount(id);

    it('opens a collection for the account, and its job deletes what appears on the server', async () => {
      const { store } = world;
      const begun = await begin(world);
      const { id } = begun.server;
      const given = abandonment(id);
      const collection = {
        id: given.newCollection?.id,
        accountId: begun.account.id,
        person: ada,
        state: 'open',
      };
      expect(await store.abandonCreation(given)).toMatchObject({ abandoned: true, collection });
      expect(await find(begun.account.id)).toMatchObject({ state: 'active' });
      expect(await store.earlierSubmission(begun.submissionId)).toMatchObject({ delivery: 'failed' });
      expect(await server(id)).toMatchObject({
        desired: 'absent',
        abandonedAtMs: NOW_MS,
        goneAtMs: undefined,
      });
      expect(await claimDue(store, 'server_account')).toMatchObject([
        { subject: id, payload: { serverAccountId: id, ...JOB } },
      ]);
      expect(await claimNotifications(store)).toMatchObject([
        { message: 'key_collectable', collectionId: collection.id, keyId: null },
      ]);
    });

    it('fails the account and frees its name, identity and form if there is nothing to collect', async () => {
      const { store } = world;
      const begun = await begin(world, creation(world, { method: 'federated' }));
      const notification = notificationOf(begun.account.id, 'federated_account_created');
      const given = abandonment(begun.server.id, { isCertain: true, newCollection: undefined, notification });
      expect(await store.abandonCreation(given)).toEqual({ abandoned: true, collection: undefined });
      expect(await find(begun.account.id)).toBeUndefined();
      const failed = { state: 'failed', revokedAtMs: NOW_MS };
      expect(await store.findAnyAccount(begun.account.id)).toMatchObject(failed);
      expect(await server(begun.server.id)).toMatchObject({ desired: 'absent', goneAtMs: NOW_MS });
      expect(await dueSubjects(store, 'server_account', NOW_MS * 2)).toEqual([]);
      expect(await claimNotifications(store)).toEqual([notification.payload]);
      const { name, externalIdentity } = begun.account;
      const again = creation(world, { method: 'federated', name, submissionId: begun.submissionId });
      await begin(world, { ...again, account: { ...again.account, externalIdentity } });
    });

    it('reopens the collection that it was for, unless the account was revoked', async () => {
      const { store } = world;
      const { account, delivery } = await insertOnServer(world);
      const settled = await store.settleDelivery(settlement(delivery.id, 'rejected'));
      const collectionId = settled.settled ? (settled.collection?.id ?? '') : '';
      const attempt = async () => {
        const again = recreation(account, collectionId);
        await store.beginRecreation(again);
        return abandonment(again.server.id, { collectionId, newCollection: undefined, offer: undefined });
      };
      const reopened = { id: collectionId, state: 'open' };
      expect(await store.abandonCreation(await attempt())).toMatchObject({ collection: reopened });
      const last = await attempt();
      await store.revokeAccount(account.id, NOW_MS, last.auditEvent);
      const none = { abandoned: true, collection: undefined };
      expect(await store.abandonCreation(last)).toEqual(none);
      expect(await store.findCollection(collectionId)).toMatchObject({ state: 'closed' });
    });

    it('is abandoned once, and can’t be completed or renewed afterwards', async () => {
      const { store } = world;
      const { account, server: begun } = await begin(world);
      await store.abandonCreation(abandonment(begun.id));
      const before = await store.auditRecords();
      const none = { abandoned: false, collection: undefined };
      expect(await store.abandonCreation(abandonment(begun.id))).toEqual(none);
      expect(await store.completeCreation(completion(begun.id))).toBe('abandoned');
      const renewed = { serverAccountId: begun.id, server: newServer(account), nowMs: NOW_MS };
      expect(await store.renewTag(renewed)).toBe(false);
      expect(await store.auditRecords()).toEqual(before);
      expect(await store.keysOfAccount(account.id)).toEqual([]);
    });

    it('is on the server again when its process learns the ID late', async () => {
      const { store } = world;
      const { server: begun } = await begin(world);
      expect(await store.recordServerIdentity(identity(begun.id))).toBe('recorded');
      await store.abandonCreation(abandonment(begun.id));
      await store.recordGone(gone(begun.id, { isFinal: false }));
      expect(await server(begun.id)).toMatchObject({ goneAtMs: NOW_MS });
      expect(await store.recordServerIdentity(identity(begun.id, 'member-late'))).toBe('abandoned');
      expect(await server(begun.id)).toMatchObject({ memberId: 'member-late', goneAtMs: undefined });
      await expect(store.recordServerIdentity(identity('srv_nowhere'))).rejects.toThrow();
    });

    it('gets another tag for the next attempt, and its job deletes the earlier one', async () => {
      const { store } = world;
      const begun = await begin(world, creation(world, { method: 'federated' }));
      const renewed = newServer(begun.account);
      const earlier = begun.server.id;
      expect(await store.renewTag({ serverAccountId: earlier, server: renewed, nowMs: NOW_MS })).toBe(true);
      expect(await server(earlier)).toMatchObject({ desired: 'absent', abandonedAtMs: NOW_MS });
      expect(await server(renewed.id)).toMatchObject({ desired: 'present', tag: renewed.tag });
      expect(await dueSubjects(store, 'server_account')).toEqual([earlier]);
      expect(await dueSubjects(store, 'server_account', NOW_MS + 90_000)).toEqual([earlier, renewed.id]);
    });

    it('stays open when its audit event can’t be written', async () => {
      const { store } = world;
      const { account, server: begun } = await begin(world);
      const failing = abandonment(begun.id, {
        auditEvent: impossibleEvent('service_account.creation_abandoned'),
      });
      await expect(store.abandonCreation(failing)).rejects.toThrow('NaN');
      expect(await server(begun.id)).toMatchObject({ desired: 'present' });
      expect(await store.findAnyAccount(account.id)).toMatchObject({ state: 'provisioning' });
      expect(await claimNotifications(store)).toEqual([]);
    });
  });
}
