import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sandboxTeams } from '../../../src/config/sandbox-config.ts';
import { parseTeamsFile } from '../../../src/config/teams-file/read-teams-file.ts';
import { type TeamsFile, teamsFileProblemText } from '../../../src/config/teams-file/teams-file.ts';
import { startCpuTime } from '../../cpu-time.ts';
import { randomRuns } from '../../long-form.ts';

function parsed(text: string): TeamsFile {
  const result = parseTeamsFile(text, 'teams.yml');
  if (!result.ok) throw new Error(result.problems.map(teamsFileProblemText).join('\n'));
  return result.teamsFile;
}

/** Returns each problem as `line:column path`. */
function places(text: string): string[] {
  const result = parseTeamsFile(text, 'teams.yml');
  return result.ok ? [] : result.problems.map(({ line, column, path }) => `${line}:${column} ${path}`.trim());
}

const member = (fields: string) => `teams: [{ name: t, members: [{ ${fields} }] }]`;

/** A made-up key. */
const KEY = `keysmith_0123456789Ab-${'x1Y2'.repeat(10)}`;

it.each([
  ['a team name', `teams: [{ name: ${KEY}, members: [] }]`],
  ['a user name', member(`email: a@acme.test, role: admin, username: ${KEY}`)],
  ['a subject pattern', `teams: [{ name: t, subjects: ["repo:${KEY}/*"], members: [] }]`],
  ['a project', `teams: [{ name: t, members: [], projects: [{ name: ${KEY} }] }]`],
  ['the organization', `organization: { name: "acme ${KEY}" }\nteams: []`],
  ['an issuer', `issuers: [{ url: "https://acme.test/${KEY}" }]\nteams: []`],
])('refuses a key that was pasted into %s, without repeating it', (_, text) => {
  const result = parseTeamsFile(text, 'teams.yml');
  const problems = result.ok ? [] : result.problems.map(teamsFileProblemText);

  expect(problems).toEqual([expect.stringContaining('revoke it')]);
  expect(problems.join()).not.toContain(KEY.slice(-40));
});

describe('A valid teams file', () => {
  it('is read in the form that the documentation shows', () => {
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
            { email: 'ben@acme.test', role: 'member', username: 'benj', isUsernameStated: true },
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

  it('needs nothing but a list of teams', () => {
    expect(parsed('teams: [{ name: a }]')).toEqual({
      organization: { admins: [] },
      issuers: [],
      teams: [{ name: 'a', subjects: [], members: [], projects: [] }],
    });
  });

  it('keeps issuers and subjects exactly as written', () => {
    const { issuers, teams } = parsed(
      'issuers: [{ url: "https://Token.Example.com:443/A/" }]\nteams: [{ name: a, subjects: ["Repo:ACME/*", "repo:acme/*"] }]',
    );
    expect(issuers).toEqual([{ url: 'https://Token.Example.com:443/A/' }]);
    expect(teams[0]?.subjects).toEqual(['Repo:ACME/*', 'repo:acme/*']);
  });

  it('keeps team names as W&B has them, in Unicode NFC', () => {
    const names = [
      'ML-Platform',
      'ml-platform',
      'my team',
      'e\u0301quipe',
      'チーム',
      'R&D <1>',
      'a'.repeat(128),
    ];
    const { teams } = parsed(
      `teams: [${names.map((name) => `{ name: ${JSON.stringify(name)} }`).join(', ')}]`,
    );
    expect(teams.map(({ name }) => name)).toEqual(names.map((name) => name.normalize('NFC')));
  });

  it('accepts an account of a team with such a name in a project', () => {
    const { teams } = parsed(
      'teams: [{ name: a, projects: [{ name: p, service_accounts: ["My Team/nightly-eval"] }] }]',
    );
    expect(teams[0]?.projects[0]?.serviceAccounts).toEqual(['My Team/nightly-eval']);
  });

  it('gives a person the same W&B username in all teams, wherever it is set', () => {
    const { teams } = parsed(`teams:
  - { name: a, members: [{ email: ben@acme.test, role: member }] }
  - { name: b, members: [{ email: ben@acme.test, role: admin, username: benj }] }`);
    expect(teams.map((team) => team.members[0]?.username)).toEqual(['benj', 'benj']);
  });

  it('says of a username whether it is stated, also where it is the one that the address gives', () => {
    const { teams } = parsed(`teams:
  - { name: a, members: [{ email: ada@acme.test, role: admin, username: ada }, { email: ben@acme.test, role: member }] }
  - { name: b, members: [{ email: ada@acme.test, role: member }] }`);
    const members = teams.flatMap((team) => team.members);
    expect(members.map(({ username, isUsernameStated }) => [username, isUsernameStated])).toEqual([
      ['ada', true],
      ['ben', undefined],
      ['ada', true],
    ]);
  });

  it('contains the people of the sandbox when it is the sandbox’s own', () => {
    const { organization, teams, issuers } = sandboxTeams();
    expect(organization).toEqual({ name: 'acme', admins: ['cy@acme.test'] });
    expect(issuers.map((issuer) => issuer.url)).toEqual([
      'https://token.actions.githubusercontent.com',
      'https://gitlab.acme.test',
    ]);
    expect(
      teams.map((team) => [team.name, team.members.map(({ email, role }) => `${email} ${role}`)]),
    ).toEqual([
      [
        'ml-platform',
        ['ada@acme.test admin', 'eve@acme.test admin', 'ben@acme.test member', 'fay@acme.test member'],
      ],
      ['research', ['eve@acme.test admin']],
    ]);
  });
});

describe('An invalid teams file', () => {
  it('has all its problems reported at once, with line and column', () => {
    const text = `organization: { name: "", admins: [a@b.test, A@b.test], owner: x }
issuers: [{ url: http://a.test }, { url: https://a.test }, { url: https://a.test }]
teams:
  - name: bad/name
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
    ['no text', ''],
    ['only comments', '# nothing\n'],
    ['null', 'null'],
    ['plain text', 'just text'],
    ['a list', '- a'],
    ['no teams key', 'organization: { name: acme }'],
    ['an empty teams key', 'teams:'],
    ['a map instead of a list', 'teams: { a: b }'],
    ['text instead of a map', 'teams: [a]'],
    ['a number instead of text', 'teams: [{ name: 123 }]'],
    ['a boolean instead of text', 'teams: [{ name: true }]'],
    ['nothing instead of text', 'teams: [{ name: }]'],
    ['a team without a name', 'teams: [{}]'],
    ['an issuer without a URL', 'teams: []\nissuers: [{}]'],
    ['a member without a role', member('email: a@b.test')],
    ['a member without an address', member('role: admin')],
    ['a duplicate key', 'teams: []\nteams: []'],
    ['a second document', 'teams: []\n---\nteams: []'],
    ['a tag', 'teams: !!set {}'],
    ['a custom tag', 'teams: !foo []'],
    ['an alias', 'organization: { admins: &a [a@b.test] }\nteams: *a'],
    ['a merge key', 'teams: [{ name: a, <<: { subjects: [x] } }]'],
    ['a key that is a list', 'teams: []\n? [a]\n: b'],
    ['a tab', 'teams:\n\t- name: a'],
    ['an open bracket', 'teams: [{ name: a'],
    ['an open quote', 'teams: [{ name: "a'],
    ['deeply nested lists', '['.repeat(50_000)],
    ['deeply nested blocks', 'a:\n'.repeat(2) + '- '.repeat(20_000)],
  ])('is refused when it contains %s', (_, text) => {
    expect(parseTeamsFile(text, 'teams.yml').ok).toBe(false);
  });

  it('is refused for an alias bomb, without expanding it', () => {
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
  ])('is refused for the email address %s', (address) => {
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
  ])('is refused for the issuer “%s”', (url) => {
    expect(places(`teams: []\nissuers: [{ url: ${JSON.stringify(url)} }]`)).toEqual(['2:18 issuers[0].url']);
  });

  it.each(['', ' a', 'a ', 'a'.repeat(129), 'a/b', 'a\tb', 'a\u202eb', 'a\u200bb', '..'])(
    'is refused for the team name %j',
    (name) => {
      expect(places(`teams: [{ name: ${JSON.stringify(name)} }]`)).toEqual(['1:17 teams[0].name']);
    },
  );

  it.each(['', ' x', 'x'.repeat(1025), 'a\u202eb', 'a\nb'])(
    'is refused for the subject pattern %j',
    (pattern) => {
      const text = `teams: [{ name: a, subjects: [${JSON.stringify(pattern)}] }]`;
      expect(places(text)).toEqual(['1:31 teams[0].subjects[0]']);
    },
  );

  it.each(['AB', 'a', 'a--b', 'test'])('is refused for the service account name %s', (name) => {
    const text = `teams: [{ name: a, projects: [{ name: p, service_accounts: [${name}] }] }]`;
    expect(places(text)).toEqual(['1:61 teams[0].projects[0].service_accounts[0]']);
  });

  it('is refused when two people share a W&B username, and when a person has two', () => {
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

describe('The text of a problem in a teams file', () => {
  const messages = (text: string) => {
    const result = parseTeamsFile(text, 'teams.yml');
    return result.ok ? '' : result.problems.map(teamsFileProblemText).join('\n');
  };

  it('suggests the nearest key for a mistyped one, and lists the allowed values', () => {
    expect(messages('teams: [{ name: a, membres: [] }]')).toBe(
      'teams.yml:1:20: teams[0]: Unknown key "membres": did you mean "members"? Allowed here: name, subjects, members, projects, policy, channel, take_over.',
    );
    expect(messages(member('email: a@b.test, role: owner'))).toContain('Allowed: admin, member, view-only.');
    expect(messages('teams: [{ name: a, projects: [{ name: p, visibility: x }] }]')).toContain(
      'Allowed: private, public, open, restricted.',
    );
  });

  it('names the line of the first definition of a duplicate', () => {
    expect(messages('teams:\n  - name: a\n  - name: b\n  - name: a\n')).toContain(
      'teams.yml:4:11: teams[2].name: Duplicate team (first on line 2).',
    );
    expect(messages('teams: []\nissuers: []\nteams: []\n')).toBe(
      'teams.yml:3:1: teams: Duplicate key (first on line 1).',
    );
  });

  it('never repeats a key that may be a secret', () => {
    const text = 'teams: []\nxoxb-1234: { k3y: 1, k3y: 2, inner-9: { a: 1, a: 2 } }';
    expect(messages(text)).toBe(
      [
        'teams.yml:2:1: Unknown key. Allowed here: organization, issuers, teams.',
        'teams.yml:2:22: ?.?: Duplicate key (first on line 2).',
        'teams.yml:2:47: ?.?.a: Duplicate key (first on line 2).',
      ].join('\n'),
    );
  });

  it('is found for any text, without an exception', () => {
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
      { numRuns: randomRuns(500) },
    );
  });
});
