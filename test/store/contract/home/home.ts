import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { HomeScope } from '../../../../src/application/home/home-store.ts';
import type { NewAccessRequest } from '../../../../src/application/requests/request-store.ts';
import type { Person } from '../../../../src/domain/organization/person.ts';
import type { Policy } from '../../../../src/domain/organization/policy.ts';
import { finishRotation, startRotation } from '../keys/rotations.ts';
import { newRequest } from '../lifecycle/requests.ts';
import {
  ada,
  auditEvent,
  ben,
  cy,
  DAY_MS,
  DESIRED,
  dee,
  federatedAccount,
  insertSending,
  NOW_MS,
  type OpenStore,
  openWorld,
  settlement,
  type World,
  withoutTeam,
} from '../world.ts';

export function describeHome(openStore: OpenStore): void {
  let world: World;
  const soon = { nowMs: NOW_MS, expiresBeforeMs: NOW_MS + 14 * DAY_MS, limit: 5 };
  const scopeOf = (
    administered: HomeScope['administered'],
    person = ada,
    visible: HomeScope['visible'] = administered,
  ): HomeScope => ({ ...person, administered, visible });
  const care = (
    administered: HomeScope['administered'],
    person = ada,
    options = soon,
    visible: HomeScope['visible'] = administered,
  ) => world.store.homeCare(scopeOf(administered, person, visible), options);
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
        ownRequests: nothing,
      };
      expect(await care('all')).toEqual(all);
      expect(await care(['ml-platform', 'vision', 'no-such-team'])).toEqual(all);
    });

    it('includes keys that expire soon: of administered teams, of one’s own accounts, or of all', async () => {
      await insert(world.mlPlatform, { name: 'eval', contact: ada.slackUserId });
      await insert(world.vision, { name: 'labels', contact: ben.slackUserId });
      const late = { ...soon, nowMs: NOW_MS + 80 * DAY_MS, expiresBeforeMs: NOW_MS + 94 * DAY_MS };
      const names = async (
        administered: HomeScope['administered'],
        person = ada,
        visible: HomeScope['visible'] = administered,
      ) => (await care(administered, person, late, visible)).expiring.items.map(({ name }) => name).sort();
      expect((await care('all')).expiring.total).toBe(0);
      expect(await names(['ml-platform'])).toEqual(['eval']);
      expect(await names([], ben, ['ml-platform', 'vision'])).toEqual(['labels']);
      // The contact of an account may be in another team, or have left its team.
      expect(await names([], ben, ['ml-platform'])).toEqual([]);
      expect(await care(['ml-platform'], ben, late)).toMatchObject({ expiring: { total: 1 } });
      expect(await names(['ml-platform'], ben, ['ml-platform', 'vision'])).toEqual(['eval', 'labels']);
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

    it('leaves accounts for all teams to organization admins, and to their contact', async () => {
      const everywhere = { name: 'every-team', scope: 'organization', contact: ben.slackUserId } as const;
      await insert(world.mlPlatform, everywhere);
      const eventOf = () => auditEvent('service_account.unowned');
      const left = { contact: ben.slackUserId, teamId: world.mlPlatform.id };
      await world.store.markUnowned({ ...left, places: [], nowMs: NOW_MS, eventOf });
      const late = { ...soon, nowMs: NOW_MS + 80 * DAY_MS, expiresBeforeMs: NOW_MS + 81 * DAY_MS };
      const totals = async (administered: HomeScope['administered'], person = ada) => {
        const { unowned, unused } = await care(administered, person, late, administered);
        const { expiring } = await care(administered, person, {
          ...late,
          expiresBeforeMs: NOW_MS + 94 * DAY_MS,
        });
        return [unowned.total, unused.total, expiring.total];
      };
      expect(await totals(['ml-platform'])).toEqual([0, 0, 0]);
      expect(await totals('all', cy)).toEqual([1, 1, 1]);
      expect(
        (await care([], ben, { ...late, expiresBeforeMs: NOW_MS + 94 * DAY_MS }, ['ml-platform'])).expiring,
      ).toMatchObject({
        items: [{ scope: 'organization' }],
      });
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
    });

    it('includes, for organization admins, the keys of accounts that are unused as a whole', async () => {
      const { account, key } = await insert();
      await insert(world.vision);
      const at = async (days: number) =>
        (await care('all', cy, { ...soon, nowMs: NOW_MS + days * DAY_MS })).unused;
      expect((await at(13)).total).toBe(0);
      expect((await at(14)).total).toBe(2);
      const use = { accountId: account.id, keyId: key.record.keyId, address: '192.0.2.1' };
      const atMs = NOW_MS + 14 * DAY_MS;
      await world.store.recordUses([{ ...use, atMs, userAgent: undefined }], atMs);
      expect((await at(15)).items).toMatchObject([{ teamName: 'vision' }]);
      const policy = { unusedAfterDays: 30 };
      const teams = DESIRED.teams.map((team) => (team.name === 'ml-platform' ? { ...team, policy } : team));
      await world.store.applyOrganization({ ...DESIRED, teams }, NOW_MS);
      expect((await at(43)).total).toBe(1);
      expect((await at(44)).total).toBe(2);
    });

    it('includes rotations in progress, whose old keys don’t count as expiring', async () => {
      const rotation = await startRotation(world, 2 * DAY_MS);
      await insert(world.vision);
      const ids = async (
        administered: HomeScope['administered'],
        person = ada,
        visible: HomeScope['visible'] = administered,
      ) => {
        const { rotations, expiring } = await care(administered, person, soon, visible);
        expect(expiring.total).toBe(0);
        return rotations.items.map(({ rotationId }) => rotationId);
      };
      expect(await ids(['ml-platform'])).toEqual([rotation.rotationId]);
      expect(await ids([], ben, ['ml-platform'])).toEqual([rotation.rotationId]);
      expect(await ids([], ben, ['vision'])).toEqual([]);
      expect(await ids('all', cy)).toEqual([rotation.rotationId]);
      expect(await ids(['vision'], ada)).toEqual([]);
      await world.store.settleDelivery(settlement(rotation.deliveryId, 'accepted'));
      // The old key isn't unused beside its own rotation, in whatever way unused keys are read.
      const later = { ...soon, nowMs: NOW_MS + 15 * DAY_MS };
      for (const administered of ['all', ['ml-platform']] as const) {
        const unused = (await care(administered, cy, later)).unused.items.map(({ keyId }) => keyId);
        expect(unused).not.toContain(rotation.oldKeyId);
        expect(unused).toContain(rotation.newKeyId);
      }
      await finishRotation(world.store, rotation.rotationId, true);
      expect(await ids('all', cy)).toEqual([]);
    });

    it('doesn’t include a rotation whose key reached nobody, and its old key can still expire', async () => {
      const { deliveryId } = await startRotation(world);
      await world.store.settleDelivery(settlement(deliveryId, 'unknown'));
      const late = { ...soon, nowMs: NOW_MS + 80 * DAY_MS, expiresBeforeMs: NOW_MS + 94 * DAY_MS };
      for (const administered of ['all', ['ml-platform']] as const) {
        expect(await care(administered, cy, late)).toMatchObject({
          rotations: { total: 0 },
          expiring: { total: 1 },
        });
      }
    });

    it('includes accounts whose contact left, for admins alone', async () => {
      const { account } = await insert();
      await insert(world.vision);
      const eventOf = () => auditEvent('service_account.unowned');
      const left = { contact: ben.slackUserId, teamId: world.mlPlatform.id };
      await world.store.markUnowned({ ...left, places: [], nowMs: NOW_MS, eventOf });
      const ids = async (administered: HomeScope['administered'], person = ada) =>
        (await care(administered, person)).unowned.items.map(({ accountId }) => accountId);
      expect(await ids(['ml-platform', 'vision'])).toEqual([account.id]);
      expect(await ids('all', cy)).toEqual([account.id]);
      expect(await ids(['vision'])).toEqual([]);
      expect(await ids([], ben)).toEqual([]);
    });
  });

  describe('the requests on a person’s Home tab', () => {
    beforeEach(async () => {
      world = await openWorld(openStore);
    });
    afterEach(() => world.close());

    const written = { auditEvent: auditEvent('access_request.opened'), notifications: [], nowMs: NOW_MS };
    const open = async (overrides: Partial<NewAccessRequest> = {}) => {
      const request = newRequest(world.mlPlatform, overrides);
      expect(await world.store.openAccessRequest({ ...request, ...written })).toEqual({ ok: true });
      return request.id;
    };
    const toDecide = async (administered: HomeScope['administered'], person = ada) =>
      (await care(administered, person)).requests.items.map(({ request }) => request.id);
    const own = async (person: Person) =>
      (await care([], person)).ownRequests.items.map(({ request }) => request.id);
    const withPolicy = (policy: Policy, ofTeam?: Policy) =>
      world.store.applyOrganization(
        {
          ...DESIRED,
          policy,
          teams: DESIRED.teams.map((team) =>
            team.name === 'ml-platform' && ofTeam ? { ...team, policy: ofTeam } : team,
          ),
        },
        NOW_MS,
      );

    it('are those of others that the person may decide, the oldest first, until they have', async () => {
      const second = await open({ createdAtMs: NOW_MS + 1 });
      const first = await open();
      expect(await toDecide(['ml-platform'])).toEqual([first, second]);
      expect(await toDecide('all', cy)).toEqual([first, second]);
      expect(await toDecide(['vision'])).toEqual([]);
      expect(await toDecide(['ml-platform'], ben)).toEqual([]);
      const decision = { ...ada, decision: 'approved' as const, atMs: NOW_MS };
      await withPolicy({ approvals: 2 });
      expect(await world.store.recordApproval({ id: first, decision, seenDecisions: 0, ...written })).toBe(
        true,
      );
      expect(await toDecide(['ml-platform'])).toEqual([second]);
      expect((await care('all', cy)).requests.items).toMatchObject([
        { policy: { approvals: 2 }, request: { decisions: [{ email: ada.email }] } },
        { policy: { approvals: 2 }, request: { decisions: [] } },
      ]);
      await world.store.endAccessRequest({ id: second, state: 'withdrawn', ...written });
      expect(await toDecide(['ml-platform'])).toEqual([]);
    });

    it('include urgent ones that were granted and wait to be confirmed', async () => {
      const { requests } = await care(['ml-platform']);
      expect(requests.total).toBe(0);
      const request = newRequest(world.mlPlatform, { isUrgent: true, confirmUntilMs: NOW_MS + DAY_MS });
      const account = federatedAccount(world.organizationId, world.mlPlatform, 'repo:acme/web', {
        name: request.requested.name,
      });
      const ofRequest = { ...written, request: { granted: request }, collection: undefined };
      expect(await world.store.insertAccount({ ...account, ofRequest })).toMatchObject({ ok: true });
      expect((await care(['ml-platform'])).requests.items).toMatchObject([{ request: { state: 'granted' } }]);
      expect(await own(ben)).toEqual([request.id]);
    });

    it('follow the policy: for organization admins alone, and for people whom it names by address', async () => {
      const id = await open();
      await withPolicy({ approvers: ['organization_admins'] });
      expect(await toDecide(['ml-platform'])).toEqual([]);
      expect(await toDecide('all', cy)).toEqual([id]);
      await withPolicy({ approvers: [dee.email] });
      expect(await toDecide([], dee)).toEqual([id]);
      expect(await toDecide('all', cy)).toEqual([]);
      await withPolicy({ approvers: [dee.email] }, { approvers: ['team_admins', cy.email] });
      expect(await toDecide([], dee)).toEqual([]);
      expect(await toDecide(['ml-platform'])).toEqual([id]);
      expect(await toDecide([], cy)).toEqual([id]);
      expect(await toDecide('all', cy)).toEqual([id]);
    });

    it('are the person’s own while they wait, and counted beyond those shown', async () => {
      const ids: string[] = [];
      for (let at = 0; at < 3; at += 1) ids.push(await open({ createdAtMs: NOW_MS + at }));
      expect(await own(ben)).toEqual(ids);
      expect(await own(ada)).toEqual([]);
      const { ownRequests, requests } = await care('all', ben, { ...soon, limit: 2 });
      expect([ownRequests.items.length, ownRequests.total, requests.total]).toEqual([2, 3, 0]);
      const globex = await world.stores.openOrganization('globex', NOW_MS);
      const elsewhere = await globex.homeCare(scopeOf('all', ben), soon);
      expect([elsewhere.ownRequests.total, elsewhere.requests.total]).toEqual([0, 0]);
      await world.store.applyOrganization(withoutTeam('ml-platform'), NOW_MS);
      expect(await own(ben)).toEqual([]);
      expect(await toDecide('all', cy)).toEqual([]);
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
      const late = { ...soon, nowMs: NOW_MS + 80 * DAY_MS, expiresBeforeMs: NOW_MS + 94 * DAY_MS };
      expect((await globex.homeCare(scopeOf('all'), late)).expiring.total).toBe(0);
    });
  });
}
