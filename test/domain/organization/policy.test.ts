import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  decideManageTeam,
  decideRegisterSubject,
  matchesSubjectPattern,
} from '../../../src/domain/organization/policy.ts';
import type { Role, TeamAccess } from '../../../src/domain/organization/team.ts';
import { startCpuTime } from '../../cpu-time.ts';

function standing(
  role: Role | undefined,
  isOrganizationAdmin: boolean,
  subjects: readonly string[] = [],
): TeamAccess {
  return { team: { id: 'team_1', name: 'ml-platform', subjects }, role, isOrganizationAdmin };
}

const allowed = { allowed: true };
const refused = (reason: string) => ({ allowed: false, reason });

describe('managing a team’s accounts', () => {
  it.each([
    ['admin', false, allowed],
    ['member', false, refused('not_admin')],
    ['view-only', false, refused('not_admin')],
    [undefined, false, refused('not_member')],
    ['admin', true, allowed],
    ['member', true, allowed],
    ['view-only', true, allowed],
    [undefined, true, allowed],
  ] as const)('as %s, organization admin %s: %j', (role, isOrganizationAdmin, decision) => {
    expect(decideManageTeam(standing(role, isOrganizationAdmin))).toEqual(decision);
  });
});

describe('registering an external identity', () => {
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
    'as %s, organization admin %s, within %j: %s is %j',
    (role, admin, subjects, subject, decision) => {
      expect(decideRegisterSubject(standing(role, admin, subjects), subject)).toEqual(decision);
    },
  );
});

/** The plainest reading of a pattern, exponential and beyond doubt. */
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

describe('a pattern of subjects', () => {
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
  ])('%j against %j: %s', (subject, pattern, matches) => {
    expect(matchesSubjectPattern(subject, pattern)).toBe(matches);
  });

  it('means the same as its plainest reading', () => {
    const subject = fc.string({ unit: fc.constantFrom('a', 'b', '*'), maxLength: 8 });
    const pattern = fc.string({ unit: fc.constantFrom('a', 'b', '*', '*'), maxLength: 8 });
    fc.assert(
      fc.property(subject, pattern, (text, wanted) => {
        expect(matchesSubjectPattern(text, wanted)).toBe(matchesPlainly(text, wanted));
      }),
      { numRuns: 5000 },
    );
  });

  it('is answered at once however it was made', () => {
    const cpuTimeMs = startCpuTime();
    expect(matchesSubjectPattern('a'.repeat(255), `${'*a'.repeat(127)}*b`)).toBe(false);
    expect(cpuTimeMs()).toBeLessThan(2_000);
  });
});
