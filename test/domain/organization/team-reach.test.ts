import { expect, test } from 'vitest';
import { mayReachTeam } from '../../../src/domain/organization/run-authorization.ts';

test.each([
  ['its own', 'ml-platform', true, true],
  ['another', 'vision', false, true],
  ['its own in other letter case', 'ML-Platform', false, true],
  ['none', '', false, false],
  ['one with a zero byte', 'vision\0', false, false],
  ['one that is far too long', 'x'.repeat(129), false, false],
])('A team that is %s is reached by scope', (_what, name, byTeam, byOrganization) => {
  const teamName = 'ml-platform';
  expect(mayReachTeam({ scope: 'team', teamName }, name)).toBe(byTeam);
  expect(mayReachTeam({ scope: 'organization', teamName }, name)).toBe(byOrganization);
});
