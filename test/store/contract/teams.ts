import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { DesiredTeam } from '../../../src/domain/organization/organization-changes.ts';
import { startCpuTime } from '../../cpu-time.ts';
import { isLongForm } from '../../long-form.ts';
import { ada, ben, cy, DESIRED, dee, NOW_MS, type OpenStore, openWorld, type World } from './world.ts';

function plainTeam(name: string, admin: string): DesiredTeam {
  return { name, subjects: [], members: [{ email: admin, username: 'x', role: 'admin' }], projects: [] };
}

export function describeTeams(openStore: OpenStore): void {
  describe('team access', () => {
    let world: World;
    beforeEach(async () => {
      world = await openWorld(openStore);
    });
    afterEach(() => world.close());

    it.each([
      { label: 'its admin', person: ada, role: 'admin', isOrganizationAdmin: false },
      { label: 'its member', person: ben, role: 'member', isOrganizationAdmin: false },
      { label: 'an organization admin', person: cy, role: undefined, isOrganizationAdmin: true },
      { label: 'a person without a role', person: dee, role: undefined, isOrganizationAdmin: false },
    ])('includes the role of $label', async ({ person, role, isOrganizationAdmin }) => {
      expect(await world.store.teamAccess(person.email, 'ml-platform')).toEqual({
        team: { id: world.mlPlatform.id, name: 'ml-platform', subjects: ['repo:acme/*'] },
        role,
        isOrganizationAdmin,
      });
    });

    it('isn’t found under any other team name', async () => {
      for (const name of ['ML-PLATFORM', 'ml-platform ', '', 'ml%']) {
        expect(await world.store.teamAccess(ada.email, name)).toBeUndefined();
      }
    });

    it('lists a member’s teams by name with the role', async () => {
      const teams = await world.store.teamsOf(ben.email);
      expect(teams).toEqual([
        { team: world.mlPlatform, role: 'member' },
        { team: world.vision, role: 'admin' },
      ]);
      expect(await world.store.teamsOf(cy.email)).toEqual([]);
    });

    it('lists administered teams only for team admins and organization admins', async () => {
      const namesFor = async (email: string) =>
        (await world.store.administeredTeams(email, { limit: 10 })).teams.map(({ name }) => name);
      expect(await namesFor(ada.email)).toEqual(['ml-platform']);
      expect(await namesFor(ben.email)).toEqual(['vision']);
      expect(await namesFor(cy.email)).toEqual(['ml-platform', 'vision']);
      expect(await namesFor(dee.email)).toEqual([]);
    });

    it('lists all teams of the organization, also those found on a W&B server', async () => {
      const { store } = world;
      await store.ensureTeam('audio', NOW_MS);
      expect(await store.teamNames()).toEqual(['audio', 'ml-platform', 'vision']);
    });

    it('lists no member as a team admin without that role', async () => {
      expect(await world.store.teamAdmins('ml-platform')).toEqual([
        { email: ada.email, username: 'ada', role: 'admin' },
      ]);
    });
  });

  describe('searching for a team', () => {
    let world: World;
    const names = ['alpha', 'beta-alpha', 'alpha-two', 'a_b', 'axb', 'a%b', 'zeta'];
    beforeEach(async () => {
      world = await openWorld(openStore);
      const teams = names.map((name) => plainTeam(name, ada.email));
      await world.store.applyOrganization({ ...DESIRED, teams }, NOW_MS);
    });
    afterEach(() => world.close());

    const search = async (query: string, limit = 10) => {
      const found = await world.store.administeredTeams(ada.email, { query, limit });
      return { names: found.teams.map(({ name }) => name), total: found.total };
    };

    it('returns names that start with the query, then names that contain it', async () => {
      expect(await search('alpha')).toEqual({ names: ['alpha', 'alpha-two', 'beta-alpha'], total: 3 });
    });

    it('ignores case and has no wildcards', async () => {
      expect((await search('ALPHA')).total).toBe(3);
      expect((await search('a_b')).names).toEqual(['a_b']);
      expect((await search('%')).names).toEqual(['a%b']);
      expect((await search('\\')).names).toEqual([]);
      expect((await search("'; drop table teams; --")).names).toEqual([]);
      expect((await search('x'.repeat(100_000))).names).toEqual([]);
    });

    it('ignores accents, also beyond the letters that SQLite knows', async () => {
      const teams = ['Équipe rouge', 'Equipe', 'ÉTUDE'].map((name) => plainTeam(name, ada.email));
      await world.store.applyOrganization({ ...DESIRED, teams }, NOW_MS + 1);
      for (const query of ['equipe', 'ÉQUIPE', 'équipe'.normalize('NFD')]) {
        expect((await search(query)).names).toEqual(['Equipe', 'Équipe rouge']);
      }
      expect((await search('étu')).names).toEqual(['ÉTUDE']);
    });

    it('returns up to the limit and the total', async () => {
      expect(await search('alpha', 1)).toEqual({ names: ['alpha'], total: 3 });
      expect(await search('', 2)).toEqual({ names: ['a%b', 'a_b'], total: 7 });
    });
  });

  describe('a large organization', () => {
    it('is applied in a time that grows with its size and not with its square, and is searched', async () => {
      const [few, many, found99] = isLongForm ? [500, 10_000, 111] : [100, 2_000, 11];
      const apply = async (count: number) => {
        const world = await openWorld(openStore);
        const teams = Array.from({ length: count }, (_, number) =>
          plainTeam(`team-${number}`, `admin-${number % (count / 20)}@acme.test`),
        );
        const cpuTimeMs = startCpuTime();
        const { changes } = await world.store.applyOrganization({ ...DESIRED, teams }, NOW_MS);
        const again = await world.store.applyOrganization({ ...DESIRED, teams }, NOW_MS);
        const elapsedMs = cpuTimeMs();
        expect([changes, again.changes]).toEqual([2 * count + 2, 0]);
        return { world, elapsedMs };
      };

      const small = await apply(few);
      await small.world.close();
      const large = await apply(many);
      const { store } = large.world;
      const found = await store.administeredTeams(cy.email, { query: 'am-99', limit: 100 });
      const own = await store.administeredTeams('admin-7@acme.test', { limit: 100 });

      // For 20 times as many teams, quadratic work takes 400 times as long. Smaller organizations take too little to measure.
      if (isLongForm) expect(large.elapsedMs / small.elapsedMs).toBeLessThan(100);
      expect([found.total, own.total]).toEqual([found99, 20]);
      await large.world.close();
    });
  });
}
