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
  /** The run's team. `own`: also if the run names none. */
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

// The rows of "Running as a service account" in W&B's documentation, with and without a user to attribute the run to.
describe('A team’s service account logging a run', () => {
  test.each<[string, Row, object]>([
    ['own team, private project', { to: 'own', named: 'a member of that team' }, attributed],
    ['own team, private project, no user named', { to: 'own' }, unattributed('no_user_named')],
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
  ])('gets the documented decision for %s', (_name, row, decision) => {
    expect(decide(row)).toEqual(decision);
  });
});

describe('An account of organization scope', () => {
  const account = ORGANIZATION_ACCOUNT;
  test.each<[string, Row, object]>([
    ['logs to its default team if the run names none', { account, to: 'own' }, unattributed('no_user_named')],
    [
      'reaches private projects of every team',
      { account, to: 'another', named: 'a member of that team' },
      attributed,
    ],
    [
      'reaches projects that the teams file doesn’t list',
      { account, to: 'another', visibility: 'unlisted' },
      unattributed('no_user_named'),
    ],
    ['learns that a team doesn’t exist', { account, to: 'unknown' }, refused('no_such_team')],
    [
      'is refused in restricted projects of other teams',
      { account, to: 'another', visibility: 'restricted' },
      refused('not_added_to_project'),
    ],
    [
      'is refused when only that team’s account of the same name is listed',
      { account, to: 'another', visibility: 'restricted', added: ['nightly-eval'] },
      refused('not_added_to_project'),
    ],
    [
      'is allowed when it is listed with its team',
      { account, to: 'another', visibility: 'restricted', added: ['ml-platform/nightly-eval'] },
      unattributed('no_user_named'),
    ],
    [
      'is refused in restricted projects of its default team',
      { account, to: 'own', visibility: 'restricted' },
      refused('not_added_to_project'),
    ],
  ])('%s', (_name, row, decision) => {
    expect(decide(row)).toEqual(decision);
  });
});

describe('The user that a run names', () => {
  const named = (username: string | undefined, email: string | undefined) =>
    decideRun({
      account: TEAM_ACCOUNT,
      entity: 'ml-platform',
      team: { project: undefined, namedMember: ben },
      named: { username, email },
    });

  test('is attributed by address, by username, or by both', () => {
    const pairs: [string | undefined, string | undefined][] = [
      ['ben', undefined],
      [undefined, 'ben@acme.test'],
      ['ben', 'ben@acme.test'],
    ];
    for (const [username, email] of pairs) {
      expect(named(username, email)).toMatchObject({ reason: 'attributed' });
    }
  });

  test.each(['admin', 'member', 'view-only'] as const)('is attributed with the team role %s', (role) => {
    const decision = decideRun({
      account: TEAM_ACCOUNT,
      entity: 'ml-platform',
      team: { project: undefined, namedMember: { ...ben, role } },
      named: { username: 'ben', email: undefined },
    });
    expect(decision).toEqual(attributed);
  });

  test('isn’t attributed if address and username belong to different people', () => {
    expect(named('ada', 'ben@acme.test')).toEqual(unattributed('user_names_disagree'));
    expect(named('ben', 'ada@acme.test')).toEqual(unattributed('user_names_disagree'));
  });
});

describe('Any run', () => {
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

  test('of a team’s account is refused in another team’s project that isn’t open', () => {
    fc.assert(
      fc.property(question, (asked) => {
        fc.pre(asked.account.scope === 'team' && asked.entity !== asked.account.teamName);
        fc.pre(asked.team?.project?.visibility !== 'open');
        // The same whether the team and the project exist or not.
        expect(decideRun(asked)).toEqual({ allowed: false, reason: 'not_open_to_account' });
      }),
    );
  });

  test('is allowed or refused whichever user it names', () => {
    fc.assert(
      fc.property(question, (asked) => {
        const unnamed = { ...asked, named: { username: undefined, email: undefined } };
        const decision = decideRun(asked);
        const without = decideRun(unnamed);
        expect(decision.allowed).toBe(without.allowed);
        // A refusal must not reveal who is in the team.
        if (!decision.allowed) expect(decision).toEqual(without);
      }),
    );
  });

  test('of another team’s account is refused in a restricted project that doesn’t list it with its team', () => {
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

  test('is attributed only to a team member that matches every name it gives', () => {
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

describe('The reasons of run decisions', () => {
  test('are exactly the ones in docs/api.md', () => {
    const page = readFileSync(join(import.meta.dirname, '../../../docs/api.md'), 'utf8').replaceAll(
      '\n',
      ' ',
    );
    const [, allowed = '', refused = ''] =
      /For an allowed run, `reason` is (.*?); for a refused run \(403\) it is (.*?)\./.exec(page) ?? [];
    const codes = (text: string) => [...text.matchAll(/`([a-z_]+)`/g)].map(([, code]) => code);

    expect(codes(allowed)).toEqual(Object.keys(RUN_REASONS.allowed));
    expect(codes(refused)).toEqual(Object.keys(RUN_REASONS.refused));
  });
});
