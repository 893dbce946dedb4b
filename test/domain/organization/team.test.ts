import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mayReachTeam } from '../../../src/domain/organization/run-authorization.ts';
import {
  decideManageAccount,
  decideManageTeam,
  decideRegisterSubject,
  matchesSubjectPattern,
  mayContactGetKey,
  type Role,
  type TeamAccess,
} from '../../../src/domain/organization/team.ts';
import { startCpuTime } from '../../cpu-time.ts';
import { randomRuns } from '../../long-form.ts';

function access(
  role: Role | undefined,
  isOrganizationAdmin: boolean,
  subjects: readonly string[] = [],
): TeamAccess {
  return { team: { id: 'team_1', name: 'ml-platform', subjects }, role, isOrganizationAdmin };
}

const allowed = { allowed: true };
const refused = (reason: string) => ({ allowed: false, reason });

describe('Permission to manage a team’s accounts', () => {
  it.each([
    ['admin', false, allowed],
    ['member', false, refused('not_admin')],
    ['view-only', false, refused('not_admin')],
    [undefined, false, refused('not_member')],
    ['admin', true, allowed],
    ['member', true, allowed],
    ['view-only', true, allowed],
    [undefined, true, allowed],
  ] as const)('for role %s and organization admin %s is %j', (role, isOrganizationAdmin, decision) => {
    expect(decideManageTeam(access(role, isOrganizationAdmin))).toEqual(decision);
  });
});

describe('Permission to manage an account', () => {
  it.each([
    ['team', 'admin', false, allowed],
    ['team', 'member', false, refused('not_admin')],
    ['team', undefined, true, allowed],
    ['organization', 'admin', false, refused('not_organization_admin')],
    ['organization', 'member', false, refused('not_admin')],
    ['organization', undefined, false, refused('not_member')],
    ['organization', 'view-only', true, allowed],
  ] as const)('of scope %s for role %s and organization admin %s is %j', (scope, role, admin, decision) => {
    expect(decideManageAccount(access(role, admin), { scope })).toEqual(decision);
  });
});

describe('Permission to get a new key as the contact of an account', () => {
  it.each([
    ['team', 'admin', true],
    ['team', 'member', true],
    ['team', 'view-only', false],
    ['team', undefined, false],
    ['organization', 'admin', false],
    ['organization', 'member', false],
  ] as const)('of scope %s for role %s is %j', (scope, role, isAllowed) => {
    expect(mayContactGetKey({ role }, { scope })).toBe(isAllowed);
  });
});

describe('Permission to register an external identity', () => {
  const patterns = ['repo:acme/*', 'ci'];
  it.each([
    ['admin', false, patterns, 'repo:acme/web', allowed],
    ['admin', false, patterns, 'ci', allowed],
    ['admin', false, patterns, 'repo:evil/web', refused('pattern_mismatch')],
    ['admin', false, patterns, 'CI', refused('pattern_mismatch')],
    ['admin', false, [], 'repo:acme/web', refused('no_patterns')],
    ['admin', true, [], 'repo:acme/web', allowed],
    [undefined, true, patterns, 'repo:evil/web', allowed],
  ] as const)(
    'for role %s, organization admin %s, patterns %j and subject %s is %j',
    (role, admin, subjects, subject, decision) => {
      expect(decideRegisterSubject(access(role, admin, subjects), subject)).toEqual(decision);
    },
  );
});

/** A reference implementation: obvious and exponential. */
function matchesPlainly(subject: string, pattern: string): boolean {
  if (pattern === '') return subject === '';
  if (pattern[0] === '*') {
    return (
      matchesPlainly(subject, pattern.slice(1)) ||
      (subject !== '' && matchesPlainly(subject.slice(1), pattern))
    );
  }
  return subject[0] === pattern[0] && matchesPlainly(subject.slice(1), pattern.slice(1));
}

describe('A subject pattern', () => {
  it.each([
    ['repo:acme/web', 'repo:acme/web', true],
    ['repo:acme/web', 'repo:acme/*', true],
    ['repo:acme/', 'repo:acme/*', true],
    ['repo:acme-evil/web', 'repo:acme/*', false],
    ['x-repo:acme/web', 'repo:acme/*', false],
    ['repo:acme/web:ref:refs/heads/main', 'repo:acme/*:ref:refs/heads/main', true],
    ['repo:acme/web:ref:refs/heads/main2', 'repo:acme/*:ref:refs/heads/main', false],
    ['abc', 'ab*bc', false],
    ['abbc', 'ab*bc', true],
    ['anything', '*', true],
    ['', '*', true],
    ['', '', true],
    ['a', '', false],
    ['a.c', 'a.c', true],
    ['abc', 'a.c', false],
    ['REPO:acme/web', 'repo:acme/*', false],
    ['a*c', 'a*c', true],
    ['repo:acme/\nweb', 'repo:acme/*', true],
  ])('matched with subject %j and pattern %j returns %s', (subject, pattern, matches) => {
    expect(matchesSubjectPattern(subject, pattern)).toBe(matches);
  });

  it('matches the same subjects as the reference implementation', () => {
    const subject = fc.string({ unit: fc.constantFrom('a', 'b', '*'), maxLength: 8 });
    const pattern = fc.string({ unit: fc.constantFrom('a', 'b', '*', '*'), maxLength: 8 });
    fc.assert(
      fc.property(subject, pattern, (text, wanted) => {
        expect(matchesSubjectPattern(text, wanted)).toBe(matchesPlainly(text, wanted));
      }),
      { numRuns: randomRuns(5_000) },
    );
  });

  it('takes linear time for a pattern with many wildcards', () => {
    const cpuTimeMs = startCpuTime();
    expect(matchesSubjectPattern('a'.repeat(255), `${'*a'.repeat(127)}*b`)).toBe(false);
    expect(cpuTimeMs()).toBeLessThan(2_000);
  });
});

describe('An account', () => {
  it.each([
    ['its own team', 'ml-platform', true, true],
    ['another team', 'vision', false, true],
    ['its own name in another letter case', 'ML-Platform', false, true],
    ['an empty name', '', false, false],
    ['a name with a zero byte', 'vision\0', false, false],
    ['a name that is far too long', 'x'.repeat(129), false, false],
  ])('reaches %s only as its scope allows', (_what, name, byTeam, byOrganization) => {
    const teamName = 'ml-platform';
    expect(mayReachTeam({ scope: 'team', teamName }, name)).toBe(byTeam);
    expect(mayReachTeam({ scope: 'organization', teamName }, name)).toBe(byOrganization);
  });
});
