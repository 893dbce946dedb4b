import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toIssuer } from '../../../src/domain/federation/issuer.ts';
import {
  type CurrentOrganization,
  type DesiredOrganization,
  type DesiredTeam,
  type OrganizationChange,
  organizationChanges,
} from '../../../src/domain/organization/organization-changes.ts';

const mlPlatform: DesiredTeam = {
  name: 'ml-platform',
  subjects: ['repo:acme/*'],
  members: [
    { email: 'ada@acme.test', username: 'ada', role: 'admin' },
    { email: 'ben@acme.test', username: 'benj', role: 'member' },
  ],
  projects: [{ name: 'benchmarks', visibility: 'restricted', serviceAccounts: ['nightly-eval', 'ci'] }],
};
const desired: DesiredOrganization = {
  admins: ['cy@acme.test'],
  issuers: [{ url: 'https://issuer.test' }],
  teams: [mlPlatform],
};
const nothing: CurrentOrganization = { admins: [], issuers: [], teams: [] };
const current: CurrentOrganization = {
  ...desired,
  issuers: desired.issuers.map(toIssuer),
  teams: [{ ...mlPlatform, isArchived: false }],
};

/** What the record will say. */
function audited(changes: readonly OrganizationChange[]) {
  return changes.map(({ action, subject, details }) => ({ action, subject, details }));
}
const withTeam = (fields: Partial<DesiredTeam>): DesiredOrganization => ({
  ...desired,
  teams: [{ ...mlPlatform, ...fields }],
});
const oneChange = (wanted: DesiredOrganization, from = current) => audited(organizationChanges(from, wanted));

describe('Changes of an organization', () => {
  it('are empty if the stored organization matches, in whatever order', () => {
    expect(organizationChanges(current, desired)).toEqual([]);
    const reordered = withTeam({
      members: mlPlatform.members.toReversed(),
      projects: mlPlatform.projects.map((project) => ({
        ...project,
        serviceAccounts: ['ci', 'nightly-eval', 'ci'],
      })),
    });
    expect(organizationChanges(current, reordered)).toEqual([]);
  });

  it('create everything in an empty organization, each team before its members', () => {
    expect(audited(organizationChanges(nothing, desired))).toEqual([
      {
        action: 'organization_admin.added',
        subject: 'organization_admin:cy@acme.test',
        details: { email: 'cy@acme.test' },
      },
      {
        action: 'issuer.added',
        subject: 'issuer:https://issuer.test',
        details: { url: 'https://issuer.test' },
      },
      {
        action: 'team.created',
        subject: 'team:ml-platform',
        details: {
          subjects: ['repo:acme/*'],
          projects: ['benchmarks (restricted): ci, nightly-eval'],
        },
      },
      {
        action: 'team_member.added',
        subject: 'team:ml-platform',
        details: { email: 'ada@acme.test', username: 'ada', role: 'admin' },
      },
      {
        action: 'team_member.added',
        subject: 'team:ml-platform',
        details: { email: 'ben@acme.test', username: 'benj', role: 'member' },
      },
    ]);
  });

  it('include an issuer’s changed options, with certificates as their SHA-256', () => {
    const changed = { ...desired, issuers: [{ url: 'https://issuer.test', isSingleUse: true, ca: 'PEM' }] };
    expect(oneChange(changed)).toEqual([
      {
        action: 'issuer.changed',
        subject: 'issuer:https://issuer.test',
        details: {
          url: 'https://issuer.test',
          isSingleUse: true,
          caSha256: '384fb9a44fabe158be2757b9b8d8f67029f2280fcc1776ab2a53103e6f0c582d',
          changed: ['caSha256', 'isSingleUse'],
        },
      },
    ]);
  });

  it('name the options of an issuer that were reset to their default', () => {
    const url = 'https://issuer.test';
    const jwks = { keys: [{ kty: 'OKP', crv: 'Ed25519', x: 'x' }] };
    const stated = {
      url,
      isSingleUse: true,
      isPrivateNetwork: true,
      ca: 'PEM',
      jwks,
      maxLifetimeSeconds: 60,
    };
    const from = { ...current, issuers: [toIssuer(stated)] };
    const withIssuer = (issuer: DesiredOrganization['issuers'][number]) => ({
      ...desired,
      issuers: [issuer],
    });
    const jwksInAnotherOrder = { keys: [{ x: 'x', crv: 'Ed25519', kty: 'OKP' }] };
    expect(oneChange(withIssuer({ ...stated, jwks: jwksInAnotherOrder }), from)).toEqual([]);
    expect(oneChange(withIssuer({ url }), from)).toEqual([
      {
        action: 'issuer.changed',
        subject: `issuer:${url}`,
        details: {
          url,
          changed: ['caSha256', 'isPrivateNetwork', 'isSingleUse', 'jwksSha256', 'maxLifetimeSeconds'],
        },
      },
    ]);
  });

  it('remove absent admins and issuers, and archive absent teams without removing their members', () => {
    expect(oneChange({ admins: [], issuers: [], teams: [] }).map(({ action }) => action)).toEqual([
      'organization_admin.removed',
      'issuer.removed',
      'team.archived',
    ]);
  });

  it('don’t touch an archived team that is still absent', () => {
    const archived = { ...current, teams: [{ ...mlPlatform, isArchived: true }] };
    expect(organizationChanges(archived, { ...desired, teams: [] })).toEqual([]);
  });

  it('restore a team that returned, and compare it again', () => {
    const archived = { ...current, teams: [{ ...mlPlatform, isArchived: true }] };
    const back = withTeam({ members: mlPlatform.members.slice(0, 1) });
    expect(oneChange(back, archived)).toEqual([
      { action: 'team.restored', subject: 'team:ml-platform', details: {} },
      { action: 'team_member.removed', subject: 'team:ml-platform', details: { email: 'ben@acme.test' } },
    ]);
  });

  it('name a team’s added and removed patterns and projects in one change', () => {
    const changed = withTeam({
      subjects: ['repo:acme/web'],
      projects: [{ name: 'benchmarks', visibility: 'open', serviceAccounts: [] }],
    });
    expect(oneChange(changed)).toEqual([
      {
        action: 'team.changed',
        subject: 'team:ml-platform',
        details: {
          subjectsAdded: ['repo:acme/web'],
          subjectsRemoved: ['repo:acme/*'],
          projectsAdded: ['benchmarks (open)'],
          projectsRemoved: ['benchmarks (restricted): ci, nightly-eval'],
        },
      },
    ]);
  });

  it.each([
    { field: 'role', member: { email: 'ben@acme.test', username: 'benj', role: 'admin' } },
    { field: 'user name', member: { email: 'ben@acme.test', username: 'ben', role: 'member' } },
  ] as const)('name a member’s previous values when the $field changes', ({ member }) => {
    const [ada] = mlPlatform.members;
    if (ada === undefined) throw new Error('no member');
    expect(oneChange(withTeam({ members: [ada, member] }))).toEqual([
      {
        action: 'team_member.changed',
        subject: 'team:ml-platform',
        details: { ...member, previousUsername: 'benj', previousRole: 'member' },
      },
    ]);
  });

  it('count duplicates once', () => {
    const twice = { ...desired, admins: ['cy@acme.test', 'cy@acme.test'] };
    expect(organizationChanges(nothing, twice)).toHaveLength(organizationChanges(nothing, desired).length);
  });
});

const names = ['a', 'b', 'c'];
const members = fc.uniqueArray(
  fc.record({
    email: fc.constantFrom('x@acme.test', 'y@acme.test', 'z@acme.test'),
    username: fc.constantFrom('u', 'v'),
    role: fc.constantFrom('admin', 'member', 'view-only'),
  }),
  { selector: ({ email }) => email },
);
const team = fc.record({
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
const organization = fc.record({
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

/** Applies changes the plain way. */
function applied(from: CurrentOrganization, changes: readonly OrganizationChange[]): CurrentOrganization {
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
      case 'issuer.added':
      case 'issuer.changed':
        issuers.set(change.issuer.url, change.issuer);
        break;
      case 'issuer.removed':
        issuers.delete(change.issuer.url);
        break;
      case 'team.created':
        teams.set(change.team.name, { ...change.team, members: [], isArchived: false });
        break;
      case 'team.changed':
        edit(change.team.name, ({ members, isArchived }) => ({ ...change.team, members, isArchived }));
        break;
      case 'team.archived':
      case 'team.restored':
        edit(change.teamName, (one) => ({ ...one, isArchived: change.action === 'team.archived' }));
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
  return { admins: [...admins], issuers: [...issuers.values()], teams: [...teams.values()] };
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
          expect(new Set(state.issuers)).toEqual(new Set(wanted.issuers.map(toIssuer)));
          const active = state.teams.filter(({ isArchived }) => !isArchived);
          expect(new Set(active.map(({ name }) => name))).toEqual(
            new Set(wanted.teams.map(({ name }) => name)),
          );
        }
      }),
      { numRuns: 500 },
    );
  });
});
