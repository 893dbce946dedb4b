import { describe, expect, it } from 'vitest';
import {
  DEFAULT_POLICY,
  describePolicy,
  effectivePolicy,
  isLongerThanPolicy,
  lacksApprovers,
  mayApprove,
  type Policy,
  type PolicyFacts,
  policyProblems,
} from '../../../src/domain/organization/policy.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
const NOW = Date.parse('2026-11-30T12:00:00Z');
const names = { pattern: 'ci-*', example: 'ci-nightly-eval' };

describe('The policy of a team', () => {
  it('without entries allows what the form offered before policies existed', () => {
    expect(effectivePolicy({}, {})).toEqual({
      longestKeyLifeDays: 365,
      requiredFields: [],
      accountNames: undefined,
      approvers: ['team_admins'],
      approvals: 1,
      urgentRequests: false,
      unusedAfterDays: 90,
      onLeak: 'revoke',
      sources: {
        longestKeyLifeDays: 'default',
        requiredFields: 'default',
        accountNames: 'default',
        approvers: 'default',
        approvals: 'default',
        urgentRequests: 'default',
        unusedAfterDays: 'default',
        onLeak: 'default',
      },
    });
  });

  it.each([
    ['requiredFields', ['purpose'], []],
    ['accountNames', names, { pattern: 'team-*', example: 'team-a' }],
    ['approvers', ['organization_admins'], ['ada@acme.test']],
    ['approvals', 2, 1],
    ['urgentRequests', true, false],
    ['unusedAfterDays', 30, 180],
    ['onLeak', 'notify', 'revoke'],
  ] as const)('takes %s from the team, else from the organization', (rule, ofOrganization, ofTeam) => {
    const organization = { [rule]: ofOrganization } as Policy;
    const inherited = effectivePolicy(organization, {});
    expect([inherited[rule], inherited.sources[rule]]).toEqual([ofOrganization, 'organization']);
    const replaced = effectivePolicy(organization, { [rule]: ofTeam } as Policy);
    expect([replaced[rule], replaced.sources[rule]]).toEqual([ofTeam, 'team']);
  });

  it.each([
    [{}, {}, 365, 'default'],
    [{ longestKeyLifeDays: 90 }, {}, 90, 'organization'],
    [{ longestKeyLifeDays: 90 }, { longestKeyLifeDays: 730 }, 730, 'team'],
    [{ keysMayNeverExpire: true }, {}, undefined, 'organization'],
    [{ keysMayNeverExpire: true }, { longestKeyLifeDays: 30 }, 30, 'team'],
    [{ longestKeyLifeDays: 30 }, { keysMayNeverExpire: true }, undefined, 'team'],
    [{ keysMayNeverExpire: true }, { keysMayNeverExpire: false }, 365, 'team'],
    [{ longestKeyLifeDays: 30, keysMayNeverExpire: false }, {}, 30, 'organization'],
  ] as const)(
    'of %j with a team’s %j lets keys live %s days, set by %s',
    (organization, team, days, source) => {
      const policy = effectivePolicy(organization, team);
      expect([policy.longestKeyLifeDays, policy.sources.longestKeyLifeDays]).toEqual([days, source]);
    },
  );
});

describe('A rule that stops a person', () => {
  const strict = effectivePolicy(
    { longestKeyLifeDays: 90, requiredFields: ['purpose', 'used_by'] },
    { accountNames: names },
  );
  const inDays = (days: number) => NOW + days * DAY_MS;
  const life = { rule: 'longest_key_life_days', setBy: 'organization', days: 90 };
  const missing = (field: string) => ({ rule: 'required_fields', setBy: 'organization', field });
  it.each<[string, PolicyFacts, object[]]>([
    ['nothing', {}, []],
    ['a name that matches', { name: 'ci-eval' }, []],
    ['another name', { name: 'nightly-eval' }, [{ rule: 'account_names', setBy: 'team', ...names }]],
    ['the longest life', { expiresAtMs: inDays(90) }, []],
    ['a longer life', { expiresAtMs: inDays(90) + 1 }, [{ ...life, isNever: false }]],
    ['a key without end', { expiresAtMs: 'never' }, [{ ...life, isNever: true }]],
    ['all fields', { fields: { purpose: 'Evaluates', used_by: 'Airflow' } }, []],
    ['a blank field', { fields: { purpose: 'Evaluates', used_by: ' ' } }, [missing('used_by')]],
    [
      'no field',
      { fields: { purpose: undefined, used_by: undefined } },
      [missing('purpose'), missing('used_by')],
    ],
  ])('for %s', (_, facts, problems) => {
    expect(policyProblems(strict, facts, NOW)).toEqual(problems);
  });

  it('says that the limit is the default where nobody set one', () => {
    const never = { rule: 'longest_key_life_days', setBy: 'default', days: 365, isNever: true };
    expect(policyProblems(DEFAULT_POLICY, { expiresAtMs: 'never' }, NOW)).toEqual([never]);
  });

  it('never is the life of a key where keys may live without end', () => {
    const endless = effectivePolicy({ keysMayNeverExpire: true }, {});
    expect(policyProblems(endless, { expiresAtMs: 'never' }, NOW)).toEqual([]);
    expect(policyProblems(endless, { expiresAtMs: inDays(4_000) }, NOW)).toEqual([]);
  });

  it('lets a new key live exactly until the latest expiry', () => {
    const latest = NOW + (strict.longestKeyLifeDays ?? 0) * DAY_MS;
    expect(policyProblems(strict, { expiresAtMs: latest }, NOW)).toEqual([]);
    expect(policyProblems(strict, { expiresAtMs: latest + 1 }, NOW)).toHaveLength(1);
  });
});

describe('An existing key', () => {
  const month = effectivePolicy({}, { longestKeyLifeDays: 30 });
  const key = (days: number) => ({ createdAtMs: NOW, expiresAtMs: NOW + days * DAY_MS });
  it.each([
    ['of 30 days', month, key(30), false],
    ['of 31 days', month, key(31), true],
    ['without end', month, { createdAtMs: NOW, expiresAtMs: undefined }, true],
    [
      'without end, where that is allowed',
      effectivePolicy({ keysMayNeverExpire: true }, {}),
      key(9_999),
      false,
    ],
  ])('%s is longer than the policy allows: %#', (_, policy, stored, isLonger) => {
    expect(isLongerThanPolicy(policy, stored)).toBe(isLonger);
  });
});

describe('A policy that nobody could follow', () => {
  it.each([
    [['ada@acme.test'], 2, true],
    [['ada@acme.test'], 1, false],
    [['ada@acme.test', 'ben@acme.test'], 2, false],
    [['team_admins'], 2, false],
  ] as const)('has approvers %j and %s approvals: %s', (approvers, approvals, isLacking) => {
    expect(lacksApprovers(effectivePolicy({ approvers }, { approvals }))).toBe(isLacking);
  });
});

it('describes the entries of a policy that are set', () => {
  expect(describePolicy({})).toEqual([]);
  expect(describePolicy({ approvals: 2, keysMayNeverExpire: false, accountNames: names })).toEqual([
    'keys_may_never_expire: false',
    'account_names: ci-*, such as ci-nightly-eval',
    'approvals: 2',
  ]);
});

describe('Permission to approve a request', () => {
  const ada = { email: 'ada@acme.test' };
  const named = ['ada@acme.test', 'ben@acme.test'];
  it.each([
    [['team_admins'], 'admin', false, true],
    [['team_admins'], 'member', false, false],
    [['team_admins'], undefined, true, true],
    [['organization_admins'], 'admin', false, false],
    [['organization_admins'], undefined, true, true],
    [named, 'member', false, true],
    [named, undefined, false, true],
    [['ben@acme.test'], 'admin', true, false],
    [['organization_admins', 'ada@acme.test'], 'member', false, true],
  ] as const)(
    'with approvers %j, for role %s and organization admin %s is %s',
    (approvers, role, admin, may) => {
      const policy = effectivePolicy({ approvers }, {});
      expect(mayApprove(policy, ada, { role, isOrganizationAdmin: admin })).toBe(may);
    },
  );
});
