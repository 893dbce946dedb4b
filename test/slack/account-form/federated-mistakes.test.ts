import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type {
  DesiredOrganization,
  DesiredTeam,
} from '../../../src/domain/organization/organization-changes.ts';
import type { SlackPerson } from '../../driver/slack-person.ts';
import { visibleText } from '../../driver/visible-text.ts';
import { endAccount } from '../../journeys/steps.ts';
import { openForm } from '../../world/new-account-form.ts';
import { type RunningWorkspace, startWorkspace } from '../../world/running-workspace.ts';
import { ADA, acmeWith } from '../acme-people.ts';

const GITHUB = 'https://token.actions.githubusercontent.com';
const GITLAB = 'https://gitlab.acme.test';
const SUBJECT = 'repo:acme/eval:ref:refs/heads/main';
const TAKEN = 'This subject is already registered. An issuer and subject can belong to only one account.';

const team = (name: string, admin: string, subjects: string[]): DesiredTeam => ({
  name,
  members: [{ email: `${admin}@acme.test`, username: admin, role: 'admin' }],
  subjects,
  projects: [],
});
const organization: DesiredOrganization = {
  admins: ['cy@acme.test'],
  issuers: [{ url: GITHUB }, { url: GITLAB }],
  teams: [
    team('ml-platform', 'ada', ['repo:acme/*', 'repo:acme-labs/eval:*:main']),
    team('research', 'eve', []),
    team('vision', 'vic', ['one', 'two', 'three', 'four', 'five']),
  ],
};

let workspace: RunningWorkspace;
let ada: SlackPerson;
beforeEach(async () => {
  const seed = acmeWith([
    { id: 'U0EVE00005', name: 'eve', email: 'eve@acme.test' },
    { id: 'U0VIC00006', name: 'vic', email: 'vic@acme.test' },
  ]);
  workspace = await startWorkspace({ seed, organization });
  ada = workspace.slack.as('Ada');
});
afterEach(() => workspace.stop());

const errors = (at: Record<string, string>) => ({ ok: false, error: 'errors', errors: at });
const identities = () =>
  workspace.rows('select name, issuer, subject from service_accounts order by created_at_ms');

async function openFederated(person: SlackPerson, name: string, teamName: string): Promise<void> {
  await openForm(person, 'random', `/wandb sa new ${name} --team ${teamName}`);
  await person.fill('method', 'federated');
  await person.waitForView((view) => !view.blocks.some(({ block_id }) => block_id === 'expires'));
}
async function submitFederated(
  person: SlackPerson,
  wanted: { name: string; team: string; subject: string; issuer?: string },
) {
  await openFederated(person, wanted.name, wanted.team);
  await person.fill('issuer', wanted.issuer ?? GITHUB);
  await person.fill('subject', wanted.subject);
  // Past the limits that Slack's own form enforces.
  const outcome = await person.submit({ unchecked: true });
  if (!outcome.ok) await person.close();
  return outcome;
}
const byAda = (subject: string, name = 'nightly-eval', issuer = GITHUB) =>
  submitFederated(ada, { name, team: 'ml-platform', subject, issuer });

describe('The subject of a federated account', () => {
  test.each(['repo:acme/', 'repo:acme/eval', SUBJECT, 'repo:acme-labs/eval:x:main'])(
    'can be registered by a team admin when it matches the team’s patterns: %s',
    async (subject) => {
      expect(await byAda(subject)).toEqual({ ok: true });
      expect(identities()).toEqual([{ name: 'nightly-eval', issuer: GITHUB, subject }]);
    },
  );

  test.each(['repo:evil/eval', 'REPO:acme/eval', 'repo:acme-labs/eval:main', 'x repo:acme/eval'])(
    'is rejected with the team’s patterns when it matches none of them: %s',
    async (subject) => {
      expect(await byAda(subject)).toEqual(
        errors({
          subject:
            'Admins of this team can only register subjects that match repo:acme/* or repo:acme-labs/eval:*:main.',
        }),
      );
      expect(identities()).toEqual([]);
    },
  );

  test('is rejected with three patterns and the number of the others when there are many', async () => {
    const vic = workspace.slack.as('Vic');

    const outcome = await submitFederated(vic, { name: 'nightly-eval', team: 'vision', subject: 'six' });

    expect(outcome).toEqual(
      errors({
        subject:
          'Admins of this team can only register subjects that match one or two or three or one of 2 more patterns.',
      }),
    );
  });

  test('can only be registered by organization admins in a team without patterns', async () => {
    const wanted = { name: 'nightly-eval', team: 'research', subject: 'anything at all' };

    expect(await submitFederated(workspace.slack.as('Eve'), wanted)).toEqual(
      errors({
        subject: 'Only organization admins can register external identities for this team. Ask one of them.',
      }),
    );
    expect(identities()).toEqual([]);
    expect(await submitFederated(workspace.slack.as('Cy'), wanted)).toEqual({ ok: true });
    expect(identities()).toEqual([{ name: 'nightly-eval', issuer: GITHUB, subject: 'anything at all' }]);
  });

  test('can be registered by organization admins whatever the team’s patterns', async () => {
    const wanted = { name: 'nightly-eval', team: 'ml-platform', subject: 'repo:other/eval' };

    expect(await submitFederated(workspace.slack.as('Cy'), wanted)).toEqual({ ok: true });
  });

  test.each([
    ['1,025 characters', `repo:acme/${'x'.repeat(1_015)}`, 'Use at most 1024 characters.'],
    [
      'a direction mark',
      'repo:acme/\u202eeval',
      'Remove the invisible characters (control or direction marks).',
    ],
    [
      'an invisible space',
      'repo:acme/ev\u200bal',
      'Remove the invisible characters (control or direction marks).',
    ],
    ['a line break', 'repo:acme/eval\nx', 'Remove the invisible characters (control or direction marks).'],
    ['spaces alone', '  ', 'Enter the subject (the sub claim) of the workload’s JWT.'],
  ])('is rejected at its field when it has %s', async (_what, subject, text) => {
    expect(await byAda(subject)).toEqual(errors({ subject: text }));
    expect(identities()).toEqual([]);
  });
});

describe('A subject that no JWT will match', () => {
  const EXACT =
    'Enter one exact subject: * isn’t a wildcard here. Create an account for each subject that should sign in.';

  test.each(['*', 'repo:acme/*', 'repo:acme/eval:*', SUBJECT.concat('*')])(
    'is refused with the reason, also for organization admins, since it has a wildcard: %s',
    async (subject) => {
      expect(await byAda(subject)).toEqual(errors({ subject: EXACT }));
      const byCy = { name: 'nightly-eval', team: 'research', subject };
      expect(await submitFederated(workspace.slack.as('Cy'), byCy)).toEqual(errors({ subject: EXACT }));
      expect(identities()).toEqual([]);
    },
  );

  test('is accepted only when it is submitted again after the warning, where it may be right', async () => {
    await openFederated(ada, 'nightly-eval', 'ml-platform');
    await ada.fill('issuer', GITHUB);
    for (const subject of ['repo:acme/eval?', 'repo:acme/(eval|train)']) {
      await ada.fill('subject', subject);
      expect(await ada.submit()).toEqual(
        errors({
          subject:
            'Enter one exact subject, without placeholders: patterns don’t match anything. If it’s exactly what the JWT has, press Create again.',
        }),
      );
    }

    expect(await ada.submit()).toEqual({ ok: true });
    expect(identities()).toMatchObject([{ subject: 'repo:acme/(eval|train)' }]);
  });

  test('of GitHub’s newer form names the pattern that lets in that owner', async () => {
    expect(await byAda('repo:acme@1234567/train@7654321:ref:refs/heads/main')).toEqual(
      errors({
        subject: expect.stringContaining(
          'ask an organization admin to add repo:acme@1234567/* to the team’s subjects.',
        ),
      }),
    );
  });
});

describe('An issuer and subject in use', () => {
  test('are rejected with the same text for everybody, without naming the account', async () => {
    expect(await byAda(SUBJECT, 'secret-project')).toEqual({ ok: true });

    const again = await byAda(SUBJECT, 'nightly-eval');
    const elsewhere = await submitFederated(workspace.slack.as('Cy'), {
      name: 'nightly-eval',
      team: 'research',
      subject: SUBJECT,
    });

    expect(again).toEqual(errors({ subject: TAKEN }));
    expect(elsewhere).toEqual(errors({ subject: TAKEN }));
    expect(identities()).toHaveLength(1);
  });

  test('are compared exactly, and per issuer', async () => {
    for (const [name, subject, issuer] of [
      ['first-eval', 'repo:acme/eval', GITHUB],
      ['second-eval', 'repo:acme/Eval', GITHUB],
      ['third-eval', 'project', GITHUB],
      ['fourth-eval', 'project', GITLAB],
    ] as const) {
      const wanted = { name, team: 'ml-platform', subject, issuer };
      expect(await submitFederated(workspace.slack.as('Cy'), wanted)).toEqual({ ok: true });
    }

    expect(identities()).toHaveLength(4);
  });

  test('can be registered again immediately after their account was revoked', async () => {
    expect(await byAda(SUBJECT)).toEqual({ ok: true });
    expect(await endAccount(ada, 'random', '/wandb sa revoke nightly-eval')).toContain(
      'Its workloads can no longer sign in.',
    );

    expect(await byAda(SUBJECT)).toEqual({ ok: true });
    expect(identities()).toHaveLength(2);
  });
});

describe('The issuer of a federated account', () => {
  test('must be chosen where there are several, and a missing choice isn’t recorded as forged', async () => {
    await openFederated(ada, 'nightly-eval', 'ml-platform');
    await ada.fill('subject', SUBJECT);

    expect(await ada.submit({ unchecked: true })).toEqual(errors({ issuer: 'Choose an issuer.' }));
    expect(identities()).toEqual([]);
    expect((await workspace.audit()).map(({ action }) => action)).not.toContain(
      'service_account.create_refused',
    );
  });

  test('gets a warning at a subject that looks like another issuer’s, and is kept if submitted again', async () => {
    await openFederated(ada, 'nightly-eval', 'ml-platform');
    await ada.fill('issuer', GITLAB);
    await ada.fill('subject', SUBJECT);

    expect(await ada.submit()).toEqual(
      errors({
        subject: `This looks like a subject of GitHub Actions, but the issuer is ${GITLAB}. Choose ${GITHUB}. If it’s exactly what the JWT has, press Create again.`,
      }),
    );
    expect(identities()).toEqual([]);
    await ada.fill('subject', `${SUBJECT}-2`);
    expect(await ada.submit()).toMatchObject({ ok: false });
    expect(await ada.submit()).toEqual({ ok: true });
    expect(identities()).toEqual([{ name: 'nightly-eval', issuer: GITLAB, subject: `${SUBJECT}-2` }]);
  });

  test('is accepted at once after the warning when the right one is chosen', async () => {
    await openFederated(ada, 'nightly-eval', 'ml-platform');
    await ada.fill('issuer', GITLAB);
    await ada.fill('subject', SUBJECT);
    expect(await ada.submit()).toMatchObject({ ok: false });

    await ada.fill('issuer', GITHUB);

    expect(await ada.submit()).toEqual({ ok: true });
    expect(identities()).toMatchObject([{ issuer: GITHUB, subject: SUBJECT }]);
  });

  test('is explained in the form when none is registered, which then only creates API keys', async () => {
    await workspace.restartKeysmith({ organization: { ...organization, name: 'acme', issuers: [] } });
    await openFederated(ada, 'nightly-eval', 'ml-platform');
    await ada.fill('purpose', 'Evaluates');

    const view = ada.view();
    expect(view && visibleText(view)).toContain('No JWT issuer is registered for this organization yet.');
    expect(Object.keys(ada.values())).not.toContain('issuer');
    expect(await ada.submit()).toEqual(
      errors({
        method:
          'No issuer is registered for this organization yet, so only API keys are available. Ask an organization admin to register one.',
      }),
    );
    expect(identities()).toEqual([]);

    await ada.fill('method', 'api_key');
    await ada.waitForView((shown) => shown.blocks.some(({ block_id }) => block_id === 'expires'));
    expect(ada.values()).toMatchObject({ name: 'nightly-eval', purpose: 'Evaluates' });
    expect(await ada.submit()).toEqual({ ok: true });
    expect(identities()).toEqual([{ name: 'nightly-eval', issuer: null, subject: null }]);
  });

  test('is preselected when it is the only one', async () => {
    await workspace.restartKeysmith({
      organization: { ...organization, name: 'acme', issuers: [{ url: GITHUB }] },
    });
    await openFederated(ada, 'nightly-eval', 'ml-platform');

    expect(ada.values().issuer).toBe(GITHUB);
  });

  test('is rejected at its field when it was removed after the form opened', async () => {
    await openFederated(ada, 'nightly-eval', 'ml-platform');
    await ada.fill('issuer', GITLAB);
    await ada.fill('subject', SUBJECT);
    await workspace.restartKeysmith({
      organization: { ...organization, name: 'acme', issuers: [{ url: GITHUB }] },
    });

    expect(await ada.submit()).toEqual(errors({ issuer: 'Choose one of the listed issuers.' }));
    expect(identities()).toEqual([]);
  });
});

test('All mistakes in a federated account’s fields are shown together', async () => {
  await openFederated(ada, 'test', 'ml-platform');
  await ada.fill('issuer', GITHUB);
  await ada.fill('subject', 'repo:evil/eval');
  await ada.fill('used_by', 'x'.repeat(151));

  expect(await ada.submit({ unchecked: true })).toEqual(
    errors({
      name: expect.stringContaining('says what the account is for'),
      subject: expect.stringContaining('can only register subjects'),
      used_by: 'Use at most 150 characters.',
    }),
  );
  expect(identities()).toEqual([]);
  expect((await workspace.audit()).some(({ actor }) => JSON.stringify(actor).includes(ADA))).toBe(false);
});
