import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseTeamsFile } from '../../../src/config/teams-file/read-teams-file.ts';
import { teamsFileProblemText } from '../../../src/config/teams-file/teams-file.ts';
import { describePolicy, type Policy } from '../../../src/domain/organization/policy.ts';

const page = readFileSync(new URL('../../../docs/setup.md', import.meta.url), 'utf8');

/** Returns the YAML below a heading. */
function exampleOf(heading: string): string {
  const section = page.split(`\n### ${heading}\n`)[1] ?? '';
  return section.match(/```yaml\n([\s\S]*?)```/)?.[1] ?? '';
}

function read(text: string, options = {}) {
  const result = parseTeamsFile(text, 'teams.yml', options);
  if (!result.ok) throw new Error(result.problems.map(teamsFileProblemText).join('\n'));
  return result;
}

describe('The teams files in docs/setup.md', () => {
  it('are valid, and show every entry of a policy', () => {
    const { teamsFile, warnings } = read(exampleOf('Policy'));
    const policies = [teamsFile.organization.policy, ...teamsFile.teams.map(({ policy }) => policy)];
    const shown = policies
      .flatMap((policy) => describePolicy(policy ?? {}))
      .map((text) => text.split(':')[0]);
    const every: Required<Policy> = {
      longestKeyLifeDays: 1,
      keysMayNeverExpire: false,
      requiredFields: [],
      accountNames: { pattern: 'a-*', example: 'a-b' },
      approvers: [],
      approvals: 1,
      urgentRequests: false,
      unusedAfterDays: 7,
      onLeak: 'revoke',
    };
    expect(shown.sort()).toEqual(
      describePolicy(every)
        .map((text) => text.split(':')[0])
        .sort(),
    );
    expect(teamsFile.teams.map(({ channel }) => channel)).toEqual(['C0123ABCD']);
    expect(warnings).toEqual([]);
  });

  it('are valid with a W&B server as the backend', () => {
    const { teamsFile, warnings } = read(exampleOf('With a W&B server as the backend'), { isOnServer: true });
    expect(teamsFile.organization.policy).toEqual({ requiredFields: ['purpose'], approvals: 2 });
    expect(teamsFile.teams).toMatchObject([{ channel: 'C0123ABCD', policy: { urgentRequests: true } }]);
    expect(warnings).toEqual([]);
  });
});

describe('A teams file for a W&B server', () => {
  const problems = (text: string) => {
    const result = parseTeamsFile(text, 'teams.yml', { isOnServer: true });
    return result.ok ? [] : result.problems.map(teamsFileProblemText);
  };

  it('can be empty of teams, and knows the line of each', () => {
    expect(read('organization: { name: acme }\n', { isOnServer: true }).teamsFile.teams).toEqual([]);
    const { teamLines } = read('teams:\n  - name: a\n  -\n    name: b\n', { isOnServer: true });
    expect([...teamLines]).toEqual([
      ['a', 2],
      ['b', 4],
    ]);
  });

  it.each([
    ['organization:\n  admins: [a@acme.test]', '2:3', 'admins'],
    ['teams: []\nissuers: []', '2:1', 'issuers'],
    ['teams:\n  - name: a\n    members: []', '3:5', 'members'],
    ['teams:\n  - name: a\n    subjects: []', '3:5', 'subjects'],
    ['teams:\n  - name: a\n    projects: []', '3:5', 'projects'],
    ['teams:\n  - name: a\n    take_over: true', '3:5', 'take_over'],
  ])('is refused at the line of what the server manages: %j', (text, place, key) => {
    expect(problems(text)).toEqual([
      expect.stringMatching(new RegExp(`^teams.yml:${place}: .*Remove "${key}": with a W&B server`)),
    ]);
  });

  it('names the allowed keys for any other', () => {
    expect(problems('teams:\n  - { name: a, chanel: C0123ABCD }')).toEqual([
      expect.stringContaining('did you mean "channel"? Allowed here: name, policy, channel.'),
    ]);
  });

  it('warns of entries that the server’s keys can’t follow', () => {
    const text =
      'teams:\n  - name: a\n    policy: { longest_key_life_days: 30, on_leak: notify, approvals: 2 }';
    const { warnings } = read(text, { isOnServer: true });
    expect(warnings.map(({ line, path }) => [line, path])).toEqual([
      [3, 'teams[0].policy.longest_key_life_days'],
      [3, 'teams[0].policy.on_leak'],
    ]);
    expect(warnings[0]?.message).toContain('No effect with a W&B server');
  });
});
