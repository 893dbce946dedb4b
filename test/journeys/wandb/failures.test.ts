import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { WandbFailure } from '../../../src/sandbox/wandb/wandb-failures.ts';
import type { SlackPerson } from '../../driver/slack-person.ts';
import { visibleText } from '../../driver/visible-text.ts';
import { ask } from '../../slack/ask.ts';
import { createAccount, keyIn, openForm } from '../../world/new-account-form.ts';
import { type RunningWorkspace, startWorkspace } from '../../world/running-workspace.ts';
import { confirmEnd, openRevokeForm, taggedName } from '../steps.ts';

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
    expect(onServer()).toMatchObject([{ name: expect.stringMatching(taggedName('nightly-eval')) }]);
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
    '(%s) the account has no key yet, which the person collects at once while Keysmith deletes the lost one',
    async (_what, failure) => {
      await openForm(ada, 'random', '/wandb sa new nightly-eval');
      const { failures, hold } = workspace.wandb;
      failures.set('createServiceAccount', failure, { times: 1 });
      const creation = hold('createServiceAccount', { at: 'before' });
      const submitted = ada.submit();
      await creation.reached;
      failures.set('entity', { kind: 'reset' });
      creation.release();
      await submitted;
      const view = await ada.waitForView('`nightly-eval` in `ml-platform` has no key yet: ');
      expect(view.submit).toBeUndefined();
      expect(visibleText(view)).toContain('Open the direct message from Keysmith and press *Collect key*');
      const [lost, ...others] = onServer();
      expect(lost?.name).toMatch(taggedName('nightly-eval'));
      expect(others).toEqual([]);
      const offer = await ada.waitForMessage('Keysmith', 'Keysmith didn’t receive a key from the W&B server');

      // The first try of the deletion fails, too.
      await workspace.keysmith.settle();
      failures.clear();
      await ada.click(offer, 'Collect key');
      const message = await ada.waitForMessage('Keysmith', (one) => !!keyIn(one));
      await ada.waitForMessage('Keysmith', 'Collected the key');
      workspace.clock.advance(10 * 60_000);
      await workspace.keysmith.settle();
      expect(onServer()).toMatchObject([{ keys: [{ secret: keyIn(message) }] }]);
      expect(onServer()[0]?.id).not.toBe(lost?.id);
      expect(ada.messages('Keysmith')).toHaveLength(2);
    },
  );
});

describe('When the W&B server doesn’t delete an account', () => {
  test('because of a 403, the text says so and links the W&B page, and Keysmith tries every hour until it succeeds', async () => {
    const message = await createAccount(ada, 'random', 'nightly-eval');
    const [{ name } = { name: '' }] = onServer();
    workspace.wandb.failures.set('deleteInvite', { kind: 'status', status: 403 });
    await ada.click(message, 'Delete account');
    const text = visibleText(await ada.waitForMessage('random', 'isn’t deleted from W&B yet: '));
    expect(text).toContain('the W&B server doesn’t allow Keysmith to do that.');
    expect(text).toContain('meanwhile, its keys may still work');
    expect(text).toContain(`A team admin can delete \`${name}\` in W&B now: <${page()}>`);
    expect(visibleText(await ask(ada, 'random', '/wandb sa list'))).toContain('Being deleted from W&B');

    const settleAfter = async (hours: number) => {
      workspace.clock.advance(hours * 60 * 60_000);
      await workspace.keysmith.settle();
    };
    for (let hour = 0; hour < 8; hour += 1) await settleAfter(1);
    const problem = visibleText(
      await ada.waitForMessage('Keysmith', '*isn’t* deleted from W&B after more than an hour of attempts'),
    );
    expect(problem).toContain(`delete \`${name}\` in W&B now: <${page()}>`);
    expect(ada.messages('Keysmith')).toHaveLength(1);
    expect(onServer()).toHaveLength(1);

    workspace.wandb.failures.clear();
    await settleAfter(1);
    await ada.waitForMessage('Keysmith', 'Deleted `nightly-eval` in `ml-platform` from W&B.');
    expect(onServer()).toEqual([]);
    await settleAfter(25);
    // The third is the reminder of the account's keys.
    expect(ada.messages('Keysmith')).toHaveLength(3);
    expect(visibleText(await ask(ada, 'random', '/wandb sa list'))).not.toContain('`nightly-eval`');
  });

  test('because of a broken connection, Keysmith retries until it succeeds and reports it by direct message', async () => {
    const message = await createAccount(ada, 'random', 'nightly-eval');
    workspace.wandb.failures.set('deleteInvite', { kind: 'reset' });
    await ada.click(message, 'Delete account');
    await ada.waitForMessage('random', 'isn’t deleted from W&B yet: ');
    expect(onServer()).toHaveLength(1);

    workspace.wandb.failures.clear();
    workspace.clock.advance(10 * 60_000);
    await workspace.keysmith.settle();
    await ada.waitForMessage('Keysmith', 'Deleted `nightly-eval` in `ml-platform` from W&B.');
    expect(onServer()).toEqual([]);
  });

  test('a person who asks again while it is being deleted starts no second deletion and is notified once', async () => {
    const message = await createAccount(ada, 'random', 'nightly-eval');
    workspace.wandb.failures.set('deleteInvite', { kind: 'status', status: 500 });
    await ada.click(message, 'Delete account');
    await ada.waitForMessage('random', 'isn’t deleted from W&B yet: ');
    const question = await openRevokeForm(ada, 'random', '/wandb sa revoke nightly-eval');
    expect(question).toContain(
      'Keysmith is already deleting `nightly-eval` in `ml-platform` from W&B and keeps trying. Try again now?',
    );
    expect(await confirmEnd(ada, 'nightly-eval')).toContain('isn’t deleted from W&B yet: ');

    workspace.wandb.failures.clear();
    workspace.clock.advance(2 * 60 * 60_000);
    await workspace.keysmith.settle();
    await ada.waitForMessage('Keysmith', 'Deleted `nightly-eval` in `ml-platform` from W&B.');
    workspace.clock.advance(2 * 60 * 60_000);
    await workspace.keysmith.settle();
    // The second is the reminder of the account's keys.
    expect(ada.messages('Keysmith')).toHaveLength(2);
    expect(
      workspace.wandb.requests
        .flatMap(({ operations }) => operations)
        .filter((one) => one === 'deleteInvite'),
    ).toHaveLength(3);
  });
});
