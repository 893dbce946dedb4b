import { describe, expect, it } from 'vitest';
import { toIssuer } from '../../../src/domain/federation/issuer.ts';
import {
  type CurrentOrganization,
  type DesiredOrganization,
  type DesiredTeam,
  type OrganizationChange,
  organizationChanges,
  teamsOfSlack,
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
const nothing: CurrentOrganization = { admins: [], policy: {}, issuers: [], teams: [] };
const current: CurrentOrganization = {
  ...desired,
  policy: {},
  issuers: desired.issuers.map(toIssuer),
  teams: [{ ...mlPlatform, isArchived: false, origin: 'file' }],
};

/** The audit events of the changes. */
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

  it('include the URL of an issuer’s keys, which anyone who audits may follow', () => {
    const jwksUrl = 'https://keys.test/jwks.json';
    const changed = { ...desired, issuers: [{ url: 'https://issuer.test', jwksUrl }] };
    expect(oneChange(changed)).toMatchObject([
      { action: 'issuer.changed', details: { jwksUrl, changed: ['jwksUrl'] } },
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
    const archived = { ...current, teams: [{ ...mlPlatform, isArchived: true, origin: 'file' as const }] };
    expect(organizationChanges(archived, { ...desired, teams: [] })).toEqual([]);
  });

  it('name the entries of a policy, and the channel, that were set and removed', () => {
    const wanted = {
      ...withTeam({ policy: { longestKeyLifeDays: 30 }, channel: 'C0123ABCD' }),
      policy: { approvals: 2 as const },
    };
    const changes = organizationChanges(current, wanted);
    expect(audited(changes)).toEqual([
      {
        action: 'organization.changed',
        subject: 'organization:policy',
        details: { policyAdded: ['approvals: 2'] },
      },
      {
        action: 'team.changed',
        subject: 'team:ml-platform',
        details: { policyAdded: ['longest_key_life_days: 30'], channel: 'C0123ABCD' },
      },
    ]);
    const [team] = wanted.teams;
    const teams = [{ ...mlPlatform, ...team, isArchived: false, origin: 'file' as const }];
    expect(oneChange(desired, { ...current, policy: wanted.policy, teams })).toMatchObject([
      { details: { policyRemoved: ['approvals: 2'] } },
      { details: { policyRemoved: ['longest_key_life_days: 30'], channel: null } },
    ]);
  });

  it('leave teams that were created in Slack as they are, unless the file takes them over', () => {
    const teams = [{ ...mlPlatform, isArchived: false, origin: 'slack' as const }];
    const ofSlack = { ...current, teams };
    expect(organizationChanges(ofSlack, { ...desired, teams: [] })).toEqual([]);
    expect(teamsOfSlack(teams, desired)).toEqual(['ml-platform']);
    const takenOver = withTeam({ takeOver: true });
    expect(teamsOfSlack(teams, takenOver)).toEqual([]);
    expect(oneChange(takenOver, ofSlack)).toEqual([
      { action: 'team.moved', subject: 'team:ml-platform', details: { origin: 'file' } },
    ]);
  });

  it('keep everything but the admins where no teams file is used, and move its teams to Slack', () => {
    const without = { admins: [], issuers: [], teams: [], isWithoutFile: true as const };
    const archived = { ...mlPlatform, name: 'vision', isArchived: true, origin: 'file' as const };
    const stored = { ...current, policy: { approvals: 2 as const }, teams: [...current.teams, archived] };
    expect(oneChange(without, stored)).toEqual([
      {
        action: 'organization_admin.removed',
        subject: 'organization_admin:cy@acme.test',
        details: { email: 'cy@acme.test' },
      },
      { action: 'team.moved', subject: 'team:ml-platform', details: { origin: 'slack' } },
      { action: 'team.moved', subject: 'team:vision', details: { origin: 'slack' } },
    ]);
    const moved = stored.teams.map((team) => ({ ...team, origin: 'slack' as const }));
    expect(organizationChanges({ ...stored, admins: [], teams: moved }, without)).toEqual([]);
  });

  it('restore a team that returned, and compare it again', () => {
    const archived = { ...current, teams: [{ ...mlPlatform, isArchived: true, origin: 'file' as const }] };
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
    { field: 'username', member: { email: 'ben@acme.test', username: 'ben', role: 'member' } },
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
