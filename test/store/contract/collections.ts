import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Collection } from '../../../src/application/ports/account-records.ts';
import {
  ada,
  auditEvent,
  ben,
  claimDue,
  claimNotifications,
  DAY_MS,
  dueSubjects,
  impossibleEvent,
  insertCollectable,
  keyRecord,
  NOW_MS,
  type OpenStore,
  openWorld,
  pendingDelivery,
  settlement,
  type World,
  withoutTeam,
} from './world.ts';

const STARTED = auditEvent('api_key.collection_started');

export function describeCollections(openStore: OpenStore): void {
  let world: World;
  const newKey = (collection: Collection, createdAtMs = NOW_MS + 1) => {
    const record = keyRecord(createdAtMs);
    return { record, delivery: pendingDelivery(record, ada, collection.id) };
  };
  const begin = (collection: Collection, key = newKey(collection), nowMs = NOW_MS + 1) =>
    world.store.beginCollection(collection.id, key, nowMs, STARTED);
  const settle = (deliveryId: string, outcome: 'accepted' | 'unknown', nowMs = NOW_MS + 2) =>
    world.store.settleDelivery(settlement(deliveryId, outcome, nowMs));
  const find = (id: string) => world.store.findCollection(id);

  describe('a collection', () => {
    beforeEach(async () => {
      world = await openWorld(openStore);
    });
    afterEach(() => world.close());

    it('belongs to one person while it is open', async () => {
      const { collection } = await insertCollectable(world, world.mlPlatform);
      const openFor = (slackUserId: string, nowMs: number) => world.store.openCollections(slackUserId, nowMs);
      expect(await openFor(ada.slackUserId, NOW_MS)).toEqual([collection]);
      expect(await openFor(ben.slackUserId, NOW_MS)).toEqual([]);
      expect(await openFor(ada.slackUserId, collection.expiresAtMs)).toEqual([]);
    });

    it('ends when its key is delivered', async () => {
      const { inserted, collection } = await insertCollectable(world, world.mlPlatform);
      const key = newKey(collection);
      expect(await begin(collection, key)).toEqual({ ok: true });
      expect(await find(collection.id)).toEqual({ ...collection, state: 'collecting' });
      expect((await world.store.auditRecords()).at(-1)).toMatchObject(STARTED);
      const delivered = { settled: true, collection: undefined, state: 'active' };
      expect(await settle(key.delivery.id, 'accepted')).toEqual(delivered);
      expect(await find(collection.id)).toEqual({ ...collection, state: 'collected' });
      const { accounts } = await world.store.listAccounts(ada.email, { limit: 1 }, NOW_MS);
      expect(accounts).toMatchObject([
        { account: { id: inserted.account.id }, key: { keyId: key.record.keyId } },
      ]);
      expect(world.keyRevokedAtMs(key.record.keyId)).toBeNull();
      await world.store.revokeAccount(inserted.account.id, NOW_MS + 3, STARTED);
      expect(await find(collection.id)).toMatchObject({ state: 'collected' });
    });

    it('starts once when clicks reach two replicas at the same moment', async () => {
      const { collection } = await insertCollectable(world, world.mlPlatform);
      const other = await world.another();
      const results = await Promise.all([
        begin(collection),
        other.beginCollection(collection.id, newKey(collection), NOW_MS + 1, STARTED),
        begin(collection),
      ]);
      const notOpen = { ok: false, reason: 'not_open' };
      expect(results).toEqual([{ ok: true }, notOpen, notOpen]);
      expect(await dueSubjects(world.store, 'delivery', NOW_MS + DAY_MS)).toHaveLength(1);
    });

    it.each([
      { when: 'it expired', reason: 'expired', end: async () => {} },
      {
        when: 'the account was revoked',
        reason: 'account_revoked',
        end: (accountId: string) => world.store.revokeAccount(accountId, NOW_MS, STARTED),
      },
      {
        when: 'the team was archived',
        reason: 'account_revoked',
        end: () => world.store.applyOrganization(withoutTeam('ml-platform'), NOW_MS),
      },
    ])('can’t start after $when', async ({ reason, end }) => {
      const { inserted, collection } = await insertCollectable(world, world.mlPlatform);
      await end(inserted.account.id);
      expect(await begin(collection, newKey(collection), collection.expiresAtMs)).toEqual({
        ok: false,
        reason,
      });
      expect(await begin({ ...collection, id: 'col_nowhere' })).toEqual({ ok: false, reason: 'not_open' });
    });

    it('reopens for the rest of its time when its key wasn’t delivered either', async () => {
      const { collection } = await insertCollectable(world, world.mlPlatform);
      const key = newKey(collection);
      await begin(collection, key);
      const offered = { settled: true, collection, state: 'active' };
      expect(await settle(key.delivery.id, 'unknown')).toEqual(offered);
      expect(await begin(collection)).toEqual({ ok: true });
    });

    it('queues one notification per key that wasn’t delivered, in the write that opens or reopens it', async () => {
      const { inserted, collection } = await insertCollectable(world, world.mlPlatform);
      const first = inserted.key.record.keyId;
      const key = newKey(collection);
      await begin(collection, key);
      await settle(key.delivery.id, 'unknown');
      const about = { message: 'key_collectable', collectionId: collection.id, requestId: 'req_1' };
      const to = { slackUserId: ada.slackUserId };
      expect(await claimNotifications(world.store, NOW_MS + 2)).toMatchObject([
        { ...about, accountId: inserted.account.id, keyId: first, to },
        { ...about, accountId: inserted.account.id, keyId: key.record.keyId, to },
      ]);
    });

    it('is ended by its job at its expiry, and only if nobody collects it', async () => {
      const { store } = world;
      const { id, expiresAtMs } = (await insertCollectable(world, world.mlPlatform)).collection;
      expect(await dueSubjects(store, 'collection', expiresAtMs - 1)).toEqual([]);
      expect(await claimDue(store, 'collection', expiresAtMs)).toMatchObject([
        { subject: id, payload: { collectionId: id } },
      ]);
      expect(await store.expireCollection(id, expiresAtMs - 1)).toBe(expiresAtMs);
      expect(await store.expireCollection(id, expiresAtMs)).toBeUndefined();
      expect(await find(id)).toMatchObject({ state: 'closed' });

      const { collection } = await insertCollectable(world, world.mlPlatform);
      const key = newKey(collection);
      await begin(collection, key);
      // The delivery decides whether the key was collected.
      expect(await store.expireCollection(collection.id, expiresAtMs)).toBe(expiresAtMs + 60_000);
      await settle(key.delivery.id, 'accepted');
      expect(await store.expireCollection(collection.id, expiresAtMs)).toBeUndefined();
      expect(await find(collection.id)).toMatchObject({ state: 'collected' });
      expect(await dueSubjects(store, 'collection', expiresAtMs)).toEqual([]);
      expect(await store.expireCollection('col_nowhere', expiresAtMs)).toBeUndefined();
    });

    it('closes when its key wasn’t delivered and it has expired or its account was revoked', async () => {
      const late = await insertCollectable(world, world.mlPlatform);
      const lateKey = newKey(late.collection);
      await begin(late.collection, lateKey);
      const { expiresAtMs } = late.collection;
      expect(await settle(lateKey.delivery.id, 'unknown', expiresAtMs)).toEqual({
        settled: true,
        collection: undefined,
        state: 'active',
      });
      const revoked = await insertCollectable(world, world.mlPlatform);
      const revokedKey = newKey(revoked.collection);
      await begin(revoked.collection, revokedKey);
      await world.store.revokeAccount(revoked.inserted.account.id, NOW_MS, STARTED);
      expect(await settle(revokedKey.delivery.id, 'unknown')).toEqual({
        settled: true,
        collection: undefined,
        state: 'revoked',
      });
      for (const { id } of [late.collection, revoked.collection]) {
        expect(await find(id)).toMatchObject({ state: 'closed' });
      }
    });

    it('adds its key to those of the account, newest first and with what became of each', async () => {
      const { inserted, collection } = await insertCollectable(world, world.mlPlatform);
      const key = newKey(collection, NOW_MS + 1);
      await begin(collection, key, NOW_MS + 1);
      const keys = () => world.store.keysOfAccount(inserted.account.id);
      const { keyId, expiresAtMs } = inserted.key.record;
      const first = { keyId, delivery: 'failed', expiresAtMs, revokedAtMs: NOW_MS };
      const second = { keyId: key.record.keyId, expiresAtMs: key.record.expiresAtMs, revokedAtMs: undefined };
      expect(await keys()).toEqual([{ ...second, delivery: 'sending' }, first]);
      await settle(key.delivery.id, 'accepted');
      expect(await keys()).toEqual([{ ...second, delivery: 'delivered' }, first]);
    });

    it('stays open without a key when its audit event can’t be written', async () => {
      const { collection } = await insertCollectable(world, world.mlPlatform);
      await expect(
        world.store.beginCollection(
          collection.id,
          newKey(collection),
          NOW_MS + 1,
          impossibleEvent('api_key.collection_started'),
        ),
      ).rejects.toThrow('NaN');
      expect(await find(collection.id)).toEqual(collection);
      expect(await dueSubjects(world.store, 'delivery', NOW_MS + DAY_MS)).toEqual([]);
    });
  });
}
