import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { settingsVersion, type TeamEdit } from '../../../src/domain/organization/team-edits.ts';
import { ada, ben, cy, DESIRED, NOW_MS, type OpenStore, openWorld, type World } from './world.ts';

const by = { actor: { type: 'person', ...cy }, nowMs: NOW_MS, requestId: 'req_1' } as const;
const create = {
  kind: 'create' as const,
  name: 'research',
  subjects: ['repo:acme/*'],
  admin: { email: ada.email, username: 'ada' },
} satisfies TeamEdit;

export function describeManagedTeams(openStore: OpenStore): void {
  describe('a team that is managed in Slack', () => {
    let world: World;
    beforeEach(async () => {
      world = await openWorld(openStore);
    });
    afterEach(() => world.close());

    it('is created once, also when two processes do so at once, with an audit event per change', async () => {
      const other = await world.another();
      const results = await Promise.all([world.store.editTeam(create, by), other.editTeam(create, by)]);
      expect(results).toContainEqual({ ok: true, changes: 2 });
      expect(results).toContainEqual({ ok: true, changes: 0 });
      expect(await world.store.managedTeam('research')).toEqual({
        name: 'research',
        origin: 'slack',
        isArchived: false,
        subjects: ['repo:acme/*'],
        memberCount: 1,
        members: [{ email: ada.email, username: 'ada', role: 'admin' }],
      });
      const events = (await world.store.auditRecords()).slice(-2);
      expect(events.map(({ action, actor, requestId }) => [action, actor, requestId])).toEqual([
        ['team.created', by.actor, 'req_1'],
        ['team_member.added', by.actor, 'req_1'],
      ]);
      expect((await world.store.teamAccess(ada.email, 'research'))?.role).toBe('admin');
    });

    it('refuses a username that another person has in any team', async () => {
      const admin = { email: 'other@acme.test', username: 'benj' };
      const taken = { ok: false, problem: 'username_taken' };
      expect(await world.store.editTeam({ ...create, admin }, by)).toEqual(taken);
      await world.store.editTeam(create, by);
      const member = { ...admin, role: 'member' } as const;
      const set = (username: string) =>
        world.store.editTeam({ kind: 'set_member', name: 'research', member: { ...member, username } }, by);
      expect(await set('benj')).toEqual(taken);
      expect(await set('other')).toEqual({ ok: true, changes: 1 });
    });

    it('isn’t touched when the teams file is applied, which refuses a file that names it', async () => {
      await world.store.editTeam(create, by);
      expect(await world.store.applyOrganization(DESIRED, NOW_MS)).toEqual({ changes: 0 });
      const [team] = DESIRED.teams;
      const named = { ...DESIRED, admins: [], teams: [...DESIRED.teams, { ...team, name: 'research' }] };
      expect(await world.store.applyOrganization(named as typeof DESIRED, NOW_MS)).toEqual({
        changes: 0,
        ofSlack: ['research'],
      });
      expect(await world.store.organizationAdmins()).toEqual([cy.email]);
    });

    it('is listed with the others, archived teams last, within the limit', async () => {
      await world.store.editTeam({ ...create, name: 'audio' }, by);
      await world.store.editTeam({ kind: 'archive', name: 'audio' }, by);
      const page = (after: string, size: number) => world.store.managedTeams({ after, size });
      const { items: teams, total } = await page('', 9);
      expect(
        teams.map(({ name, origin, isArchived, memberCount }) => [name, origin, isArchived, memberCount]),
      ).toEqual([
        ['ml-platform', 'file', false, 2],
        ['vision', 'file', false, 1],
        ['audio', 'slack', true, 1],
      ]);
      expect(total).toBe(3);
      const first = await page('', 1);
      expect(first).toMatchObject({ items: [{ name: 'ml-platform' }], previous: undefined, total: 3 });
      const second = await page(first.next ?? '', 1);
      expect(second).toMatchObject({ items: [{ name: 'vision' }], previous: '', total: 3 });
      const last = await page(second.next ?? '', 1);
      expect(last).toMatchObject({ items: [{ name: 'audio' }], next: undefined });
      expect((await page(last.previous ?? '', 1)).items).toEqual(second.items);
    });

    it('has its settings changed once, unless someone else changed them meanwhile', async () => {
      await world.store.editTeam(create, by);
      const stored = await world.store.managedTeam('research');
      const version = settingsVersion(stored as NonNullable<typeof stored>);
      const change: TeamEdit = {
        kind: 'change_settings',
        name: 'research',
        subjects: ['repo:acme/papers'],
        policy: { approvals: 2 },
        channel: 'C0123ABCD',
        version,
      };
      expect(await world.store.editTeam(change, by)).toEqual({ ok: true, changes: 1 });
      expect(await world.store.editTeam(change, by)).toEqual({ ok: true, changes: 0 });
      expect(await world.store.policyOf('research')).toMatchObject({ approvals: 2 });
      expect(await world.store.teamChannel('research')).toBe('C0123ABCD');
      const other = await world.store.editTeam({ ...change, subjects: [] }, by);
      expect(other).toEqual({ ok: false, problem: 'changed_meanwhile' });
      const [event] = (await world.store.auditRecords()).slice(-1);
      expect([event?.action, event?.details]).toEqual([
        'team.changed',
        {
          subjectsAdded: ['repo:acme/papers'],
          subjectsRemoved: ['repo:acme/*'],
          policyAdded: ['approvals: 2'],
          channel: 'C0123ABCD',
        },
      ]);
      const named = { ...change, policy: { approvals: 2, approvers: [ada.email] } as const };
      const now = settingsVersion((await world.store.managedTeam('research')) as never);
      expect(await world.store.editTeam({ ...named, version: now }, by)).toEqual({
        ok: false,
        problem: 'too_few_approvers',
      });
    });

    it('isn’t that of another organization', async () => {
      const other = await world.stores.openOrganization('umbrella', NOW_MS);
      expect(await other.managedTeam('ml-platform')).toBeUndefined();
      expect(await other.managedTeams({ after: '', size: 9 })).toMatchObject({ items: [], total: 0 });
      expect(await other.usernameOf(ben.email)).toBeUndefined();
      expect(await world.store.usernameOf(ben.email)).toBe('benj');
      expect(await other.editTeam({ kind: 'archive', name: 'ml-platform' }, by)).toEqual({
        ok: false,
        problem: 'unknown_team',
      });
    });
  });
}
