import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { DesiredTeam } from '../../../src/domain/organization/organization-changes.ts';
import {
  ada,
  ben,
  cy,
  DESIRED,
  dee,
  ISSUER,
  insertSending,
  NOW_MS,
  type OpenStore,
  openWorld,
  type World,
  withoutTeam,
} from './world.ts';

export function describeOrganizations(openStore: OpenStore): void {
  describe('an organization', () => {
    let world: World;
    beforeEach(async () => {
      world = await openWorld(openStore);
    });
    afterEach(() => world.close());

    it('has no name in a new database, and afterwards the name that it was opened with', async () => {
      const fresh = await openStore();
      expect(await fresh.stores.organizationName()).toBeUndefined();
      await fresh.stores.openOrganization('acme', NOW_MS);
      expect(await fresh.stores.organizationName()).toBe('acme');
      await fresh.close();
    });

    it('is created and recorded once when several processes open it at once', async () => {
      const fresh = await openStore();
      const handles = [fresh.stores, fresh.another(), fresh.another()];
      const opened = await Promise.all(handles.map((stores) => stores.openOrganization('acme', NOW_MS)));
      expect(new Set(opened.map(({ organizationId }) => organizationId)).size).toBe(1);
      const records = await opened[0]?.auditRecords();
      expect(records?.map(({ action, subject }) => ({ action, subject }))).toEqual([
        { action: 'organization.created', subject: 'organization:acme' },
      ]);
      await fresh.close();
    });

    it('becomes what the teams file describes, with an audit event per change', async () => {
      const records = await world.store.auditRecords();
      expect(records.map(({ action, subject }) => `${action} ${subject}`)).toEqual([
        'organization.created organization:acme',
        'organization_admin.added organization_admin:cy@acme.test',
        `issuer.added issuer:${ISSUER}`,
        'team.created team:ml-platform',
        'team_member.added team:ml-platform',
        'team_member.added team:ml-platform',
        'team.created team:vision',
        'team_member.added team:vision',
      ]);
      expect(records[3]).toMatchObject({
        actor: { type: 'system', name: 'teams-file' },
        details: { subjects: ['repo:acme/*'], projects: ['benchmarks (open): nightly-eval'] },
      });
    });

    it('writes nothing when the file hasn’t changed', async () => {
      const before = await world.store.auditRecords();
      expect(await world.store.applyOrganization(DESIRED, NOW_MS + 1)).toEqual({
        changes: 0,
      });
      expect(await world.store.auditRecords()).toEqual(before);
    });

    it('applies the same file once when several processes start at once', async () => {
      const handles = [world.store, await world.another(), await world.another()];
      const applied = await Promise.all(
        handles.map((store) => store.applyOrganization(withoutTeam('vision'), NOW_MS + 1)),
      );
      expect(applied.map(({ changes }) => changes).sort()).toEqual([0, 0, 1]);
    });

    it('lists each admin once and drops admins removed from the file', async () => {
      const admins = [dee.email, cy.email, dee.email];
      await world.store.applyOrganization({ ...DESIRED, admins }, NOW_MS);
      expect(await world.store.organizationAdmins()).toEqual([cy.email, dee.email]);
      await world.store.applyOrganization({ ...DESIRED, admins: [] }, NOW_MS);
      expect(await world.store.organizationAdmins()).toEqual([]);
    });

    it('removes and restores issuers with the file and keeps the accounts that name them', async () => {
      const apply = (urls: string[]) =>
        world.store.applyOrganization({ ...DESIRED, issuers: urls.map((url) => ({ url })) }, NOW_MS);
      await apply([]);
      expect(await world.store.issuers()).toEqual([]);
      await apply(['https://a.test', ISSUER]);
      expect(await world.store.issuers()).toEqual(['https://a.test', ISSUER]);
    });

    it('removes the roles of people removed from the file and applies changed roles', async () => {
      const members = [{ email: ben.email, username: 'ben', role: 'admin' as const }];
      const [mlPlatform, ...others] = DESIRED.teams;
      const teams = [{ ...mlPlatform, members } as DesiredTeam, ...others];
      expect(await world.store.applyOrganization({ ...DESIRED, teams }, NOW_MS)).toEqual({ changes: 2 });
      const access = await world.store.teamAccess(ada.email, 'ml-platform');
      expect(access?.role).toBeUndefined();
      expect(await world.store.teamAdmins('ml-platform')).toEqual(members);
    });

    it('archives a team removed from the file with its accounts, and restores both when it is back', async () => {
      const { account } = await insertSending(world, world.vision);
      await world.store.applyOrganization(withoutTeam('vision'), NOW_MS);

      expect(await world.store.teamAccess(ben.email, 'vision')).toBeUndefined();
      expect(await world.store.teamAdmins('vision')).toEqual([]);
      expect((await world.store.teamsOf(ben.email)).map(({ team }) => team.name)).toEqual(['ml-platform']);
      expect(await world.store.findAccountsByName(cy.email, account.name, undefined)).toEqual([]);
      expect((await world.store.administeredTeams(cy.email, { limit: 9 })).total).toBe(1);

      await world.store.applyOrganization(DESIRED, NOW_MS);
      expect(await world.store.findAccountsByName(ben.email, account.name, 'vision')).toEqual([account]);
      const actions = (await world.store.auditRecords()).map(({ action }) => action);
      expect(actions.slice(-2)).toEqual(['team.archived', 'team.restored']);
    });

    it('returns peppers by version and never replaces one', async () => {
      const { store } = world;
      expect(await store.insertSealedPepper(2, 'sealed-2', NOW_MS)).toBe(true);
      expect(await store.insertSealedPepper(1, 'another', NOW_MS)).toBe(false);
      expect(await store.sealedPeppers()).toEqual([
        { version: 1, sealed: 'sealed-1' },
        { version: 2, sealed: 'sealed-2' },
      ]);
    });

    it('responds to a ping', async () => {
      await expect(world.stores.ping()).resolves.toBeUndefined();
    });
  });
}
