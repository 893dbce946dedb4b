import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  ada,
  auditEvent,
  claimDue,
  claimNotifications,
  DAY_MS,
  dueSubjects,
  impossibleEvent,
  insertSending,
  NOW_MS,
  type OpenStore,
  openWorld,
  settlement,
  type World,
} from './world.ts';

export function describeDeliveries(openStore: OpenStore): void {
  describe('a delivery of a key', () => {
    let world: World;
    beforeEach(async () => {
      world = await openWorld(openStore);
    });
    afterEach(() => world.close());

    it('keeps its key when Slack accepted the message', async () => {
      const { account, key } = await insertSending(world, world.mlPlatform);
      const settled = await world.store.settleDelivery(settlement(key.delivery.id, 'accepted'));
      expect(settled).toEqual({ settled: true, collection: undefined, state: 'active' });
      expect(await dueSubjects(world.store, 'delivery', NOW_MS + DAY_MS)).toEqual([]);
      expect(world.keyRevokedAtMs(key.record.keyId)).toBeNull();
      const { accounts } = await world.store.listAccounts(ada.email, { limit: 1 }, NOW_MS);
      expect(accounts[0]).toMatchObject({ account: { id: account.id }, key: { revokedAtMs: undefined } });
      expect((await world.store.auditRecords()).at(-1)?.action).toBe('api_key.delivered');
    });

    it.each(['rejected', 'unknown'] as const)(
      'opens a collection with the same lifetime when the outcome is %s',
      async (outcome) => {
        const { account, key } = await insertSending(world, world.mlPlatform);
        const wanted = settlement(key.delivery.id, outcome, NOW_MS + 10);
        const collection = {
          id: wanted.newCollection.id,
          accountId: account.id,
          person: ada,
          keyName: key.record.name,
          keyExpiry: { days: 90 },
          expiresAtMs: NOW_MS + 10 + DAY_MS,
          state: 'open',
        };
        expect(await world.store.settleDelivery(wanted)).toEqual({
          settled: true,
          collection,
          state: 'active',
        });
        expect(await world.store.findCollection(collection.id)).toEqual(collection);
        expect(await claimNotifications(world.store, NOW_MS + 20)).toEqual([
          {
            message: 'key_collectable',
            accountId: account.id,
            collectionId: collection.id,
            keyId: key.record.keyId,
            to: { slackUserId: ada.slackUserId },
            requestId: 'req_1',
          },
        ]);
      },
    );

    it.each(['rejected', 'unknown'] as const)(
      'leaves no active key when the outcome is %s',
      async (outcome) => {
        const { key } = await insertSending(world, world.mlPlatform);
        const bystander = await insertSending(world, world.mlPlatform);
        expect(world.keyRevokedAtMs(key.record.keyId)).toBeNull();
        await world.store.settleDelivery(settlement(key.delivery.id, outcome, NOW_MS + 10));
        expect(world.keyRevokedAtMs(key.record.keyId)).toBe(NOW_MS + 10);
        expect(world.keyRevokedAtMs(bystander.key.record.keyId)).toBeNull();
      },
    );

    it('is settled once, by the first outcome that is reported', async () => {
      const { key } = await insertSending(world, world.mlPlatform);
      const other = await world.another();
      const results = await Promise.all([
        world.store.settleDelivery(settlement(key.delivery.id, 'accepted')),
        other.settleDelivery(settlement(key.delivery.id, 'unknown')),
        world.store.settleDelivery(settlement(key.delivery.id, 'accepted')),
      ]);
      expect(results.map(({ settled }) => settled)).toEqual([true, false, false]);
      expect(await claimNotifications(world.store)).toEqual([]);
      const actions = (await world.store.auditRecords()).map(({ action }) => action);
      expect(actions.filter((action) => action.startsWith('api_key.'))).toEqual(['api_key.delivered']);
    });

    it('can’t be settled if it doesn’t exist', async () => {
      const settled = await world.store.settleDelivery(settlement('dlv_nowhere', 'unknown'));
      expect(settled).toEqual({ settled: false });
    });

    it('has a job that is due after its lease and ends when it is settled', async () => {
      const { store } = world;
      const first = await insertSending(world, world.mlPlatform);
      const second = await insertSending(world, world.vision, { createdAtMs: NOW_MS - 1 });
      const { leaseUntilMs, ...delivery } = first.key.delivery;
      expect(await store.openDelivery(delivery.id)).toEqual({ delivery, account: first.account });
      expect(await dueSubjects(store, 'delivery', leaseUntilMs - 2)).toEqual([]);
      const [claimed] = await claimDue(store, 'delivery', leaseUntilMs - 1);
      const { id: deliveryId } = second.key.delivery;
      expect(claimed).toMatchObject({ subject: deliveryId, payload: { deliveryId } });
      await store.settleDelivery(settlement(deliveryId, 'unknown', leaseUntilMs));
      expect(await store.openDelivery(deliveryId)).toBeUndefined();
      expect(await dueSubjects(store, 'delivery', leaseUntilMs + DAY_MS)).toEqual([delivery.id]);
    });

    it('stays open when its audit event can’t be written', async () => {
      const { key } = await insertSending(world, world.mlPlatform);
      const failing = {
        ...settlement(key.delivery.id, 'unknown'),
        auditEvent: impossibleEvent('api_key.delivery_failed'),
      };
      await expect(world.store.settleDelivery(failing)).rejects.toThrow('NaN');
      expect(await claimNotifications(world.store)).toEqual([]);
      expect(await dueSubjects(world.store, 'delivery', NOW_MS + DAY_MS)).toEqual([key.delivery.id]);
      const again = { ...failing, auditEvent: auditEvent('api_key.delivery_failed') };
      expect(await world.store.settleDelivery(again)).toMatchObject({ settled: true });
    });
  });
}
