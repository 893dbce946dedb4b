import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Collection } from '../../../src/application/ports/account-records.ts';
import { notificationPauseMs } from '../../../src/domain/backoff.ts';
import {
  ada,
  auditEvent,
  claimAll,
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

export function describeCollectionNotifications(openStore: OpenStore): void {
  let world: World;
  const ids = async (nowMs?: number) => (await claimAll(world, nowMs)).map(({ collection }) => collection.id);
  const markNotified = (collectionId: string, revokedKeyId: string) =>
    world.store.markCollectionNotified({ collectionId, revokedKeyId, nowMs: NOW_MS });
  /** Collects a key whose delivery fails too. Returns its key ID. */
  const collectInVain = async (collection: Collection): Promise<string> => {
    const record = keyRecord(NOW_MS);
    const { id } = collection;
    const key = { record, delivery: pendingDelivery(record, ada, id) };
    const started = auditEvent('api_key.collection_started');
    await world.store.beginCollection(id, key, NOW_MS, started);
    await world.store.settleDelivery(settlement(key.delivery.id, 'unknown'));
    return record.keyId;
  };

  describe('notifying a person of a collection', () => {
    beforeEach(async () => {
      world = await openWorld(openStore);
    });
    afterEach(() => world.close());

    it('is claimed by one of several replicas that try at once', async () => {
      const { inserted, collection } = await insertCollectable(world, world.mlPlatform);
      const { id: collectionId } = collection;
      const other = await world.another();
      const claims = await Promise.all([
        claimAll(world),
        other.claimCollectionNotifications(NOW_MS, { limit: 9 }),
        other.claimCollectionNotifications(NOW_MS, { collectionId }),
        world.store.claimCollectionNotifications(NOW_MS, { collectionId }),
      ]);
      expect(claims.flat()).toEqual([
        { collection, account: inserted.account, revokedKeyId: inserted.key.record.keyId },
      ]);
    });

    it('is retried after growing pauses until the person was notified', async () => {
      const { inserted, collection } = await insertCollectable(world, world.mlPlatform);
      let nowMs = NOW_MS;
      for (const tries of [0, 1, 2]) {
        expect(await ids(nowMs)).toEqual([collection.id]);
        expect(await ids(nowMs + notificationPauseMs(tries) - 1)).toEqual([]);
        nowMs += notificationPauseMs(tries);
      }
      await markNotified(collection.id, inserted.key.record.keyId);
      expect(await ids(nowMs)).toEqual([]);
    });

    it('starts with the oldest, and with those not tried before failed ones', async () => {
      const older = await insertCollectable(world, world.vision, NOW_MS - 10);
      expect(await ids()).toEqual([older.collection.id]);
      const newest = await insertCollectable(world, world.mlPlatform, NOW_MS);
      const newer = await insertCollectable(world, world.mlPlatform, NOW_MS - 5);
      const laterMs = NOW_MS + notificationPauseMs(0);
      const firstTwo = await world.store.claimCollectionNotifications(laterMs, { limit: 2 });
      expect(firstTwo.map(({ collection }) => collection.id)).toEqual([
        newer.collection.id,
        newest.collection.id,
      ]);
      expect(await ids(laterMs)).toEqual([older.collection.id]);
    });

    it('stops when the collection expired or its team is archived', async () => {
      const { collection } = await insertCollectable(world, world.mlPlatform);
      expect(await ids(collection.expiresAtMs)).toEqual([]);
      await world.store.applyOrganization(withoutTeam('ml-platform'), NOW_MS);
      expect(await ids()).toEqual([]);
    });

    it('starts over without a pause when the collected key wasn’t delivered either', async () => {
      const { inserted, collection } = await insertCollectable(world, world.mlPlatform);
      await claimAll(world);
      await markNotified(collection.id, inserted.key.record.keyId);
      const revokedKeyId = await collectInVain(collection);
      expect(await claimAll(world)).toEqual([{ collection, account: inserted.account, revokedKeyId }]);
    });

    it('isn’t done by the notification of a previously revoked key', async () => {
      const { inserted, collection } = await insertCollectable(world, world.mlPlatform);
      await claimAll(world);
      const revokedKeyId = await collectInVain(collection);
      await markNotified(collection.id, inserted.key.record.keyId);
      await markNotified('col_nowhere', revokedKeyId);
      expect(await ids()).toEqual([collection.id]);
    });
  });
}
