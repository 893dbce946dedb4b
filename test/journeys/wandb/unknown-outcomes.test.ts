import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { SlackPerson } from '../../driver/slack-person.ts';
import { visibleText } from '../../driver/visible-text.ts';
import { ask } from '../../slack/ask.ts';
import { createAccount, keyIn, openForm } from '../../world/new-account-form.ts';
import { type RunningWorkspace, startWorkspace } from '../../world/running-workspace.ts';
import { fillFederated } from '../steps.ts';

let workspace: RunningWorkspace;
let ada: SlackPerson;
beforeAll(async () => {
  workspace = await startWorkspace({ backend: 'wandb' });
  ada = workspace.slack.as('Ada');
});
afterAll(() => workspace.stop());

const page = () => `<${workspace.wandb.baseUrl}/ml-platform/service-accounts>`;
const onServer = (name: string) =>
  workspace.wandb
    .team('ml-platform')
    .serviceAccounts()
    .filter((account) => account.name === name);

/** Submits the open form; the server performs it, but its response is lost and the team can't be read. */
async function loseTheResponse(operation: 'createServiceAccount' | 'createClient'): Promise<void> {
  const { failures, hold } = workspace.wandb;
  failures.set(operation, { kind: 'reset', afterEffect: true }, { times: 1 });
  const creation = hold(operation, { at: 'before' });
  const submitted = ada.submit();
  await creation.reached;
  failures.set('entity', { kind: 'status', status: 401 });
  creation.release();
  await submitted;
  await ada.waitForView('We don’t know yet whether the account was created: ');
  await ada.close();
}

/** Settles after the lease of the operation has lapsed. */
async function settleLater(): Promise<void> {
  workspace.clock.advance(10 * 60_000);
  await workspace.keysmith.settle();
}

describe('The outcome of an operation that was unknown at first, reported by direct message,', () => {
  test('leaves several new accounts of that name untouched and links the W&B page', async () => {
    await openForm(ada, 'random', '/wandb sa new nightly-eval');
    await loseTheResponse('createServiceAccount');
    workspace.wandb.team('ml-platform').createServiceAccount('nightly-eval');
    const before = onServer('nightly-eval');
    expect(before).toHaveLength(2);

    workspace.wandb.failures.clear();
    await settleLater();
    const text = visibleText(await ada.waitForMessage('Keysmith', 'several new accounts with this name'));

    expect(text).toContain('`nightly-eval` in `ml-platform` may have been created');
    expect(text).toContain(page());
    expect(onServer('nightly-eval')).toEqual(before);
    expect((await workspace.audit()).at(-1)).toMatchObject({
      action: 'service_account.creation_unknown',
      details: { cause: 'several_candidates' },
    });
    // Settling again must not change that.
    await settleLater();
    expect(onServer('nightly-eval')).toEqual(before);
    expect(ada.messages('Keysmith')).toHaveLength(1);
  });

  test('adds a federated account that was created after all to the list, once', async () => {
    await openForm(ada, 'random', '/wandb sa new ci-training');
    await fillFederated(ada, 'repo:acme/train');
    await loseTheResponse('createClient');
    const [created] = onServer('ci-training');
    expect(created?.OAuthClients).toMatchObject([{ subject: 'repo:acme/train' }]);

    workspace.wandb.failures.clear();
    await settleLater();
    await ada.waitForMessage('Keysmith', 'Created `ci-training` in `ml-platform` after all');

    expect(onServer('ci-training')).toEqual([created]);
    const list = visibleText(await ask(ada, 'random', '/wandb sa list'));
    expect(list.match(/ci-training/g)).toHaveLength(1);
    expect(list).toContain('*`ci-training`* in `ml-platform`\nFederated identity');
  });

  test('reports an account that wasn’t revoked, which still works until it is revoked again', async () => {
    const message = await createAccount(ada, 'random', 'weekly-report');
    const key = keyIn(message);
    const isLive = () => workspace.wandb.activeKeys().some(({ secret }) => secret === key);
    workspace.wandb.failures.set('deleteInvite', { kind: 'reset' });
    await ada.click(message, 'Revoke');
    await ada.waitForMessage('random', /We don’t know yet whether .* was revoked/);

    workspace.wandb.failures.set('deleteInvite', { kind: 'status', status: 403 });
    await settleLater();
    const text = visibleText(
      await ada.waitForMessage('Keysmith', '`weekly-report` in `ml-platform` *wasn’t* revoked'),
    );
    expect(text).toContain('the account’s credentials still work');
    expect(text).toContain(page());
    expect(isLive()).toBe(true);

    workspace.wandb.failures.clear();
    const asked = await ask(ada, 'random', '/wandb sa revoke weekly-report --team ml-platform');
    await ada.click(asked, 'Revoke');
    await ada.waitForMessage('random', 'Revoked `weekly-report` in `ml-platform`.');
    expect(isLive()).toBe(false);
  });
});
