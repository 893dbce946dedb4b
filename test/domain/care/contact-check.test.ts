import { expect, test } from 'vitest';
import { contactInSlack, contactInTeam } from '../../../src/domain/care/contact-check.ts';
import { memberProfile } from '../../slack-profile.ts';

const WORKSPACE = { workspaceId: 'T1', enterpriseId: undefined };

test.each([
  ['a member', {}, 'person'],
  ['a deactivated user', { isDeactivated: true }, 'deactivated'],
  ['a guest', { isGuest: true }, 'unknown'],
  ['a user without a confirmed address', { isEmailConfirmed: false }, 'unknown'],
  ['a user of another workspace', { isStranger: true }, 'unknown'],
])('what Slack says of %s', (_, changes, kind) => {
  const profile = { ...memberProfile('U0ADA', 'ada@acme.test'), ...changes };
  expect(contactInSlack(profile, WORKSPACE).kind).toBe(kind);
});

test('a user that Slack doesn’t show hasn’t left for certain', () => {
  expect(contactInSlack(undefined, WORKSPACE)).toEqual({ kind: 'unknown' });
});

test.each([
  ['a member', { role: 'member', isOrganizationAdmin: false }, 'present'],
  ['an organization admin', { role: undefined, isOrganizationAdmin: true }, 'present'],
  ['someone without a role', { role: undefined, isOrganizationAdmin: false }, 'absent'],
  ['anyone in a team that isn’t shown', undefined, 'unknown'],
] as const)('where %s is', (_, access, expected) => {
  expect(contactInTeam(access)).toBe(expected);
});
