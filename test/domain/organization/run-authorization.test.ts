import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  decideRun,
  type ListedProject,
  RUN_REASONS,
  type RunQuestion,
} from '../../../src/domain/organization/run-authorization.ts';
import type { TeamMember } from '../../../src/domain/organization/team.ts';

const ben: TeamMember = { email: 'ben@acme.test', username: 'ben', role: 'member' };
const TEAM_ACCOUNT = { name: 'nightly-eval', teamName: 'ml-platform', scope: 'team' } as const;
const ORGANIZATION_ACCOUNT = { ...TEAM_ACCOUNT, scope: 'organization' } as const;

type Visibility = ListedProject['visibility'] | 'unlisted';

interface Row {
  /** The team that the run goes to: `own` also where none is named. */
  to: 'own' | 'another' | 'unknown';
  visibility?: Visibility;
  added?: readonly string[];
  account?: RunQuestion['account'];
  named?: 'nobody' | 'a member of that team' | 'a stranger';
}

function decide({ to, visibility = 'private', added = [], account = TEAM_ACCOUNT, named = 'nobody' }: Row) {
  const project = visibility === 'unlisted' ? undefined : { visibility, serviceAccounts: added };
  return decideRun({
    account,
    entity: to === 'own' ? account.teamName : 'vision',
    team:
      to === 'unknown'
        ? undefined
        : { project, namedMember: named === 'a member of that team' ? ben : undefined },
    named: { username: named === 'nobody' ? undefined : 'ben', email: undefined },
  });
}

const attributed = {
  allowed: true,
  attributedTo: { username: 'ben', email: 'ben@acme.test' },
  reason: 'attributed',
};
const unattributed = (reason: string) => ({ allowed: true, attributedTo: null, reason });
const refused = (reason: string) => ({ allowed: false, reason });

// The rows of "Running as a service account", in its order; each with and without somebody to attribute the run to.
describe('The table of where runs of a service account go', () => {
  test.each<[string, Row, object]>([
    ['own team, private project', { to: 'own', named: 'a member of that team' }, attributed],
    ['own team, private project, nobody named', { to: 'own' }, unattributed('no_user_named')],
    [
      'own team, private project, a stranger named',
      { to: 'own', named: 'a stranger' },
      unattributed('user_not_in_team'),
    ],
    [
      'own team, public project',
      { to: 'own', visibility: 'public', named: 'a member of that team' },
      attributed,
    ],
    ['own team, open project', { to: 'own', visibility: 'open', named: 'a member of that team' }, attributed],
    [
      'own team, a project that is not listed',
      { to: 'own', visibility: 'unlisted', named: 'a member of that team' },
      attributed,
    ],
    [
      'another team, open project',
      { to: 'another', visibility: 'open', named: 'a member of that team' },
      attributed,
    ],
    [
      'another team, open project, a stranger to that team named',
      { to: 'another', visibility: 'open', named: 'a stranger' },
      unattributed('user_not_in_team'),
    ],
    ['another team, private project', { to: 'another' }, refused('not_open_to_account')],
    ['another team, public project', { to: 'another', visibility: 'public' }, refused('not_open_to_account')],
    [
      'another team, restricted project',
      { to: 'another', visibility: 'restricted' },
      refused('not_open_to_account'),
    ],
    [
      'another team, a project that is not listed',
      { to: 'another', visibility: 'unlisted' },
      refused('not_open_to_account'),
    ],
    ['a team that does not exist', { to: 'unknown' }, refused('not_open_to_account')],
    [
      'own team, restricted project, not added',
      { to: 'own', visibility: 'restricted' },
      refused('not_added_to_project'),
    ],
    [
      'own team, restricted project, another one added',
      { to: 'own', visibility: 'restricted', added: ['ci'] },
      refused('not_added_to_project'),
    ],
    [
      'own team, restricted project, added',
      { to: 'own', visibility: 'restricted', added: ['ci', 'nightly-eval'], named: 'a member of that team' },
      attributed,
    ],
  ])('%s', (_name, row, decision) => {
    expect(decide(row)).toEqual(decision);
  });
});

describe('An account of the organization', () => {
  const account = ORGANIZATION_ACCOUNT;
  test.each<[string, Row, object]>([
    ['goes to its default team where none is named', { account, to: 'own' }, unattributed('no_user_named')],
    [
      'reaches private projects of every team',
      { account, to: 'another', named: 'a member of that team' },
      attributed,
    ],
    [
      'reaches projects that no teams file lists',
      { account, to: 'another', visibility: 'unlisted' },
      unattributed('no_user_named'),
    ],
    ['is told that a team does not exist', { account, to: 'unknown' }, refused('no_such_team')],
    [
      'stays out of restricted projects of other teams',
      { account, to: 'another', visibility: 'restricted' },
      refused('not_added_to_project'),
    ],
    [
      'does not get in through the account of that team with its name',
      { account, to: 'another', visibility: 'restricted', added: ['nightly-eval'] },
      refused('not_added_to_project'),
    ],
    [
      'gets in where it was added with its team',
      { account, to: 'another', visibility: 'restricted', added: ['ml-platform/nightly-eval'] },
      unattributed('no_user_named'),
    ],
    [
      'stays out of restricted projects of its default team',
      { account, to: 'own', visibility: 'restricted' },
      refused('not_added_to_project'),
    ],
  ])('%s', (_name, row, decision) => {
    expect(decide(row)).toEqual(decision);
  });
});

describe('A named user', () => {
  const named = (username: string | undefined, email: string | undefined) =>
    decideRun({
      account: TEAM_ACCOUNT,
      entity: 'ml-platform',
      team: { project: undefined, namedMember: ben },
      named: { username, email },
    });

  test('may be named by address, by user name, or by both of one member', () => {
    const pairs: [string | undefined, string | undefined][] = [
      ['ben', undefined],
      [undefined, 'ben@acme.test'],
      ['ben', 'ben@acme.test'],
    ];
    for (const [username, email] of pairs) {
      expect(named(username, email)).toMatchObject({ reason: 'attributed' });
    }
  });

  test.each(['admin', 'member', 'view-only'] as const)('may be a member in any role: %s', (role) => {
    const decision = decideRun({
      account: TEAM_ACCOUNT,
      entity: 'ml-platform',
      team: { project: undefined, namedMember: { ...ben, role } },
      named: { username: 'ben', email: undefined },
    });
    expect(decision).toEqual(attributed);
  });

  test('is not attributed where address and user name are of two people', () => {
    expect(named('ada', 'ben@acme.test')).toEqual(unattributed('user_names_disagree'));
    expect(named('ben', 'ada@acme.test')).toEqual(unattributed('user_names_disagree'));
  });
});

describe('Whatever is asked', () => {
  const text: fc.Arbitrary<string> = fc.constantFrom(
    'ml-platform',
    'vision',
    'ben',
    'ada',
    'nightly-eval',
    'ml-platform/nightly-eval',
  );
  const project = fc.record({
    visibility: fc.constantFrom('private', 'public', 'open', 'restricted'),
    serviceAccounts: fc.array(text),
  });
  const question: fc.Arbitrary<RunQuestion> = fc.record({
    account: fc.record({ name: text, teamName: text, scope: fc.constantFrom('team', 'organization') }),
    entity: text,
    team: fc.option(
      fc.record({
        project: fc.option(project, { nil: undefined }),
        namedMember: fc.option(fc.constant(ben), { nil: undefined }),
      }),
      { nil: undefined },
    ),
    named: fc.record({
      username: fc.option(text, { nil: undefined }),
      email: fc.option(fc.constant('ben@acme.test'), { nil: undefined }),
    }),
  });

  test('an account of one team never gets into what is not open of another', () => {
    fc.assert(
      fc.property(question, (asked) => {
        fc.pre(asked.account.scope === 'team' && asked.entity !== asked.account.teamName);
        fc.pre(asked.team?.project?.visibility !== 'open');
        // The same for a team and a project that exist as for those that don't.
        expect(decideRun(asked)).toEqual({ allowed: false, reason: 'not_open_to_account' });
      }),
    );
  });

  test('whom a run names never decides whether it may', () => {
    fc.assert(
      fc.property(question, (asked) => {
        const unnamed = { ...asked, named: { username: undefined, email: undefined } };
        const decision = decideRun(asked);
        const without = decideRun(unnamed);
        expect(decision.allowed).toBe(without.allowed);
        // Nor what it is told: a refusal says nothing of people.
        if (!decision.allowed) expect(decision).toEqual(without);
      }),
    );
  });

  test('into a restricted project gets who was added to it, and of another team nobody by a plain name', () => {
    fc.assert(
      fc.property(question, project, (asked, { serviceAccounts }) => {
        const into = (added: readonly string[]) =>
          decideRun({
            ...asked,
            team: {
              namedMember: undefined,
              project: { visibility: 'restricted', serviceAccounts: added },
            },
          }).allowed;
        expect(into([])).toBe(false);
        const { name, teamName } = asked.account;
        fc.pre(asked.entity !== teamName && !serviceAccounts.includes(`${teamName}/${name}`));
        expect(into(serviceAccounts)).toBe(false);
      }),
    );
  });

  test('a run is only attributed to a member of the team it goes to whom all its names name', () => {
    fc.assert(
      fc.property(question, (asked) => {
        const decision = decideRun(asked);
        if (!decision.allowed || decision.attributedTo === null) return;
        expect(decision.attributedTo).toEqual({ username: ben.username, email: ben.email });
        expect(asked.team?.namedMember).toBe(ben);
        expect(asked.named.username ?? 'ben').toBe('ben');
      }),
    );
  });
});

describe('The reasons', () => {
  test('are exactly the ones that docs/api.md names', () => {
    const page = readFileSync(join(import.meta.dirname, '../../../docs/api.md'), 'utf8').replaceAll(
      '\n',
      ' ',
    );
    const [, allowed = '', refused = ''] =
      /`reason` of an allowed run: (.*?); of a refused one \(403\): (.*?)\./.exec(page) ?? [];
    const codes = (text: string) => [...text.matchAll(/`([a-z_]+)`/g)].map(([, code]) => code);

    expect(codes(allowed)).toEqual(Object.keys(RUN_REASONS.allowed));
    expect(codes(refused)).toEqual(Object.keys(RUN_REASONS.refused));
  });
});
