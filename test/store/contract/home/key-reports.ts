import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  ada,
  auditEvent,
  DAY_MS,
  impossibleEvent,
  insertSending,
  NOW_MS,
  type OpenStore,
  openWorld,
  settlement,
  type World,
} from '../world.ts';

export function describeKeyReports(openStore: OpenStore): void {
  let world: World;
  beforeEach(async () => {
    world = await openWorld(openStore);
  });
  afterEach(() => world.close());

  const insert = async (outcome: 'accepted' | 'unknown' = 'accepted') => {
    const inserted = await insertSending(world, world.mlPlatform);
    await world.store.settleDelivery(settlement(inserted.key.delivery.id, outcome));
    return { ...inserted, keyId: inserted.key.record.keyId };
  };
  const report = (keyId: string, nowMs = NOW_MS + 1) =>
    world.store.recordKeyReport({
      keyId,
      reportedBy: ada.slackUserId,
      channelId: 'C1',
      messageUrl: undefined,
      nowMs,
      eventOf: () => auditEvent('api_key.reported'),
    });
  const reminders = async (nowMs = NOW_MS + 30 * DAY_MS) =>
    (
      await world.store.claimJobs({
        kind: 'reminder',
        nowMs,
        limit: 100,
        except: [],
        longestDelayMs: undefined,
      })
    ).map(({ payload }) => payload);

  describe('a key that was found in a message', () => {
    it('is recorded once a day, with one message to those whom it concerns', async () => {
      const { keyId, account } = await insert();
      expect(await report(keyId)).toBe('recorded');
      expect(await report(keyId)).toBe('repeated');
      expect(await report(keyId, NOW_MS + DAY_MS)).toBe('recorded');
      const actions = (await world.store.auditRecords()).map(({ action }) => action);
      expect(actions.filter((action) => action === 'api_key.reported')).toHaveLength(2);
      const expected = { message: 'key_reported', accountId: account.id, keyId, reportedBy: ada.slackUserId };
      // The second one found the first one still waiting.
      expect(await reminders()).toEqual([{ ...expected, channelId: 'C1' }]);
    });

    it('is ignored if it doesn’t work anymore, doesn’t exist, or belongs to another organization', async () => {
      const [revoked, failed, expired] = [await insert(), await insert('unknown'), await insert()];
      await world.store.revokeAccount(revoked.account.id, NOW_MS, auditEvent('service_account.revoked'));
      const globex = await world.stores.openOrganization('globex', NOW_MS);
      expect(await report(revoked.keyId)).toBe('nothing');
      expect(await report(failed.keyId)).toBe('nothing');
      expect(await report(expired.keyId, NOW_MS + 91 * DAY_MS)).toBe('nothing');
      expect(await report('no-such-key')).toBe('nothing');
      const foreign = { keyId: expired.keyId, reportedBy: 'U1', channelId: undefined, messageUrl: undefined };
      const eventOf = () => auditEvent('api_key.reported');
      expect(await globex.recordKeyReport({ ...foreign, nowMs: NOW_MS, eventOf })).toBe('nothing');
      expect(await reminders()).toEqual([]);
    });

    it('queues nothing if the audit event can’t be written', async () => {
      const { keyId } = await insert();
      const broken = world.store.recordKeyReport({
        keyId,
        reportedBy: ada.slackUserId,
        channelId: undefined,
        messageUrl: undefined,
        nowMs: NOW_MS,
        eventOf: () => impossibleEvent('api_key.reported'),
      });
      await expect(broken).rejects.toThrow();
      expect(await reminders()).toEqual([]);
    });
  });
}
