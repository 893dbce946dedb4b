import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseTeamsFile } from '../../../src/config/teams-file/parse-teams-file.ts';
import { sandboxTeams } from '../../../src/config/teams-file/sandbox-teams.ts';
import { type TeamsFile, teamsFileProblemText } from '../../../src/config/teams-file/teams-file.ts';
import { startCpuTime } from '../../cpu-time.ts';

function parsed(text: string): TeamsFile {
  const result = parseTeamsFile(text, 'teams.yml');
  if (!result.ok) throw new Error(result.problems.map(teamsFileProblemText).join('\n'));
  return result.teamsFile;
}

/** Each problem as `line:column path`. */
function places(text: string): string[] {
  const result = parseTeamsFile(text, 'teams.yml');
  return result.ok ? [] : result.problems.map(({ line, column, path }) => `${line}:${column} ${path}`.trim());
}

const member = (fields: string) => `teams: [{ name: t, members: [{ ${fields} }] }]`;

describe('what a teams file says', () => {
  it('is read as the documentation writes it', () => {
    const text = `
organization: { name: acme, admins: [cy@acme.test] }
issuers:
  - url: https://token.actions.githubusercontent.com
teams:
  - name: ml-platform
    subjects: ["repo:acme/*"]           # which external identities its admins may register
    members:
      - { email: Ada@Acme.test, role: admin }
      - { email: ben@acme.test, role: member, username: benj }
    projects:
      - { name: benchmarks, visibility: open }
      - { name: secret-sauce, visibility: restricted, service_accounts: [nightly-eval] }
      - name: plain
`;
    expect(parsed(text)).toEqual({
      organization: { name: 'acme', admins: ['cy@acme.test'] },
      issuers: [{ url: 'https://token.actions.githubusercontent.com' }],
      teams: [
        {
          name: 'ml-platform',
          subjects: ['repo:acme/*'],
          members: [
            { email: 'ada@acme.test', role: 'admin', username: 'ada' },
            { email: 'ben@acme.test', role: 'member', username: 'benj' },
          ],
          projects: [
            { name: 'benchmarks', visibility: 'open', serviceAccounts: [] },
            { name: 'secret-sauce', visibility: 'restricted', serviceAccounts: ['nightly-eval'] },
            { name: 'plain', visibility: 'private', serviceAccounts: [] },
          ],
        },
      ],
    });
  });

  it('may be no more than a list of teams', () => {
    expect(parsed('teams: [{ name: a }]')).toEqual({
      organization: { admins: [] },
      issuers: [],
      teams: [{ name: 'a', subjects: [], members: [], projects: [] }],
    });
  });

  it('keeps issuers and subjects letter for letter', () => {
    const { issuers, teams } = parsed(
      'issuers: [{ url: "https://Token.Example.com:443/A/" }]\nteams: [{ name: a, subjects: ["Repo:ACME/*", "repo:acme/*"] }]',
    );
    expect(issuers).toEqual([{ url: 'https://Token.Example.com:443/A/' }]);
    expect(teams[0]?.subjects).toEqual(['Repo:ACME/*', 'repo:acme/*']);
  });

  it('gives a person one W&B user name in all teams, wherever it is stated', () => {
    const { teams } = parsed(`teams:
  - { name: a, members: [{ email: ben@acme.test, role: member }] }
  - { name: b, members: [{ email: ben@acme.test, role: admin, username: benj }] }`);
    expect(teams.map((team) => team.members[0]?.username)).toEqual(['benj', 'benj']);
  });

  it('has the people of the sandbox', () => {
    const { organization, teams, issuers } = sandboxTeams();
    expect(organization).toEqual({ name: 'acme', admins: ['cy@acme.test'] });
    expect(issuers.map((issuer) => issuer.url)).toEqual([
      'https://token.actions.githubusercontent.com',
      'https://gitlab.acme.test',
    ]);
    expect(
      teams.map((team) => [team.name, team.members.map(({ email, role }) => `${email} ${role}`)]),
    ).toEqual([
      ['ml-platform', ['ada@acme.test admin', 'ben@acme.test member']],
      ['research', ['eve@acme.test admin']],
    ]);
  });
});

describe('what a teams file may not say', () => {
  it('is reported all at once, each at its line and column', () => {
    const text = `organization: { name: "", admins: [a@b.test, A@b.test], owner: x }
issuers: [{ url: http://a.test }, { url: https://a.test }, { url: https://a.test }]
teams:
  - name: Bad Name
    members:
      - { email: nobody, role: admin }
      - { email: ben@acme.test, role: owner }
      - { email: ben@acme.test, role: admin }
  - name: ok
  - name: ok
    projects: [{ name: p, visibility: secret }, { name: q }, { name: q }]
`;
    expect(places(text)).toEqual([
      '1:23 organization.name',
      '1:46 organization.admins[1]',
      '1:57 organization',
      '2:18 issuers[0].url',
      '2:67 issuers[2].url',
      '4:11 teams[0].name',
      '6:18 teams[0].members[0].email',
      '7:39 teams[0].members[1].role',
      '8:18 teams[0].members[2].email',
      '10:11 teams[2].name',
      '11:39 teams[2].projects[0].visibility',
      '11:70 teams[2].projects[2].name',
    ]);
  });

  it.each([
    ['nothing', ''],
    ['comments alone', '# nothing\n'],
    ['null', 'null'],
    ['text', 'just text'],
    ['a list', '- a'],
    ['no teams', 'organization: { name: acme }'],
    ['empty teams key', 'teams:'],
    ['a map for a list', 'teams: { a: b }'],
    ['text for a map', 'teams: [a]'],
    ['a number for text', 'teams: [{ name: 123 }]'],
    ['a boolean for text', 'teams: [{ name: true }]'],
    ['nothing for text', 'teams: [{ name: }]'],
    ['a team without a name', 'teams: [{}]'],
    ['an issuer without a URL', 'teams: []\nissuers: [{}]'],
    ['a member without a role', member('email: a@b.test')],
    ['a member without an address', member('role: admin')],
    ['a key twice', 'teams: []\nteams: []'],
    ['a second document', 'teams: []\n---\nteams: []'],
    ['a tag', 'teams: !!set {}'],
    ['a custom tag', 'teams: !foo []'],
    ['an alias', 'organization: { admins: &a [a@b.test] }\nteams: *a'],
    ['a merge key', 'teams: [{ name: a, <<: { subjects: [x] } }]'],
    ['a key that is no text', 'teams: []\n? [a]\n: b'],
    ['a tab', 'teams:\n\t- name: a'],
    ['an open bracket', 'teams: [{ name: a'],
    ['an open quote', 'teams: [{ name: "a'],
    ['very deep nesting', '['.repeat(50_000)],
    ['very deep blocks', 'a:\n'.repeat(2) + '- '.repeat(20_000)],
  ])('such as %s', (_, text) => {
    expect(parseTeamsFile(text, 'teams.yml').ok).toBe(false);
  });

  it('includes a bomb of aliases, which is refused without being unfolded', () => {
    const levels = Array.from(
      { length: 30 },
      (_, level) => `a${level + 1}: &a${level + 1} [${`*a${level}, `.repeat(9)}]`,
    );
    const cpuTimeMs = startCpuTime();
    expect(parseTeamsFile(`a0: &a0 [x]\n${levels.join('\n')}\nteams: *a30\n`, 'x').ok).toBe(false);
    expect(cpuTimeMs()).toBeLessThan(5000);
  });

  it.each([
    'no-at.test',
    'a@b',
    'a b@c.test',
    '.a@c.test',
    'a..b@c.test',
    'a@-c.test',
    'a@c..test',
    'a@b@c.test',
    'ådå@acme.test',
    'ada@acme.te\u017ft',
    '\u212aim@acme.test',
    'Ada <ada@acme.test>',
    `${'a'.repeat(65)}@acme.test`,
  ])('includes the address %s', (address) => {
    expect(places(member(`email: ${JSON.stringify(address)}, role: admin`))).toEqual([
      expect.stringContaining('teams[0].members[0].email'),
    ]);
  });

  it.each([
    'http://a.test',
    'https://',
    'https:a.test',
    'https://a.test?x',
    'https://a.test/?',
    'https://a.test#x',
    'https://u:p@a.test',
    'https://@a.test',
    ' https://a.test',
    'https://a.test ',
    'https://ä.test',
    'ftp://a.test',
    'a.test',
    '',
  ])('includes the issuer "%s"', (url) => {
    expect(places(`teams: []\nissuers: [{ url: ${JSON.stringify(url)} }]`)).toEqual(['2:18 issuers[0].url']);
  });

  it.each(['', 'A', 'a b', 'a.b', 'ä', 'a'.repeat(65), 'a/b'])('includes the team name "%s"', (name) => {
    expect(places(`teams: [{ name: ${JSON.stringify(name)} }]`)).toEqual(['1:17 teams[0].name']);
  });

  it.each(['', ' x', 'x'.repeat(256), 'a\u202eb', 'a\nb'])('includes the subject pattern %j', (pattern) => {
    const text = `teams: [{ name: a, subjects: [${JSON.stringify(pattern)}] }]`;
    expect(places(text)).toEqual(['1:31 teams[0].subjects[0]']);
  });

  it.each(['AB', 'a', 'a--b', 'test'])('includes the service account %s', (name) => {
    const text = `teams: [{ name: a, projects: [{ name: p, service_accounts: [${name}] }] }]`;
    expect(places(text)).toEqual(['1:61 teams[0].projects[0].service_accounts[0]']);
  });

  it('includes two people with one W&B user name, and one person with two', () => {
    expect(
      places(`teams:
  - { name: a, members: [{ email: ada@a.test, role: admin }, { email: ada@b.test, role: admin }] }`),
    ).toEqual(['2:71 teams[0].members[1].email']);
    expect(
      places(`teams:
  - { name: a, members: [{ email: ada@a.test, role: admin, username: x }] }
  - { name: b, members: [{ email: ada@a.test, role: admin, username: y }] }`),
    ).toEqual(['3:70 teams[1].members[0].username']);
  });
});

describe('the words of a problem', () => {
  const messages = (text: string) => {
    const result = parseTeamsFile(text, 'teams.yml');
    return result.ok ? '' : result.problems.map(teamsFileProblemText).join('\n');
  };

  it('say what was meant by a mistyped key, and what is allowed', () => {
    expect(messages('teams: [{ name: a, membres: [] }]')).toBe(
      'teams.yml:1:20: teams[0]: Unknown key "membres": did you mean "members"? Allowed here: name, subjects, members, projects.',
    );
    expect(messages(member('email: a@b.test, role: owner'))).toContain('Allowed: admin, member, view-only.');
    expect(messages('teams: [{ name: a, projects: [{ name: p, visibility: x }] }]')).toContain(
      'Allowed: private, public, open, restricted.',
    );
  });

  it('name the line of the first one where something stands twice', () => {
    expect(messages('teams:\n  - name: a\n  - name: b\n  - name: a\n')).toContain(
      'teams.yml:4:11: teams[2].name: This team stands twice; the first is on line 2.',
    );
  });

  it('never throw, whatever the text', () => {
    const piece = fc.constantFrom(
      'teams',
      ':',
      ' ',
      '\n',
      '- ',
      '{',
      '}',
      '[',
      ']',
      '&a',
      '*a',
      '!',
      '"',
      "'",
      '|',
      '>',
      '%',
      '#',
      '\t',
      'name',
      '? ',
      '---\n',
      '@',
    );
    fc.assert(
      fc.property(fc.array(fc.oneof(piece, fc.string()), { maxLength: 40 }), (pieces) => {
        parseTeamsFile(pieces.join(''), 'x');
      }),
      { numRuns: 500 },
    );
  });
});
