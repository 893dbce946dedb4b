import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { DesiredTeam } from '../../../src/application/ports/store.ts';
import type { Failure } from '../../../src/sandbox/slack/protocol/failures.ts';
import type { PersonSeed } from '../../../src/sandbox/slack/workspace/workspace-seed.ts';
import type { SlackPerson } from '../../driver/slack-person.ts';
import { visibleText } from '../../driver/visible-text.ts';
import { createAccount, keyIn, openForm } from '../../world/new-account-form.ts';
import { type RunningWorkspace, startWorkspace } from '../../world/running-workspace.ts';
import { ADA } from '../acme-people.ts';
import { ask } from '../ask.ts';

let workspace: RunningWorkspace;
let ada: SlackPerson;
beforeEach(async () => {
  workspace = await startWorkspace();
  ada = workspace.slack.as('Ada');
});
afterEach(() => workspace.stop());

const team = (
  name: string,
  members: Record<string, DesiredTeam['members'][number]['role']>,
): DesiredTeam => ({
  name,
  members: Object.entries(members).map(([username, role]) => ({
    email: `${username}@acme.test`,
    username,
    role,
  })),
  subjects: [],
  projects: [],
});
const applying = (...teams: DesiredTeam[]) =>
  workspace.restartKeysmith({ organization: { name: 'acme', admins: ['cy@acme.test'], issuers: [], teams } });

const accounts = () => workspace.rows('select name from service_accounts');
const lastRefusal = async () =>
  (await workspace.audit()).findLast(({ action }) => action.endsWith('_refused'));
const viewText = () => {
  const view = ada.view();
  return view ? visibleText(view) : '';
};

describe('Permission is read again at the submission: what was lost since the form opened makes nothing', () => {
  const openFilledIn = async () => {
    await openForm(ada, 'random');
    await ada.fill('name', 'nightly-eval');
  };
  const expectNothingMade = async (words: string) => {
    expect(await ada.submit()).toEqual({ ok: true });
    expect(viewText()).toContain(words);
    expect(viewText()).toMatch(/Reference ks_/);
    expect(ada.view()?.submit).toBeUndefined();
    expect(accounts()).toEqual([]);
    expect(workspace.rows('select * from api_keys')).toEqual([]);
    expect(workspace.rows('select * from deliveries')).toEqual([]);
  };
  const expectRefused = async (words: string, reason: string) => {
    await expectNothingMade(words);
    expect(await lastRefusal()).toMatchObject({
      action: 'service_account.create_refused',
      actor: { slackUserId: ADA },
      details: { reason, team: 'ml-platform' },
    });
  };

  test('the role of an admin', async () => {
    await openFilledIn();
    await applying(team('ml-platform', { ada: 'member', ben: 'admin' }), team('vision', { ada: 'admin' }));

    await expectRefused('Only admins of `ml-platform` can do this', 'not_admin');
  });

  test('the membership', async () => {
    await openFilledIn();
    await applying(team('ml-platform', { ben: 'admin' }));

    await expectRefused('You don’t have a team', 'team_unknown');
  });

  test('the team', async () => {
    await openFilledIn();
    await applying(team('vision', { ada: 'admin' }));

    await expectRefused('You don’t have a team', 'team_unknown');
  });

  test.each<[string, Partial<PersonSeed>, string]>([
    ['guest', { guest: 'multi_channel' }, 'Guests of this workspace'],
    ['deactivated', { deactivated: true }, 'This Slack account is deactivated'],
    ['email_unconfirmed', { emailConfirmed: false }, 'isn’t confirmed'],
  ])('the good standing in Slack: %s', async (reason, change, words) => {
    await openFilledIn();
    workspace.slack.changePerson('Ada', change);

    await expectNothingMade(words);
    // Who is no person any more is only logged.
    expect(await lastRefusal()).toBeUndefined();
    expect(workspace.logs()).toContain(`"reason":"${reason}"`);
  });

  test('the address', async () => {
    await openFilledIn();
    workspace.slack.changePerson('Ada', { email: 'other@acme.test' });

    await expectRefused('You don’t have a team', 'team_unknown');
  });

  test('a role that was lost also ends the form when its method is changed', async () => {
    await openFilledIn();
    await applying(team('ml-platform', { ada: 'member', ben: 'admin' }));

    await ada.fill('method', 'federated');
    const view = await ada.waitForView('Only admins of `ml-platform` can do this');

    expect(view.submit).toBeUndefined();
  });

  test('a restart in between alone loses nothing: the form opened before it makes its account', async () => {
    await openFilledIn();
    await workspace.restartKeysmith();

    expect(await ada.submit()).toEqual({ ok: true });
    await ada.waitForMessage('random', (message) => !!keyIn(message));
    expect(accounts()).toEqual([{ name: 'nightly-eval' }]);
  });
});

test('a role that was lost since the list was shown revokes nothing', async () => {
  await createAccount(ada, 'random', 'nightly-eval');
  const list = await ask(ada, 'random', '/wandb sa list');
  await applying(team('ml-platform', { ada: 'member', ben: 'admin' }));

  await ada.click(list, 'Revoke');
  await ada.waitForMessage('random', 'Nothing was revoked. Only admins of `ml-platform`');

  expect(workspace.rows('select revoked_at_ms from api_keys')).toEqual([{ revoked_at_ms: null }]);
  expect(await workspace.audit()).toContainEqual(
    expect.objectContaining({
      action: 'service_account.revoke_refused',
      actor: { type: 'person', slackUserId: ADA, email: 'ada@acme.test' },
      details: { reason: 'not_admin' },
    }),
  );
});

describe('Slack does not say who somebody is: words, and nothing made', () => {
  const WORDS = 'Nothing was changed: Slack couldn’t confirm who you are. Try again in a minute.';
  const broken: [string, Failure][] = [
    ['an error', { kind: 'error', error: 'internal_error' }],
    ['a 500', { kind: 'status', status: 500 }],
    ['a dropped connection', { kind: 'reset' }],
    ['a rate limit', { kind: 'rate_limited', retryAfterSeconds: 30 }],
  ];

  test.each(broken)('%s at a command', async (_what, failure) => {
    workspace.slack.failures.set('users.info', failure);

    for (const line of ['/wandb sa new', '/wandb sa list', '/wandb sa revoke nightly-eval']) {
      const message = await ask(ada, 'random', line);

      expect(message.ephemeral).toBe(true);
      expect(visibleText(message)).toContain(WORDS);
      expect(visibleText(message)).toMatch(/Reference ks_/);
    }
    expect(ada.view()).toBeUndefined();
  });

  test.each(broken)(
    '%s at the submission: the form stays with all that was typed, and Create works once Slack answers',
    async (_what, failure) => {
      await openForm(ada, 'random');
      await ada.fill('name', 'nightly-eval');
      await ada.fill('expires', '30');
      await ada.fill('purpose', 'Evaluates\nevery night');
      await ada.fill('used_by', 'cron');
      await ada.fill('contact', 'Ben');
      const typed = ada.values();
      workspace.slack.failures.set('users.info', failure);

      for (const _again of [1, 2]) {
        expect(await ada.submit()).toEqual({ ok: true });
        expect(ada.view()?.submit).toBe('Create');
        expect(viewText()).toContain(WORDS);
        expect(viewText()).toContain('Your entries are still here. Press *Create* to try again');
        expect(viewText()).toMatch(/Reference ks_/);
        expect(ada.values()).toEqual(typed);
        expect(accounts()).toEqual([]);
      }

      workspace.slack.failures.clear();
      expect(await ada.submit()).toEqual({ ok: true });
      await ada.waitForMessage('random', (message) => !!keyIn(message));
      expect(workspace.rows('select name, purpose, used_by from service_accounts')).toEqual([
        { name: 'nightly-eval', purpose: 'Evaluates\nevery night', used_by: 'cron' },
      ]);
    },
  );

  test('a federated form stays as well, and its team and issuer can be chosen anew', async () => {
    await openForm(ada, 'random');
    await ada.fill('name', 'nightly-eval');
    await ada.fill('method', 'federated');
    await ada.waitForView((view) => view.blocks.some(({ block_id }) => block_id === 'subject'));
    await ada.fill('subject', 'repo:acme/train:ref:refs/heads/main');
    const typed = ada.values();
    workspace.slack.failures.set('users.info', { kind: 'status', status: 500 });
    await ada.submit();
    expect(viewText()).toContain(WORDS);
    expect(ada.values()).toEqual(typed);

    workspace.slack.failures.clear();
    const { issuer, team } = typed;
    expect((await ada.options('issuer', '')).options.map(({ value }) => value)).toContain(issuer);
    expect((await ada.options('team', '')).options.map(({ value }) => value)).toContain(team);
    await ada.fill('method', 'api_key');
    await ada.waitForView((view) => view.blocks.some(({ block_id }) => block_id === 'expires'));
    expect(ada.values()).toMatchObject({ team, name: 'nightly-eval' });
    expect(viewText()).not.toContain('failed');
  });

  test('at the submission of a form whose fields were not swapped yet: they are, and nothing is lost', async () => {
    await openForm(ada, 'random');
    await ada.fill('name', 'nightly-eval');
    workspace.slack.failures.set('users.info', { kind: 'status', status: 500 });
    await ada.fill('method', 'federated');
    await ada.waitForMessage('Keysmith', WORDS);

    expect(await ada.submit()).toEqual({ ok: true });
    expect(ada.view()?.submit).toBe('Create');
    expect(viewText()).toContain(WORDS);
    expect(ada.values()).toMatchObject({ name: 'nightly-eval', method: 'federated', issuer: null });
  });

  test('the reference in the words finds the line in the log', async () => {
    workspace.slack.failures.set('users.info', { kind: 'status', status: 500 });

    const [, reference] =
      /Reference (ks_\w+)/.exec(visibleText(await ask(ada, 'random', '/wandb sa list'))) ?? [];

    const line = workspace
      .logs()
      .split('\n')
      .find((one) => one.includes('interaction failed'));
    expect(JSON.parse(line ?? '{}')).toMatchObject({ requestId: reference, level: 50 });
  });

  test('no answer at all: the form opens as a loading view and ends in the words', async () => {
    workspace.slack.failures.set('users.info', { kind: 'timeout' });
    await ada.command('random', '/wandb sa new');

    await ada.waitForView('Looking up your teams');
    const view = await ada.waitForView(WORDS);

    expect(view.submit).toBeUndefined();
    expect(visibleText(await ada.waitForMessage('random', WORDS))).toMatch(/Reference ks_/);
  });

  test('a late answer at the submission: a working view in time, then the key', async () => {
    await openForm(ada, 'random');
    await ada.fill('name', 'nightly-eval');
    workspace.slack.failures.set('users.info', { kind: 'slow', delayMs: 2_500 });

    expect(await ada.submit()).toEqual({ ok: true });
    expect(viewText()).toContain('Creating the account…');
    await ada.waitForView('Created `nightly-eval` in `ml-platform`.');

    expect(ada.view()?.submit).toBeUndefined();
    expect(ada.messages('random').filter((message) => keyIn(message))).toHaveLength(1);
    expect(accounts()).toEqual([{ name: 'nightly-eval' }]);
  });
});
