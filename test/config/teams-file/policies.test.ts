import { describe, expect, it } from 'vitest';
import { parseTeamsFile } from '../../../src/config/teams-file/read-teams-file.ts';
import { teamsFileProblemText } from '../../../src/config/teams-file/teams-file.ts';

function parsed(text: string) {
  const result = parseTeamsFile(text, 'teams.yml');
  if (!result.ok) throw new Error(result.problems.map(teamsFileProblemText).join('\n'));
  return result.teamsFile;
}

function problems(text: string): string[] {
  const result = parseTeamsFile(text, 'teams.yml');
  return result.ok ? [] : result.problems.map(teamsFileProblemText);
}

const inTeam = (entry: string) => `teams:\n  - name: ml-platform\n    ${entry}\n`;
const ofTeam = (entry: string) => inTeam(`policy: { ${entry} }`);

describe('The policy in a teams file', () => {
  it('is read for the organization and for a team', () => {
    const file = parsed(`
organization:
  name: acme
  policy:
    longest_key_life_days: 90
    required_fields: [purpose, used_by]
    approvers: [organization_admins, Sec@Acme.test]
    approvals: 2
    urgent_requests: true
    unused_after_days: 60
    on_leak: notify
teams:
  - name: ml-platform
    channel: C0123ABCD
    policy:
      keys_may_never_expire: true
      account_names: { pattern: "ci-*", example: ci-nightly-eval }
      approvers: team_admins
  - name: vision
`);
    expect(file.organization.policy).toEqual({
      longestKeyLifeDays: 90,
      requiredFields: ['purpose', 'used_by'],
      approvers: ['organization_admins', 'sec@acme.test'],
      approvals: 2,
      urgentRequests: true,
      unusedAfterDays: 60,
      onLeak: 'notify',
    });
    expect(file.teams).toEqual([
      {
        name: 'ml-platform',
        subjects: [],
        members: [],
        projects: [],
        channel: 'C0123ABCD',
        policy: {
          keysMayNeverExpire: true,
          accountNames: { pattern: 'ci-*', example: 'ci-nightly-eval' },
          approvers: ['team_admins'],
        },
      },
      { name: 'vision', subjects: [], members: [], projects: [] },
    ]);
  });

  it.each([
    [ofTeam('longest_key_life_days: 0'), '3:38', 'Expected a whole number of days from 1 to 3650.'],
    [ofTeam('longest_key_life_days: "90"'), '3:38', 'found text.'],
    [ofTeam('keys_may_never_expire: maybe'), '3:38', 'Expected true or false, found text.'],
    [
      ofTeam('longest_key_life_days: 30, keys_may_never_expire: true'),
      '3:38',
      'Remove this line or keys_may_never_expire',
    ],
    [ofTeam('required_fields: [contact]'), '3:33', 'Unknown field. Allowed: purpose, used_by.'],
    [ofTeam('required_fields: [purpose, purpose]'), '3:42', 'Duplicate field (first on line 3).'],
    [
      ofTeam('account_names: { pattern: "CI-*", example: ci-eval }'),
      '3:41',
      'A pattern of names has lowercase',
    ],
    [ofTeam('account_names: { pattern: "*", example: ci-eval }'), '3:41', 'A pattern of names has lowercase'],
    [ofTeam('account_names: { pattern: "ci-*" }'), '3:30', '"example" is missing here.'],
    [
      ofTeam('account_names: { pattern: "ci-*", example: eval }'),
      '3:58',
      'The example doesn’t match the pattern.',
    ],
    [ofTeam('approvers: []'), '3:26', 'Name at least as many approvers as approvals are needed.'],
    [ofTeam('approvers: everyone'), '3:26', 'Expected team_admins, organization_admins or an email address.'],
    [ofTeam('approvals: 3'), '3:26', 'Expected 1 or 2.'],
    [
      ofTeam('approvals: 2, approvers: a@acme.test'),
      '3:40',
      'Name at least as many approvers as approvals are needed.',
    ],
    [ofTeam('unused_after_days: 6'), '3:34', 'Expected a whole number of days from 7 to 365.'],
    [ofTeam('on_leak: ignore'), '3:24', 'Unknown reaction. Allowed: revoke, notify.'],
    [ofTeam('longest_key_live_days: 3'), '3:15', 'did you mean "longest_key_life_days"?'],
    [inTeam('channel: ml-platform'), '3:14', 'Expected a channel’s ID, such as C0123ABCD.'],
    [inTeam('channel: D0123ABCD'), '3:14', 'Expected a channel’s ID, such as C0123ABCD.'],
    [inTeam('take_over: 1'), '3:16', 'Expected true or false, found a number.'],
  ])('is refused with its place: %s', (text, place, message) => {
    expect(problems(text)).toEqual([expect.stringContaining(message)]);
    expect(problems(text)[0]).toContain(`teams.yml:${place}: teams[0].`);
  });

  it('needs enough approvers for the approvals that a team inherits', () => {
    const text = 'organization: { policy: { approvals: 2 } }\n';
    expect(problems(`${text}${ofTeam('approvers: [a@acme.test]')}`)).toEqual([
      expect.stringContaining('teams.yml:4:26: teams[0].policy.approvers: Name at least as many'),
    ]);
    expect(problems(`${text}${ofTeam('approvers: [a@acme.test, b@acme.test]')}`)).toEqual([]);
    const ofOne = 'organization: { policy: { approvers: [a@acme.test] } }\n';
    expect(problems(`${ofOne}${ofTeam('approvals: 2')}`)).toEqual([
      expect.stringContaining('teams.yml:4:26: teams[0].policy.approvals: Name at least as many'),
    ]);
  });
});
