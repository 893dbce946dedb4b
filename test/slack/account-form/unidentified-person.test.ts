import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Failure } from '../../../src/sandbox/slack/protocol/failures.ts';
import type { SlackPerson } from '../../driver/slack-person.ts';
import { visibleText } from '../../driver/visible-text.ts';
import { keyIn, openForm } from '../../world/new-account-form.ts';
import { type RunningWorkspace, startWorkspace } from '../../world/running-workspace.ts';
import { ask } from '../ask.ts';

let workspace: RunningWorkspace;
let ada: SlackPerson;
beforeEach(async () => {
  workspace = await startWorkspace();
  ada = workspace.slack.as('Ada');
});
afterEach(() => workspace.stop());

const accounts = () => workspace.rows('select name from service_accounts');
const viewText = () => {
  const view = ada.view();
  return view ? visibleText(view) : '';
};

describe('While Slack can’t identify the person', () => {
  const TEXT = 'Nothing was changed: Slack couldn’t confirm who you are. Try again in a minute.';
  const broken: [string, Failure][] = [
    ['an error', { kind: 'error', error: 'internal_error' }],
    ['a 500', { kind: 'status', status: 500 }],
    ['a dropped connection', { kind: 'reset' }],
    ['a rate limit', { kind: 'rate_limited', retryAfterSeconds: 30 }],
  ];

  test.each(broken)('a command says so, and does nothing: %s', async (_what, failure) => {
    workspace.slack.failures.set('users.info', failure);

    for (const line of ['/wandb sa new', '/wandb sa list', '/wandb sa revoke nightly-eval']) {
      const message = await ask(ada, 'random', line);

      expect(message.ephemeral).toBe(true);
      expect(visibleText(message)).toContain(TEXT);
      expect(visibleText(message)).toMatch(/Reference ks_/);
    }
    expect(ada.view()).toBeUndefined();
  });

  test.each(broken)(
    'a submitted form stays with its values, and Create works once Slack responds: %s',
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
        expect(viewText()).toContain(TEXT);
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

  test('a federated form stays as well, and its team and issuer can be chosen again', async () => {
    await openForm(ada, 'random');
    await ada.fill('name', 'nightly-eval');
    await ada.fill('method', 'federated');
    await ada.waitForView((view) => view.blocks.some(({ block_id }) => block_id === 'subject'));
    await ada.fill('issuer', 'https://token.actions.githubusercontent.com');
    await ada.fill('subject', 'repo:acme/train:ref:refs/heads/main');
    const typed = ada.values();
    workspace.slack.failures.set('users.info', { kind: 'status', status: 500 });
    await ada.submit();
    expect(viewText()).toContain(TEXT);
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

  test('a form submitted before its fields were swapped shows them and keeps its values', async () => {
    await openForm(ada, 'random');
    await ada.fill('name', 'nightly-eval');
    workspace.slack.failures.set('users.info', { kind: 'status', status: 500 });
    await ada.fill('method', 'federated');
    await ada.waitForView(TEXT);
    await ada.close();

    expect(await ada.submit()).toEqual({ ok: true });
    expect(ada.view()?.submit).toBe('Create');
    expect(viewText()).toContain(TEXT);
    expect(ada.values()).toMatchObject({ name: 'nightly-eval', method: 'federated', issuer: null });
  });

  test('the reference in the message finds the line in the log', async () => {
    workspace.slack.failures.set('users.info', { kind: 'status', status: 500 });

    const [, reference] =
      /Reference (ks_\w+)/.exec(visibleText(await ask(ada, 'random', '/wandb sa list'))) ?? [];

    const line = workspace
      .logs()
      .split('\n')
      .find((one) => one.includes('interaction failed'));
    expect(JSON.parse(line ?? '{}')).toMatchObject({ requestId: reference, level: 50 });
  });

  test('the form opens as a loading view, which ends with the explanation when Slack never responds', async () => {
    const timing = { loadingAfterMs: 100, progressAfterMs: 60_000 };
    await workspace.restartKeysmith({ slackCallTimeoutMs: 600, timing });
    workspace.slack.failures.set('users.info', { kind: 'timeout' });
    await ada.command('random', '/wandb sa new');

    await ada.waitForView('Looking up your teams');
    const view = await ada.waitForView(TEXT);

    expect(view.submit).toBeUndefined();
    expect(visibleText(await ada.waitForMessage('random', TEXT))).toMatch(/Reference ks_/);
  });

  test('a submission shows a working view, and then the key, when Slack responds late', async () => {
    await workspace.restartKeysmith({ timing: { respondWithinMs: 200, progressAfterMs: 60_000 } });
    await openForm(ada, 'random');
    await ada.fill('name', 'nightly-eval');
    workspace.slack.failures.set('users.info', { kind: 'slow', delayMs: 600 });

    expect(await ada.submit()).toEqual({ ok: true });
    expect(viewText()).toContain('Creating the account…');
    await ada.waitForView('Created `nightly-eval` in `ml-platform`.');

    expect(ada.view()?.submit).toBeUndefined();
    expect(ada.messages('random').filter((message) => keyIn(message))).toHaveLength(1);
    expect(accounts()).toEqual([{ name: 'nightly-eval' }]);
  });
});
