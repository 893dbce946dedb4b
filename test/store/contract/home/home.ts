import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { HomeScope } from '../../../../src/application/home/home-store.ts';
import {
  ada,
  auditEvent,
  ben,
  cy,
  DAY_MS,
  insertSending,
  NOW_MS,
  type OpenStore,
  openWorld,
  settlement,
  type World,
} from '../world.ts';

export function describeHome(openStore: OpenStore): void {
  let world: World;
  const soon = { nowMs: NOW_MS, expiresBeforeMs: NOW_MS + 14 * DAY_MS, limit: 5 };
  const scopeOf = (administered: HomeScope['administered'], person = ada): HomeScope => ({
    ...person,
    administered,
  });
  const care = (administered: HomeScope['administered'], person = ada, options = soon) =>
    world.store.homeCare(scopeOf(administered, person), options);
  const insert = async (team = world.mlPlatform, overrides: Parameters<typeof insertSending>[2] = {}) => {
    const inserted = await insertSending(world, team, overrides);
    await world.store.settleDelivery(settlement(inserted.key.delivery.id, 'accepted'));
    return inserted;
  };

  describe('what needs a person’s care', () => {
    beforeEach(async () => {
      world = await openWorld(openStore);
    });
    afterEach(() => world.close());

    it('is nothing in a new organization', async () => {
      const nothing = { items: [], total: 0 };
      const all = {
        expiring: nothing,
        rotations: nothing,
        unowned: nothing,
        unused: nothing,
        requests: nothing,
      };
      expect(await care('all')).toEqual(all);
      expect(await care(['ml-platform', 'vision', 'no-such-team'])).toEqual(all);
    });

    it('includes keys that expire soon: of administered teams, of one’s own accounts, or of all', async () => {
      await insert(world.mlPlatform, { name: 'eval', contact: ada.slackUserId });
      await insert(world.vision, { name: 'labels', contact: ben.slackUserId });
      const late = { ...soon, nowMs: NOW_MS + 80 * DAY_MS, expiresBeforeMs: NOW_MS + 94 * DAY_MS };
      const names = async (administered: HomeScope['administered'], person = ada) =>
        (await care(administered, person, late)).expiring.items.map(({ name }) => name).sort();
      expect((await care('all')).expiring.total).toBe(0);
      expect(await names(['ml-platform'])).toEqual(['eval']);
      expect(await names([], ben)).toEqual(['labels']);
      expect(await names(['ml-platform', 'vision'], ben)).toEqual(['eval', 'labels']);
      expect(await names('all', cy)).toEqual(['eval', 'labels']);
      expect((await care('all', cy, { ...late, limit: 1 })).expiring).toMatchObject({
        items: [{}],
        total: 2,
      });
      // After its expiry, a key can't be saved anymore.
      const over = { ...late, nowMs: NOW_MS + 91 * DAY_MS };
      expect((await care('all', cy, over)).expiring.total).toBe(0);
    });

    it('leaves out accounts that have ended', async () => {
      const { account } = await insert();
      await world.store.revokeAccount(account.id, NOW_MS, auditEvent('service_account.revoked'));
      const late = { ...soon, nowMs: NOW_MS + 80 * DAY_MS, expiresBeforeMs: NOW_MS + 94 * DAY_MS };
      for (const administered of ['all', ['ml-platform']] as const) {
        expect(await care(administered, cy, late)).toMatchObject({
          expiring: { total: 0 },
          unused: { total: 0 },
        });
      }
    });

    it('includes keys that were never used after 14 days, or not for 90, and counts at most 101', async () => {
      const { account, key } = await insert();
      const at = async (days: number) =>
        (await care(['ml-platform'], ada, { ...soon, nowMs: NOW_MS + days * DAY_MS })).unused;
      expect((await at(13)).total).toBe(0);
      expect((await at(14)).items).toMatchObject([{ keyId: key.record.keyId, lastUsedAtMs: undefined }]);
      const use = { accountId: account.id, keyId: key.record.keyId, address: '192.0.2.1' };
      const atMs = NOW_MS + 14 * DAY_MS;
      await world.store.recordUses([{ ...use, atMs, userAgent: undefined }], atMs);
      expect((await at(15)).total).toBe(0);
      // The key expires 90 days after its creation.
      expect((await at(89)).total).toBe(0);
      expect((await care('all', cy, { ...soon, nowMs: NOW_MS + 14 * DAY_MS })).unused.total).toBe(0);
    });
  });

  describe('the search for accounts', () => {
    beforeEach(async () => {
      world = await openWorld(openStore);
    });
    afterEach(() => world.close());

    it('finds names that begin with the text before those that contain it, in the given teams', async () => {
      await insert(world.mlPlatform, { name: 'nightly-eval' });
      await insert(world.mlPlatform, { name: 'eval', contact: ada.slackUserId });
      await insert(world.vision, { name: 'eval-vision' });
      const found = async (teams: readonly string[] | 'all', query: string, limit = 10) =>
        (await world.store.accountsByPartOfName(teams, { query, limit })).map(({ name }) => name);
      expect(await found('all', 'eval')).toEqual(['eval', 'eval-vision', 'nightly-eval']);
      expect(await found('all', 'eval', 2)).toEqual(['eval', 'eval-vision']);
      expect(await found(['ml-platform'], 'eval')).toEqual(['eval', 'nightly-eval']);
      expect(await found(['vision', 'ml-platform'], '')).toEqual(['eval', 'eval-vision', 'nightly-eval']);
      for (const query of ['%', '_', "' or 1=1 --"]) expect(await found('all', query)).toEqual([]);
      expect(await found([], 'eval')).toEqual([]);
    });
  });

  describe('the direct messages that a person doesn’t want', () => {
    beforeEach(async () => {
      world = await openWorld(openStore);
    });
    afterEach(() => world.close());

    it('are none at first, and are stored with one audit event for each change', async () => {
      const mute = (kinds: Parameters<World['store']['muteMessages']>[1]) =>
        world.store.muteMessages(ada.slackUserId, kinds, auditEvent('person.messages_chosen'));
      expect(await world.store.mutedMessages(ada.slackUserId)).toEqual([]);
      expect(await mute([])).toBe(false);
      expect(await mute(['team_changes', 'review'])).toBe(true);
      expect(await mute(['review', 'team_changes'])).toBe(false);
      expect(await mute(['review'])).toBe(true);
      expect(await world.store.mutedMessages(ada.slackUserId)).toEqual(['review']);
      expect(await world.store.mutedMessages(ben.slackUserId)).toEqual([]);
      const actions = (await world.store.auditRecords()).map(({ action }) => action);
      expect(actions.filter((action) => action === 'person.messages_chosen')).toHaveLength(2);
    });

    it('belong to one organization', async () => {
      await world.store.muteMessages(ada.slackUserId, ['review'], auditEvent('person.messages_chosen'));
      await insert();
      const globex = await world.stores.openOrganization('globex', NOW_MS);
      expect(await globex.mutedMessages(ada.slackUserId)).toEqual([]);
      expect(await globex.accountsByPartOfName('all', { query: '', limit: 9 })).toEqual([]);
      const late = { ...soon, nowMs: NOW_MS + 80 * DAY_MS, expiresBeforeMs: NOW_MS + 94 * DAY_MS };
      expect((await globex.homeCare(scopeOf('all'), late)).expiring.total).toBe(0);
    });
  });
}
