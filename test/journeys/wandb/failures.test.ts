import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { WandbFailure } from '../../../src/sandbox/wandb/wandb-failures.ts';
import type { SlackPerson } from '../../driver/slack-person.ts';
import { visibleText } from '../../driver/visible-text.ts';
import { createAccount, keyIn, openForm } from '../../world/new-account-form.ts';
import { type RunningWorkspace, startWorkspace } from '../../world/running-workspace.ts';

let workspace: RunningWorkspace;
let ada: SlackPerson;
beforeEach(async () => {
  workspace = await startWorkspace({ backend: 'wandb' });
  ada = workspace.slack.as('Ada');
});
afterEach(() => workspace.stop());

const page = () => `${workspace.wandb.baseUrl}/ml-platform/service-accounts`;
const onServer = () => workspace.wandb.team('ml-platform').serviceAccounts();

describe('When the W&B server can’t be read', () => {
  test('the form doesn’t open, and the person sees why', async () => {
    workspace.wandb.failures.set('*', { kind: 'status', status: 401 });
    await ada.command('random', '/wandb sa new nightly-eval');

    await ada.waitForMessage('random', 'doesn’t accept Keysmith’s API key.');
  });

  test('the form returns with the typed values and creates the account once the server is back', async () => {
    await openForm(ada, 'random', '/wandb sa new nightly-eval');
    await ada.fill('purpose', 'Evaluates');
    workspace.wandb.failures.set('*', { kind: 'status', status: 403 });
    await ada.submit();
    const again = await ada.waitForView('doesn’t allow Keysmith to do that.');
    expect(visibleText(again)).toContain(page());
    expect(again.blocks.some(({ block_id }) => block_id === 'expires')).toBe(false);
    expect(ada.values()).toMatchObject({ name: 'nightly-eval', purpose: 'Evaluates' });

    workspace.wandb.failures.clear();
    await ada.submit();
    await ada.waitForMessage('random', (message) => !!keyIn(message));
    expect(onServer().map(({ name }) => name)).toEqual(['nightly-eval']);
  });

  test('the team search returns no options instead of failing', async () => {
    workspace.wandb.failures.set('*', { kind: 'status', status: 500 });
    const payload = { type: 'block_suggestion', action_id: 'team', block_id: 'team', value: 'ml' };

    expect(await workspace.slack.deliver({ payload }, { as: 'Ada' })).toMatchObject({
      status: 200,
      body: '{"options":[]}',
    });
  });
});

describe('When the response to a creation is lost and the server can’t be read', () => {
  test.each([
    ['a broken connection', { kind: 'reset', afterEffect: true }],
    ['a truncated response', { kind: 'truncated' }],
    ['HTML instead of JSON', { kind: 'login_page', afterEffect: true }],
  ] as [string, WandbFailure][])(
    '(%s) the view says that the outcome is unknown, and a direct message reports it later',
    async (_what, failure) => {
      await openForm(ada, 'random', '/wandb sa new nightly-eval');
      const { failures, hold } = workspace.wandb;
      failures.set('createServiceAccount', failure, { times: 1 });
      const creation = hold('createServiceAccount', { at: 'before' });
      const submitted = ada.submit();
      await creation.reached;
      failures.set('*', { kind: 'reset' });
      creation.release();
      await submitted;
      const view = await ada.waitForView('We don’t know yet whether the account was created: ');

      expect(view.submit).toBeUndefined();
      expect(visibleText(view)).toContain(page());
      failures.clear();
      workspace.clock.advance(10 * 60_000);
      await workspace.keysmith.settle();
      await ada.waitForMessage('Keysmith', 'Its key wasn’t sent: the W&B server returned it too late');
      // An undelivered key must not stay active.
      expect(onServer()).toEqual([]);
    },
  );
});

describe('When the W&B server doesn’t revoke an account', () => {
  test('because of a 403, the account and its key message stay, and the W&B page is linked', async () => {
    const message = await createAccount(ada, 'random', 'nightly-eval');
    workspace.wandb.failures.set('deleteInvite', { kind: 'status', status: 403 });
    await ada.click(message, 'Revoke');
    const text = visibleText(await ada.waitForMessage('random', 'wasn’t revoked: '));

    expect(text).toContain(page());
    expect(onServer().map(({ name }) => name)).toEqual(['nightly-eval']);
    expect(ada.messages('random').some((one) => keyIn(one) !== undefined)).toBe(true);
  });

  test('because of a broken connection, Keysmith retries until it succeeds and reports it by direct message', async () => {
    const message = await createAccount(ada, 'random', 'nightly-eval');
    workspace.wandb.failures.set('deleteInvite', { kind: 'reset' });
    await ada.click(message, 'Revoke');
    await ada.waitForMessage('random', /We don’t know yet whether .* was revoked|wasn’t revoked/);

    workspace.wandb.failures.clear();
    workspace.clock.advance(10 * 60_000);
    await workspace.keysmith.settle();
    await ada.waitForMessage('Keysmith', 'has now confirmed it');
    expect(onServer()).toEqual([]);
  });
});
