import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { DesiredTeam } from '../../../../src/domain/organization/organization-changes.ts';
import { DEFAULT_POLICY, effectivePolicy } from '../../../../src/domain/organization/policy.ts';
import {
  cy,
  DAY_MS,
  DESIRED,
  insertSending,
  NOW_MS,
  type OpenStore,
  openWorld,
  type World,
  withoutTeam,
} from '../world.ts';

const [mlPlatform, ...others] = DESIRED.teams as [DesiredTeam, ...DesiredTeam[]];

export function describePolicies(openStore: OpenStore): void {
  describe('the policy of a team', () => {
    let world: World;
    beforeEach(async () => {
      world = await openWorld(openStore);
    });
    afterEach(() => world.close());

    it('is the default without a teams file’s entries, also for a team without a row', async () => {
      expect(await world.store.policyOf('ml-platform')).toEqual(DEFAULT_POLICY);
      expect(await world.store.policyOf('elsewhere')).toEqual(DEFAULT_POLICY);
      expect(await world.store.teamChannel('ml-platform')).toBeUndefined();
      expect(await world.store.hasTeamPolicies()).toBe(false);
    });

    it('is the organization’s with the team’s own entries, and follows the teams file', async () => {
      const policy = { approvals: 2 } as const;
      const own = { longestKeyLifeDays: 30 };
      const team = { ...mlPlatform, policy: own, channel: 'C0123ABCD' };
      const desired = { ...DESIRED, policy, teams: [team, ...others] };
      expect(await world.store.applyOrganization(desired, NOW_MS)).toEqual({ changes: 2 });
      expect(await world.store.policyOf('ml-platform')).toEqual(effectivePolicy(policy, own));
      expect(await world.store.policyOf('vision')).toEqual(effectivePolicy(policy, {}));
      expect(await world.store.teamChannel('ml-platform')).toBe('C0123ABCD');
      expect(await world.store.hasTeamPolicies()).toBe(true);
      expect(await world.store.applyOrganization(desired, NOW_MS)).toEqual({ changes: 0 });
      expect(await world.store.applyOrganization(DESIRED, NOW_MS)).toEqual({ changes: 2 });
      expect(await world.store.policyOf('ml-platform')).toEqual(DEFAULT_POLICY);
      expect(await world.store.teamChannel('ml-platform')).toBeUndefined();
    });

    it('of a new team is stored with it, and of an archived team is gone', async () => {
      const team = {
        ...mlPlatform,
        name: 'research',
        policy: { approvals: 2 } as const,
        channel: 'G0123ABCD',
      };
      const desired = { ...DESIRED, teams: [...DESIRED.teams, team] };
      await world.store.applyOrganization(desired, NOW_MS);
      expect((await world.store.policyOf('research')).approvals).toBe(2);
      expect(await world.store.teamChannel('research')).toBe('G0123ABCD');
      await world.store.applyOrganization(withoutTeam('research'), NOW_MS);
      expect((await world.store.policyOf('research')).approvals).toBe(1);
      expect(await world.store.teamChannel('research')).toBeUndefined();
    });

    it('lists the working keys that live longer than it allows, and marks their accounts', async () => {
      const { account, key } = await insertSending(world, world.mlPlatform);
      await insertSending(world, world.vision);
      expect(await world.store.keysBeyondPolicy(NOW_MS)).toEqual({ count: 0, some: [] });
      const team = { ...mlPlatform, policy: { longestKeyLifeDays: 89 } };
      await world.store.applyOrganization({ ...DESIRED, teams: [team, ...others] }, NOW_MS);
      const { keyId } = key.record;
      const listed = { keyId, name: account.name, teamName: 'ml-platform' };
      expect(await world.store.keysBeyondPolicy(NOW_MS)).toEqual({ count: 1, some: [listed] });
      expect(await world.store.keysBeyondPolicy(NOW_MS + 91 * DAY_MS)).toEqual({ count: 0, some: [] });
      const globex = await world.stores.openOrganization('globex', NOW_MS);
      expect(await globex.keysBeyondPolicy(NOW_MS)).toEqual({ count: 0, some: [] });
      const marked = async (nowMs: number) => {
        const { accounts } = await world.store.listAccounts(cy.email, { limit: 10 }, nowMs);
        return accounts.filter(({ marks }) => marks.includes('beyond_policy')).map((one) => one.account.name);
      };
      expect(await marked(NOW_MS)).toEqual([account.name]);
      expect(await marked(NOW_MS + 91 * DAY_MS)).toEqual([]);
    });

    it('isn’t that of another organization’s team with the same name', async () => {
      const policy = { approvals: 2 } as const;
      const teams = [{ ...mlPlatform, policy, channel: 'C0123ABCD' }];
      await world.store.applyOrganization({ ...DESIRED, policy, teams }, NOW_MS);
      const other = await world.stores.openOrganization('umbrella', NOW_MS);
      expect(await other.policyOf('ml-platform')).toEqual(DEFAULT_POLICY);
      expect(await other.teamChannel('ml-platform')).toBeUndefined();
      expect(await other.applyPolicies({ organization: {}, teams: [] }, NOW_MS)).toEqual({ changes: 0 });
    });

    it('on a W&B server is set for teams without a row, recorded once, and removed with the entry', async () => {
      const team = { name: 'research', policy: { onLeak: 'notify' } as const, channel: 'C0123ABCD' };
      const desired = { organization: { approvals: 2 } as const, teams: [team] };
      expect(await world.store.applyPolicies(desired, NOW_MS)).toEqual({ changes: 2 });
      expect(await world.store.applyPolicies(desired, NOW_MS)).toEqual({ changes: 0 });
      expect(await world.store.policyOf('research')).toMatchObject({ onLeak: 'notify', approvals: 2 });
      expect(await world.store.teamChannel('research')).toBe('C0123ABCD');
      expect(await world.store.applyPolicies({ organization: {}, teams: [] }, NOW_MS)).toEqual({
        changes: 2,
      });
      expect(await world.store.policyOf('research')).toEqual(DEFAULT_POLICY);
      expect(await world.store.teamChannel('research')).toBeUndefined();
      const records = (await world.store.auditRecords()).slice(-4);
      expect(records.map(({ action, subject, details }) => [action, subject, details])).toEqual([
        ['organization.changed', 'organization:policy', { policyAdded: ['approvals: 2'] }],
        ['team.changed', 'team:research', { policyAdded: ['on_leak: notify'], channel: 'C0123ABCD' }],
        ['organization.changed', 'organization:policy', { policyRemoved: ['approvals: 2'] }],
        ['team.changed', 'team:research', { policyRemoved: ['on_leak: notify'], channel: null }],
      ]);
    });
  });
}
