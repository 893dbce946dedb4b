import { afterEach, describe, expect, test } from 'vitest';
import type { Capabilities } from '../../../src/sandbox/wandb/capabilities.ts';
import { visibleText } from '../../driver/visible-text.ts';
import { ask } from '../../slack/ask.ts';
import { createAccount, keyIn, openForm } from '../../world/new-account-form.ts';
import { type RunningWorkspace, startWorkspace } from '../../world/running-workspace.ts';
import { fillFederated } from '../steps.ts';

let workspace: RunningWorkspace;
afterEach(() => workspace.stop());

async function start(capabilities: Partial<Capabilities> = {}) {
  workspace = await startWorkspace({ backend: 'wandb', wandb: { capabilities } });
  return workspace.slack.as('Ada');
}
const page = () => `<${workspace.wandb.baseUrl}/ml-platform/service-accounts>`;
const onServer = () => workspace.wandb.team('ml-platform').serviceAccounts();
const isLive = (key: string) => workspace.wandb.activeKeys().some(({ secret }) => secret === key);

describe('A W&B server without a capability is explained, with the page where an admin can act:', () => {
  test('without showing new keys, nothing is kept and the next form doesn’t offer keys', async () => {
    const ada = await start({ showsServiceAccountKeys: false });
    await openForm(ada, 'random', '/wandb sa new nightly-eval');
    await ada.submit();
    const text = visibleText(await ada.waitForView('doesn’t return new API keys'));
    expect(text).toContain('Keysmith removed the incomplete account.');
    expect(text).toContain(page());
    expect(onServer()).toEqual([]);
    await ada.close();

    await openForm(ada, 'random', '/wandb sa new nightly-eval');
    const form = ada.view();
    expect(ada.values()).toMatchObject({ method: 'federated' });
    expect(form && visibleText(form)).not.toContain('Generate API key (Built-in)');
    expect(form && visibleText(form)).toContain('*Generate API key* isn’t available');
    expect(form && visibleText(form)).toContain(page());
  });

  test('without federated identities, the form doesn’t offer them', async () => {
    const ada = await start({ hasOAuthClients: false });
    await openForm(ada, 'random', '/wandb sa new nightly-eval');
    const form = ada.view();

    expect(form && visibleText(form)).not.toContain('Federated identity (External)');
    expect(form && visibleText(form)).toContain('*Federated identity* isn’t available');
    expect(form && visibleText(form)).toContain(page());
  });

  test('with team service accounts turned off, nothing is created', async () => {
    const ada = await start({ teamServiceAccountsEnabled: false });
    await openForm(ada, 'random', '/wandb sa new nightly-eval');
    await ada.submit();
    const text = visibleText(await ada.waitForView('The account wasn’t created: '));

    expect(text).toContain(page());
    expect(onServer()).toEqual([]);
  });
});

test('a server that hides its OAuth clients still creates, lists and revokes a federated account', async () => {
  const ada = await start({ hasOAuthClientsOnMember: false });
  await openForm(ada, 'random', '/wandb sa new nightly-eval');
  await fillFederated(ada);
  expect(await ada.submit()).toEqual({ ok: true });
  await ada.waitForMessage('random', 'Federated account `nightly-eval`');
  expect(onServer()).toMatchObject([{ OAuthClients: [{ subject: 'repo:acme/eval' }] }]);
  workspace.clock.advance(2 * 60_000);

  const list = await ask(ada, 'random', '/wandb sa list');
  expect(visibleText(list)).toContain('*`nightly-eval`* in `ml-platform`\nFederated identity');
  expect(visibleText(list)).not.toMatch(/Created outside Keysmith|Not in W&B any more/);
  await ada.click(list, 'Revoke');
  await ada.waitForMessage('random', 'Revoked `nightly-eval` in `ml-platform`.');
  expect(onServer()).toEqual([]);
});

test('a server that hides its OAuth clients finds a federated account by its name after a lost response', async () => {
  const ada = await start({ hasOAuthClientsOnMember: false });
  await openForm(ada, 'random', '/wandb sa new nightly-eval');
  await fillFederated(ada);
  const { failures, hold } = workspace.wandb;
  failures.set('createClient', { kind: 'reset', afterEffect: true }, { times: 1 });
  const creation = hold('createClient', { at: 'before' });
  const submitted = ada.submit();
  await creation.reached;
  failures.set('entity', { kind: 'status', status: 401 });
  creation.release();
  await submitted;
  await ada.waitForView('We don’t know yet whether the account was created: ');

  failures.clear();
  workspace.clock.advance(10 * 60_000);
  await workspace.keysmith.settle();
  await ada.waitForMessage('Keysmith', 'Created `nightly-eval` in `ml-platform` after all');
  const list = visibleText(await ask(ada, 'random', '/wandb sa list'));
  expect(list).toContain('*`nightly-eval`* in `ml-platform`\nFederated identity');
  expect(list.match(/nightly-eval/g)).toHaveLength(1);
  expect(onServer()).toHaveLength(1);
});

describe('Accounts that differ between the W&B server and Keysmith', () => {
  test('are listed separately with the W&B page when they were created in W&B', async () => {
    const ada = await start();
    await createAccount(ada, 'random', 'nightly-eval');
    workspace.wandb.team('ml-platform').createServiceAccount('by *hand*');
    workspace.clock.advance(2 * 60_000);
    const text = visibleText(await ask(ada, 'random', '/wandb sa list'));

    expect(text).toContain('*Created outside Keysmith*\n• `by *hand*` in `ml-platform`');
    expect(text).toContain(page());
    expect(text.match(/nightly-eval/g)).toHaveLength(1);
  });

  test('are marked in the list when they were removed in W&B, until Revoke removes them from it', async () => {
    const ada = await start();
    await createAccount(ada, 'random', 'nightly-eval');
    const [account] = onServer();
    workspace.wandb.team('ml-platform').removeMember(account?.id ?? '');
    workspace.clock.advance(2 * 60_000);
    const list = await ask(ada, 'random', '/wandb sa list');
    expect(visibleText(list)).toContain('No longer in W&B: someone deleted it there.');

    await ada.click(list, 'Revoke');
    await ada.waitForMessage(
      'random',
      /Revoked `nightly-eval` in `ml-platform`|`nightly-eval` in `ml-platform` was already revoked/,
    );
    expect(visibleText(await ask(ada, 'random', '/wandb sa list'))).toContain('have no service accounts yet');
  });

  test('refuse a name at its field when it is taken in W&B', async () => {
    const ada = await start();
    workspace.wandb.team('ml-platform').createServiceAccount('nightly-eval');
    await openForm(ada, 'random', '/wandb sa new nightly-eval');

    expect(await ada.submit()).toMatchObject({
      error: 'errors',
      errors: { name: expect.stringContaining('already has an account with this name') },
    });
  });
});

test('a key that wasn’t delivered is deleted on the server, and Collect key creates one that works', async () => {
  const ada = await start();
  workspace.slack.failures.set('response_url', { kind: 'reset' }, { times: 1 });
  await openForm(ada, 'random', '/wandb sa new nightly-eval');
  await ada.submit();
  const offer = await ada.waitForMessage('Keysmith', 'Collect key');
  expect(onServer()).toEqual([]);

  await ada.click(offer, 'Collect key');
  const message = await ada.waitForMessage('Keysmith', (one) => !!keyIn(one));

  expect(isLive(keyIn(message) ?? '')).toBe(true);
  expect(onServer().map(({ name }) => name)).toEqual(['nightly-eval']);
});

test('a collection stays open and creates nothing when the server refuses to create the key', async () => {
  const ada = await start();
  workspace.slack.failures.set('response_url', { kind: 'reset' }, { times: 1 });
  await openForm(ada, 'random', '/wandb sa new nightly-eval');
  await ada.submit();
  const offer = await ada.waitForMessage('Keysmith', 'Collect key');
  workspace.wandb.failures.set('createServiceAccount', { kind: 'status', status: 403 });

  await ada.click(offer, 'Collect key');
  const text = visibleText(await ada.waitForMessage('Keysmith', 'No key was created for `nightly-eval`, '));
  expect(text).toContain('and *Collect key* still works: ');
  expect(text).toContain(page());

  workspace.wandb.failures.clear();
  await ada.click(offer, 'Collect key');
  await ada.waitForMessage('Keysmith', (one) => !!keyIn(one));
});

test('a key that couldn’t be revoked yet is reported as such, and so is the final outcome', async () => {
  const ada = await start();
  await openForm(ada, 'random', '/wandb sa new nightly-eval');
  workspace.slack.failures.set('response_url', { kind: 'error', error: 'used_url' }, { times: 1 });
  workspace.wandb.failures.set('deleteInvite', { kind: 'status', status: 500 });
  await ada.submit();
  const view = visibleText(await ada.waitForView('It isn’t revoked yet: ', { timeoutMs: 30_000 }));
  expect(view).toContain('Keysmith keeps trying to revoke it');
  expect(view).toContain(page());

  workspace.wandb.failures.clear();
  workspace.clock.advance(10 * 60_000);
  await workspace.keysmith.settle();
  await ada.waitForMessage('Keysmith', 'Collect key');
  expect(workspace.wandb.activeKeys().filter(({ owner }) => owner.accountType === 'SERVICE')).toEqual([]);
});

test('with the key of an organization admin without a team, Keysmith finds the issuers through the person’s team', async () => {
  workspace = await startWorkspace({ backend: 'wandb', wandb: { caller: 'organization_admin' } });
  const ada = workspace.slack.as('Ada');
  await openForm(ada, 'random', '/wandb sa new nightly-eval');
  await fillFederated(ada);
  expect(await ada.submit()).toEqual({ ok: true });

  await ada.waitForMessage('random', 'Federated account `nightly-eval`');
});
