import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Collection } from '../../../../src/application/ports/account-records.ts';
import { notificationPauseMs } from '../../../../src/domain/backoff.ts';
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
} from '../world.ts';

export function describeTellings(openStore: OpenStore): void {
  let world: World;
  const ids = async (nowMs?: number) => (await claimAll(world, nowMs)).map(({ collection }) => collection.id);
  const told = (collectionId: string, revokedKeyId: string) =>
    world.store.markCollectionNotified({ collectionId, revokedKeyId, nowMs: NOW_MS });
  /** Collects a key that does not arrive either; answers its ID. */
  const collectInVain = async (collection: Collection): Promise<string> => {
    const record = keyRecord(NOW_MS);
    const { id } = collection;
    const key = { record, delivery: pendingDelivery(record, ada, id) };
    const started = auditEvent('api_key.collection_started');
    await world.store.beginCollection(id, key, NOW_MS, started);
    await world.store.settleDelivery(settlement(key.delivery.id, 'unknown'));
    return record.keyId;
  };

  describe('the telling of a collection', () => {
    beforeEach(async () => {
      world = await openWorld(openStore);
    });
    afterEach(() => world.close());

    it('is taken by one of many that ask at the same moment on several replicas', async () => {
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

    it('comes again after pauses that grow, until the person is told', async () => {
      const { inserted, collection } = await insertCollectable(world, world.mlPlatform);
      let nowMs = NOW_MS;
      for (const tries of [0, 1, 2]) {
        expect(await ids(nowMs)).toEqual([collection.id]);
        expect(await ids(nowMs + notificationPauseMs(tries) - 1)).toEqual([]);
        nowMs += notificationPauseMs(tries);
      }
      await told(collection.id, inserted.key.record.keyId);
      expect(await ids(nowMs)).toEqual([]);
    });

    it('is due for the oldest first, and for those never tried before those tried in vain', async () => {
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

    it('is nobody’s any more once the collection ran out or its team is archived', async () => {
      const { collection } = await insertCollectable(world, world.mlPlatform);
      expect(await ids(collection.expiresAtMs)).toEqual([]);
      await world.store.applyOrganization(withoutTeam('ml-platform'), NOW_MS);
      expect(await ids()).toEqual([]);
    });

    it('begins anew, without a pause, where a collected key did not arrive either', async () => {
      const { inserted, collection } = await insertCollectable(world, world.mlPlatform);
      await claimAll(world);
      await told(collection.id, inserted.key.record.keyId);
      const revokedKeyId = await collectInVain(collection);
      expect(await claimAll(world)).toEqual([{ collection, account: inserted.account, revokedKeyId }]);
    });

    it('is not done by telling of the key that died before', async () => {
      const { inserted, collection } = await insertCollectable(world, world.mlPlatform);
      await claimAll(world);
      const revokedKeyId = await collectInVain(collection);
      await told(collection.id, inserted.key.record.keyId);
      await told('col_nowhere', revokedKeyId);
      expect(await ids()).toEqual([collection.id]);
    });
  });
}
