import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { SlackPerson } from '../../driver/slack-person.ts';
import { visibleText } from '../../driver/visible-text.ts';
import { ask } from '../../slack/ask.ts';
import { createAccount, keyIn, openForm } from '../../world/new-account-form.ts';
import { type RunningWorkspace, startWorkspace } from '../../world/running-workspace.ts';
import { chooseMethod } from '../steps.ts';

let workspace: RunningWorkspace;
let ada: SlackPerson;
beforeEach(async () => {
  workspace = await startWorkspace({
    backend: 'wandb',
    keysmith: { timing: { loadingAfterMs: 60, respondWithinMs: 120 } },
  });
  ada = workspace.slack.as('Ada');
});
afterEach(() => workspace.stop());

/** Holds the server's next response until it is released. */
const holdServer = () => workspace.wandb.hold('*', { at: 'before' });

describe('While the W&B server is slow', () => {
  test('the form opens immediately as a loading view and is then filled in', async () => {
    const hold = holdServer();
    expect(await ada.command('random', '/wandb sa new nightly-eval')).toEqual({ ok: true });
    const loading = await ada.waitForView('Looking up your teams…');
    expect(loading.submit).toBeUndefined();
    await hold.reached;

    hold.release();
    const form = await ada.waitForView((view) => view.submit === 'Create');
    expect(form.id).toBe(loading.id);
    expect(ada.values()).toMatchObject({ name: 'nightly-eval', team: 'ml-platform' });
  });

  test('the fields of the method are still swapped, and the values stay', async () => {
    await openForm(ada, 'random', '/wandb sa new nightly-eval');
    const hold = holdServer();
    await chooseMethod(ada, 'federated');

    const view = ada.view();
    expect(ada.values()).toMatchObject({ name: 'nightly-eval', team: 'ml-platform', method: 'federated' });
    expect(view?.submit).toBe('Create');
    hold.release();
  });

  test('a submission shows a working view that ends with the created account', async () => {
    await openForm(ada, 'random', '/wandb sa new nightly-eval');
    const hold = workspace.wandb.hold('createServiceAccount', { at: 'before' });
    expect(await ada.submit()).toEqual({ ok: true });
    const working = await ada.waitForView('Creating the account…');
    expect(working.submit).toBeUndefined();
    await hold.reached;

    hold.release();
    await ada.waitForView('Created `nightly-eval` in `ml-platform`.');
    await ada.waitForMessage('random', (message) => !!keyIn(message));
  });

  test('a refusal that Slack doesn’t show arrives as a direct message', async () => {
    await openForm(ada, 'random', '/wandb sa new nightly-eval');
    const hold = workspace.wandb.hold('createServiceAccount', { at: 'before' });
    workspace.wandb.failures.set('createServiceAccount', { kind: 'status', status: 403 });
    await ada.submit();
    await ada.waitForView('Creating the account…');
    await hold.reached;
    const { failures } = workspace.slack;
    for (const method of ['views.update', 'response_url', 'chat.postEphemeral', 'chat.postMessage']) {
      failures.set(method, { kind: 'error', error: 'fatal_error' });
    }
    hold.release();
    await expect.poll(() => workspace.logs()).toContain('reply not sent');
    failures.clear();
    await workspace.keysmith.settle();
    await ada.waitForMessage('Keysmith', '`nightly-eval` in `ml-platform` wasn’t created');
  });

  test('the same form submitted again says that the account was already requested', async () => {
    await openForm(ada, 'random', '/wandb sa new nightly-eval');
    const hold = workspace.wandb.hold('createServiceAccount', { at: 'before' });
    await ada.submit();
    await hold.reached;
    const payload = workspace.slack.traffic.findLast(({ method }) => method === 'view_submission')
      ?.payload as { type: string };

    const response = await workspace.slack.deliver({ payload: { ...payload, trigger_id: '1.2.again' } });

    expect(response).toMatchObject({
      status: 200,
      body: expect.stringContaining('This form was already submitted'),
    });
    hold.release();
    await ada.waitForMessage('random', (message) => !!keyIn(message));
    expect(workspace.wandb.team('ml-platform').serviceAccounts()).toHaveLength(1);
  });

  test('the team search responds in time without options', async () => {
    const hold = holdServer();
    const payload = { type: 'block_suggestion', action_id: 'team', block_id: 'team', value: 'ml' };

    expect(await workspace.slack.deliver({ payload }, { as: 'Ada' })).toMatchObject({
      status: 200,
      body: '{"options":[]}',
    });
    hold.release();
  });

  test('the list is acknowledged immediately and arrives later', async () => {
    await createAccount(ada, 'random', 'nightly-eval');
    const hold = holdServer();
    expect(await ada.command('random', '/wandb sa list')).toEqual({ ok: true });
    await hold.reached;
    hold.release();

    const list = await ada.waitForMessage('random', '*`nightly-eval`* in `ml-platform`');
    expect(visibleText(list)).toContain('Delete');
  });

  test('an account whose creation is still unresponded isn’t listed as created outside Keysmith', async () => {
    await openForm(ada, 'random', '/wandb sa new nightly-eval');
    // The two advances exceed the minute for which a team is cached, but not the timeout of the creation.
    workspace.clock.advance(40_000);
    const hold = workspace.wandb.hold('createServiceAccount', { at: 'after' });
    await ada.submit();
    await hold.reached;
    workspace.wandb.team('ml-platform').createServiceAccount('by-hand');
    workspace.clock.advance(25_000);
    const list = visibleText(await ask(ada, 'ml-platform', '/wandb sa list'));

    expect(list).toContain('*Created outside Keysmith*\n• `by-hand` in `ml-platform`');
    expect(list).not.toContain('nightly-eval');
    hold.release();
    await ada.waitForMessage('random', (message) => !!keyIn(message));
    const after = visibleText(await ask(ada, 'ml-platform', '/wandb sa list'));
    expect(after.match(/\*`nightly-eval`\*/g)).toHaveLength(1);
    expect(after).toMatch(/\*Created outside Keysmith\*\n• `by-hand` in `ml-platform`\n[^•]*$/);
  });

  test('a deletion is acknowledged immediately, and its outcome replaces the message', async () => {
    const message = await createAccount(ada, 'random', 'nightly-eval');
    const hold = workspace.wandb.hold('deleteInvite', { at: 'before' });
    expect((await ada.click(message, 'Delete account')).outcome).toEqual({ ok: true });
    await hold.reached;
    hold.release();

    const outcome = await ada.waitForMessage('random', 'Deleted `nightly-eval` in `ml-platform` from W&B.');
    expect(outcome.ts).toBe(message.ts);
  });
});

describe('When the W&B server takes long enough for a progress message', () => {
  const PROGRESS = 'Waiting for the W&B server. The result will follow.';
  beforeEach(async () => {
    await workspace.restartKeysmith({ timing: { progressAfterMs: 60 } });
  });

  test('the list follows an ephemeral progress message', async () => {
    const hold = holdServer();
    await ada.command('random', '/wandb sa list');
    const progress = await ada.waitForMessage('random', PROGRESS);
    expect(progress.ephemeral).toBe(true);
    expect(ada.messages('random')).toHaveLength(1);

    hold.release();
    await ada.waitForMessage('random', 'have no service accounts yet');
  });

  test('the reason for a failed list follows the progress message', async () => {
    const hold = holdServer();
    workspace.wandb.failures.set('*', { kind: 'status', status: 403 });
    await ada.command('random', '/wandb sa list');
    await ada.waitForMessage('random', PROGRESS);

    hold.release();
    await ada.waitForMessage('random', 'doesn’t allow Keysmith to do that.');
  });

  test('the outcome of a deletion still replaces the message with the key', async () => {
    const message = await createAccount(ada, 'random', 'nightly-eval');
    const hold = workspace.wandb.hold('deleteInvite', { at: 'before' });
    await ada.click(message, 'Delete account');
    await hold.reached;
    await ada.waitForMessage('random', PROGRESS);
    expect(ada.messages('random').some((one) => keyIn(one) !== undefined)).toBe(true);

    hold.release();
    const outcome = await ada.waitForMessage('random', 'Deleted `nightly-eval` in `ml-platform` from W&B.');
    expect(outcome.ts).toBe(message.ts);
  });
});
