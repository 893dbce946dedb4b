import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  ada,
  auditEvent,
  claimAll,
  DAY_MS,
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
      expect(settled).toEqual({ settled: true, collection: undefined });
      expect(world.keyRevokedAtMs(key.record.keyId)).toBeNull();
      const { accounts } = await world.store.listAccounts(ada.email, { limit: 1 });
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
          keyLifetimeDays: 90,
          expiresAtMs: NOW_MS + 10 + DAY_MS,
          state: 'open',
        };
        expect(await world.store.settleDelivery(wanted)).toEqual({
          settled: true,
          collection,
        });
        expect(await world.store.findCollection(collection.id)).toEqual(collection);
        expect(await claimAll(world, NOW_MS + 20)).toEqual([
          { collection, account, revokedKeyId: key.record.keyId },
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
      expect(await claimAll(world)).toEqual([]);
      const actions = (await world.store.auditRecords()).map(({ action }) => action);
      expect(actions.filter((action) => action.startsWith('api_key.'))).toEqual(['api_key.delivered']);
    });

    it('can’t be settled if it doesn’t exist', async () => {
      const settled = await world.store.settleDelivery(settlement('dlv_nowhere', 'unknown'));
      expect(settled).toEqual({ settled: false });
    });

    it('lapses after its lease and until it is settled', async () => {
      const first = await insertSending(world, world.mlPlatform);
      const second = await insertSending(world, world.vision, { createdAtMs: NOW_MS - 1 });
      const { leaseUntilMs } = first.key.delivery;
      const lapsedAt = (nowMs: number) => world.store.lapsedDeliveries(nowMs);
      expect(await lapsedAt(leaseUntilMs - 1)).toEqual([]);
      expect(await lapsedAt(leaseUntilMs)).toEqual([
        { delivery: second.key.delivery, account: second.account },
      ]);
      expect((await lapsedAt(leaseUntilMs + 1)).map(({ account }) => account.id)).toEqual([
        second.account.id,
        first.account.id,
      ]);
      await world.store.settleDelivery(settlement(second.key.delivery.id, 'unknown', leaseUntilMs + 1));
      expect(await lapsedAt(leaseUntilMs + 1)).toHaveLength(1);
    });

    it('stays open when its audit event can’t be written', async () => {
      const { key } = await insertSending(world, world.mlPlatform);
      const failing = {
        ...settlement(key.delivery.id, 'unknown'),
        auditEvent: impossibleEvent('api_key.delivery_failed'),
      };
      await expect(world.store.settleDelivery(failing)).rejects.toThrow('NaN');
      expect(await claimAll(world)).toEqual([]);
      expect(await world.store.lapsedDeliveries(NOW_MS + DAY_MS)).toHaveLength(1);
      const again = { ...failing, auditEvent: auditEvent('api_key.delivery_failed') };
      expect(await world.store.settleDelivery(again)).toMatchObject({ settled: true });
    });
  });
}
