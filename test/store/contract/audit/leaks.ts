import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { LeakOutcome } from '../../../../src/application/leaks/leak-store.ts';
import {
  auditEvent,
  DAY_MS,
  DESIRED,
  insertSending,
  NOW_MS,
  type OpenStore,
  openWorld,
  settlement,
  type World,
} from '../world.ts';

export function describeLeaks(openStore: OpenStore): void {
  describe('a key that was found in public', () => {
    let world: World;
    beforeEach(async () => {
      world = await openWorld(openStore);
    });
    afterEach(() => world.close());

    async function deliveredKey() {
      const added = await insertSending(world, world.mlPlatform);
      await world.store.settleDelivery(settlement(added.key.delivery.id, 'accepted'));
      return { keyId: added.key.record.keyId, accountId: added.account.id };
    }
    const PLACE = 'https://example.com/a';
    const recordLeak = (keyId: string, nowMs = NOW_MS, store = world.store, place = PLACE) =>
      store.recordLeak({
        keyId,
        place,
        nowMs,
        eventOf: ({ outcome, account }) => ({
          ...auditEvent('api_key.leak_reported', { outcome, key_id: keyId, place }),
          subject: `service_account:${account.id}`,
          atMs: nowMs,
        }),
      });
    const reminders = async () =>
      (await world.store.listJobs({ kind: 'reminder', includesDone: true, limit: 10 })).map(
        ({ subject }) => subject,
      );

    it('is revoked once, with its audit event and the message to those whom it concerns', async () => {
      const { keyId } = await deliveredKey();
      const outcomes: (LeakOutcome | 'nothing')[] = [await recordLeak(keyId), await recordLeak(keyId)];
      expect(outcomes).toEqual(['revoked', 'nothing']);
      expect((await world.store.findApiKey(keyId))?.revokedAtMs).toBe(NOW_MS);
      const events = (await world.store.auditRecords()).filter(
        ({ action }) => action === 'api_key.leak_reported',
      );
      expect(events).toHaveLength(1);
      expect(await reminders()).toEqual([`key_leaked:${keyId}:${PLACE}`]);
    });

    it('stays active under the policy “notify”, which is recorded once for each of a bounded number of places', async () => {
      const teams = DESIRED.teams.map((team) => ({ ...team, policy: { onLeak: 'notify' as const } }));
      await world.store.applyOrganization({ ...DESIRED, teams }, NOW_MS);
      const { keyId } = await deliveredKey();
      expect([await recordLeak(keyId), await recordLeak(keyId)]).toEqual(['notified', 'nothing']);
      expect((await world.store.findApiKey(keyId))?.revokedAtMs).toBeUndefined();
      expect(await reminders()).toEqual([`key_leaked:${keyId}:${PLACE}`]);
      const other = (index: number) =>
        recordLeak(keyId, NOW_MS + index, world.store, `https://example.com/b/${index}`);
      const outcomes: string[] = [];
      for (let index = 0; index < 22; index += 1) outcomes.push(await other(index));
      expect(outcomes).toEqual([...Array(19).fill('notified'), ...Array(3).fill('nothing')]);
      expect([await other(3), await recordLeak(keyId)]).toEqual(['nothing', 'nothing']);
      const another = await deliveredKey();
      expect(await recordLeak(another.keyId)).toBe('notified');
    });

    it('is revoked by a later report of the same place once the policy says so', async () => {
      const teams = DESIRED.teams.map((team) => ({ ...team, policy: { onLeak: 'notify' as const } }));
      await world.store.applyOrganization({ ...DESIRED, teams }, NOW_MS);
      const { keyId } = await deliveredKey();
      expect(await recordLeak(keyId)).toBe('notified');
      await world.store.applyOrganization(DESIRED, NOW_MS);
      expect([await recordLeak(keyId), await recordLeak(keyId)]).toEqual(['revoked', 'nothing']);
    });

    it('has no effect if it doesn’t work anymore, doesn’t exist, or is another organization’s', async () => {
      const { keyId, accountId } = await deliveredKey();
      expect(await recordLeak('none')).toBe('nothing');
      expect(await recordLeak(keyId, NOW_MS + 400 * DAY_MS)).toBe('nothing');
      const globex = await world.stores.openOrganization('globex', NOW_MS);
      expect(await recordLeak(keyId, NOW_MS, globex)).toBe('nothing');
      await world.store.revokeAccount(accountId, NOW_MS, auditEvent('service_account.revoked'));
      expect(await recordLeak(keyId)).toBe('nothing');
      expect(await reminders()).toEqual([]);
    });
  });
}
