import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  ada,
  auditEvent,
  claimDue,
  claimNotifications,
  DAY_MS,
  insertSending,
  NOW_MS,
  type OpenStore,
  openWorld,
  settlement,
  type World,
} from '../world.ts';

export function describeExpiryNotices(openStore: OpenStore): void {
  describe('a key that expires', () => {
    let world: World;
    let keyId: string;
    let accountId: string;
    beforeEach(async () => {
      world = await openWorld(openStore);
      const { key, account } = await insertSending(world, world.mlPlatform);
      await world.store.settleDelivery(settlement(key.delivery.id, 'accepted'));
      keyId = key.record.keyId;
      accountId = account.id;
    });
    afterEach(() => world.close());

    const notice = (daysBefore: 14 | 3 | 0) => ({
      keyId,
      daysBefore,
      to: [{ slackUserId: ada.slackUserId }],
      nowMs: NOW_MS,
    });
    const accepted = () => ({ keyId, auditEvent: auditEvent('api_key.expiry_accepted') });
    const actions = async () => (await world.store.auditRecords()).map(({ action }) => action);

    it('has a job for its notices from the transaction that inserts it, which looks at it within 15 days', async () => {
      const firstMs = NOW_MS + 15 * DAY_MS;
      expect(await claimDue(world.store, 'expiry_notice', firstMs - 1)).toEqual([]);
      expect(await claimDue(world.store, 'expiry_notice', firstMs)).toMatchObject([
        { subject: keyId, payload: { keyId } },
      ]);
    });

    it('has each notice queued once, by whichever process is first, and none that was due before', async () => {
      const other = await world.another();
      const queued = await Promise.all([
        world.store.queueExpiryNotice(notice(3)),
        other.queueExpiryNotice(notice(3)),
      ]);
      expect(queued.sort()).toEqual([false, true]);
      expect(await world.store.queueExpiryNotice(notice(14))).toBe(false);
      expect(await claimNotifications(world.store)).toEqual([
        {
          message: 'key_expiring',
          accountId,
          keyId,
          daysBefore: 3,
          to: { slackUserId: ada.slackUserId },
          requestId: null,
        },
      ]);
      expect(await world.store.expiringKey(keyId)).toMatchObject({ noticedDaysBefore: 3, isDelivered: true });
      expect(await world.store.queueExpiryNotice(notice(0))).toBe(true);
    });

    it('has no more notices once someone lets it expire, which is recorded once', async () => {
      expect(await world.store.letKeyExpire(accepted())).toBe(true);
      expect(await world.store.letKeyExpire(accepted())).toBe(false);
      expect(await world.store.queueExpiryNotice(notice(0))).toBe(false);
      expect(await world.store.expiringKey(keyId)).toMatchObject({ isLetExpire: true });
      expect((await actions()).filter((action) => action === 'api_key.expiry_accepted')).toHaveLength(1);
    });

    it('needs no notices once its account is revoked, and no other organization sees it', async () => {
      const globex = await world.stores.openOrganization('globex', NOW_MS);
      expect(await globex.expiringKey(keyId)).toBeUndefined();
      expect(await globex.queueExpiryNotice(notice(3))).toBe(false);
      expect(await globex.letKeyExpire(accepted())).toBe(false);
      await world.store.revokeAccount(accountId, NOW_MS, auditEvent('service_account.revoked'));
      expect(await world.store.expiringKey(keyId)).toBeUndefined();
      expect(await world.store.queueExpiryNotice(notice(3))).toBe(false);
      expect(await world.store.letKeyExpire(accepted())).toBe(false);
      expect(await claimNotifications(world.store)).toEqual([]);
    });
  });
}
