import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toIssuer } from '../../../src/domain/federation/issuer.ts';
import {
  type CurrentOrganization,
  type OrganizationChange,
  organizationChanges,
} from '../../../src/domain/organization/organization-changes.ts';
import type { Policy } from '../../../src/domain/organization/policy.ts';
import { randomRuns } from '../../long-form.ts';

const nothing: CurrentOrganization = { admins: [], policy: {}, issuers: [], teams: [] };
const names = ['a', 'b', 'c'];
const members = fc.uniqueArray(
  fc.record({
    email: fc.constantFrom('x@acme.test', 'y@acme.test', 'z@acme.test'),
    username: fc.constantFrom('u', 'v'),
    role: fc.constantFrom('admin', 'member', 'view-only'),
  }),
  { selector: ({ email }) => email },
);
const policy: fc.Arbitrary<Policy> = fc.record(
  { approvals: fc.constantFrom(1, 2), onLeak: fc.constantFrom('revoke', 'notify') },
  { requiredKeys: [] },
);
const rules = fc.record({ policy, channel: fc.constantFrom('C1', 'C2') }, { requiredKeys: [] });
const team = fc.tuple(rules, ownTeam()).map(([ofPolicy, own]) => ({ ...own, ...ofPolicy }));
function ownTeam() {
  return fc.record({
    name: fc.constantFrom(...names),
    subjects: fc.uniqueArray(fc.constantFrom('s/*', 't/*')),
    members,
    projects: fc.uniqueArray(
      fc.record({
        name: fc.constantFrom('p', 'q'),
        visibility: fc.constantFrom('open', 'restricted'),
        serviceAccounts: fc.uniqueArray(fc.constantFrom('n', 'm')),
      }),
      { selector: ({ name }) => name },
    ),
  });
}
const organization = fc.record({
  policy,
  admins: fc.uniqueArray(fc.constantFrom('x@acme.test', 'y@acme.test')),
  issuers: fc.uniqueArray(
    fc.record(
      {
        url: fc.constantFrom('i', 'j'),
        isSingleUse: fc.boolean(),
        maxLifetimeSeconds: fc.integer({ min: 1, max: 3 }),
      },
      { requiredKeys: ['url'] },
    ),
    { selector: ({ url }) => url },
  ),
  teams: fc.uniqueArray(team, { selector: ({ name }) => name }),
});

/** A reference implementation that applies changes in memory. */
function applied(from: CurrentOrganization, changes: readonly OrganizationChange[]): CurrentOrganization {
  let { policy } = from;
  const admins = new Set(from.admins);
  const issuers = new Map(from.issuers.map((issuer) => [issuer.url, issuer]));
  const teams = new Map(from.teams.map((one) => [one.name, one]));
  const edit = (name: string, change: (one: CurrentOrganization['teams'][number]) => typeof one) => {
    const one = teams.get(name);
    if (one === undefined) throw new Error(`the team ${name} does not exist yet`);
    teams.set(name, change(one));
  };
  for (const change of changes) {
    switch (change.action) {
      case 'organization_admin.added':
        admins.add(change.email);
        break;
      case 'organization_admin.removed':
        admins.delete(change.email);
        break;
      case 'organization.changed':
        policy = change.policy;
        break;
      case 'issuer.added':
      case 'issuer.changed':
        issuers.set(change.issuer.url, change.issuer);
        break;
      case 'issuer.removed':
        issuers.delete(change.issuer.url);
        break;
      case 'team.created':
        teams.set(change.team.name, { ...change.team, members: [], isArchived: false, origin: 'file' });
        break;
      case 'team.changed':
        edit(change.team.name, ({ members, isArchived }) => ({
          ...change.team,
          members,
          isArchived,
          origin: 'file',
        }));
        break;
      case 'team.archived':
      case 'team.restored':
        edit(change.teamName, (one) => ({ ...one, isArchived: change.action === 'team.archived' }));
        break;
      case 'team.moved':
        edit(change.teamName, (one) => ({ ...one, origin: change.origin }));
        break;
      case 'team_member.added':
      case 'team_member.changed':
        edit(change.teamName, (one) => ({
          ...one,
          members: [...one.members.filter(({ email }) => email !== change.member.email), change.member],
        }));
        break;
      case 'team_member.removed':
        edit(change.teamName, (one) => ({
          ...one,
          members: one.members.filter(({ email }) => email !== change.email),
        }));
        break;
    }
  }
  return { admins: [...admins], policy, issuers: [...issuers.values()], teams: [...teams.values()] };
}

describe('Applying the changes of an organization', () => {
  it('leads from any state to the desired one, with no changes left', () => {
    fc.assert(
      fc.property(organization, organization, organization, (first, second, third) => {
        let state = nothing;
        for (const wanted of [first, second, third]) {
          state = applied(state, organizationChanges(state, wanted));
          expect(organizationChanges(state, wanted)).toEqual([]);
          expect(new Set(state.admins)).toEqual(new Set(wanted.admins));
          expect(state.policy).toEqual(wanted.policy);
          expect(new Set(state.issuers)).toEqual(new Set(wanted.issuers.map(toIssuer)));
          const active = state.teams.filter(({ isArchived }) => !isArchived);
          expect(new Set(active.map(({ name }) => name))).toEqual(
            new Set(wanted.teams.map(({ name }) => name)),
          );
        }
      }),
      { numRuns: randomRuns(500) },
    );
  });
});
