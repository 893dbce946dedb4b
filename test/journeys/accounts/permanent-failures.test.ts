import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { SlackPerson } from '../../driver/slack-person.ts';
import { visibleText } from '../../driver/visible-text.ts';
import { ask } from '../../slack/ask.ts';
import { openForm } from '../../world/new-account-form.ts';
import { type RunningWorkspace, startWorkspace } from '../../world/running-workspace.ts';
import { requestsToSlack } from '../delivery/key-delivery.ts';

let workspace: RunningWorkspace;
let ada: SlackPerson;
beforeEach(async () => {
  workspace = await startWorkspace();
  ada = workspace.slack.as('Ada');
});
afterEach(() => workspace.stop());

const TRY_AGAIN = /try again|in a minute/i;
const CODES = ['token_revoked', 'missing_scope', 'account_inactive', 'org_login_required'];

describe('While Slack refuses Keysmith for good', () => {
  test.each(CODES)('a command names the cause and never says to try again: %s', async (error) => {
    workspace.slack.failures.set('users.info', { kind: 'error', error });
    for (const line of ['/wandb sa new', '/wandb sa list']) {
      const text = visibleText(await ask(ada, 'random', line));
      expect(text).toContain(error);
      expect(text).toMatch(/Ask (your Keysmith administrator|an admin of your Slack workspace)/);
      expect(text).not.toMatch(TRY_AGAIN);
      expect(text).toMatch(/Reference ks_/);
    }
  });

  test('a submitted form names the cause and offers no further attempt', async () => {
    await openForm(ada, 'random');
    await ada.fill('name', 'nightly-eval');
    workspace.slack.failures.set('users.info', { kind: 'error', error: 'token_revoked' });
    expect(await ada.submit()).toEqual({ ok: true });
    const view = await ada.waitForView('token_revoked');
    expect(view.submit).toBeUndefined();
    expect(visibleText(view)).not.toMatch(TRY_AGAIN);
    expect(workspace.rows('select 1 from service_accounts')).toEqual([]);
  });

  test.each(CODES)('a form that doesn’t open names the cause: %s', async (error) => {
    workspace.slack.failures.set('views.open', { kind: 'error', error });
    const text = visibleText(await ask(ada, 'random', '/wandb sa new'));
    expect(text).toContain('The form didn’t open, and nothing was created.');
    expect(text).toContain(error);
    expect(text).not.toMatch(TRY_AGAIN);
  });
});

test('Keysmith waits for a short rate limit of Slack, and the person doesn’t notice', async () => {
  workspace.slack.failures.set('users.info', { kind: 'rate_limited', retryAfterSeconds: 0 }, { times: 1 });
  await ask(ada, 'random', '/wandb sa list');
  expect(requestsToSlack(workspace, 'users.info')).toHaveLength(2);
});

test('Keysmith respects a long rate limit of Slack: it doesn’t call again, and says how long to wait', async () => {
  workspace.slack.failures.set('users.info', { kind: 'rate_limited', retryAfterSeconds: 300 });
  const text = visibleText(await ask(ada, 'random', '/wandb sa list'));
  expect(text).toContain('Try again in 5 minutes.');
  expect(requestsToSlack(workspace, 'users.info')).toHaveLength(1);
});
