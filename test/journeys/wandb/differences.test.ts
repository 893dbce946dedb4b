import { afterEach, describe, expect, test } from 'vitest';
import type { Capabilities } from '../../../src/sandbox/wandb/capabilities.ts';
import { visibleText } from '../../driver/visible-text.ts';
import { ask } from '../../slack/ask.ts';
import { createAccount, keyIn, openForm } from '../../world/new-account-form.ts';
import { type RunningWorkspace, startWorkspace } from '../../world/running-workspace.ts';
import { confirmEnd, fillFederated, taggedName, waitForRevokeForm } from '../steps.ts';

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

test('a server that hides its OAuth clients still creates, lists and deletes a federated account', async () => {
  const ada = await start({ hasOAuthClientsOnMember: false });
  await openForm(ada, 'random', '/wandb sa new nightly-eval');
  await fillFederated(ada);
  expect(await ada.submit()).toEqual({ ok: true });
  await ada.waitForMessage('random', 'Federated account `nightly-eval`');
  expect(onServer()).toMatchObject([{ OAuthClients: [{ subject: 'repo:acme/eval' }] }]);
  workspace.clock.advance(2 * 60_000);

  const list = await ask(ada, 'random', '/wandb sa list');
  expect(visibleText(list)).toContain('*`nightly-eval`* in `ml-platform`');
  expect(visibleText(list)).toContain(`In W&B: \`${onServer()[0]?.name}\`\nFederated identity`);
  expect(visibleText(list)).not.toMatch(/Created outside Keysmith|No longer in W&B/);
  await ada.click(list, 'Delete');
  await waitForRevokeForm(ada);
  expect(await confirmEnd(ada, 'nightly-eval')).toContain(
    'Deleted `nightly-eval` in `ml-platform` from W&B.',
  );
  expect(onServer()).toEqual([]);
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
    expect(text.match(/\*`nightly-eval`\*/g)).toHaveLength(1);
    expect(text.match(/^• /gm)).toHaveLength(1);
  });

  test('are marked in the list when they were removed in W&B, until Delete removes them from it', async () => {
    const ada = await start();
    await createAccount(ada, 'random', 'nightly-eval');
    const [account] = onServer();
    workspace.wandb.team('ml-platform').removeMember(account?.id ?? '');
    workspace.clock.advance(2 * 60_000);
    const list = await ask(ada, 'random', '/wandb sa list');
    expect(visibleText(list)).toContain('No longer in W&B: someone deleted it there.');

    await ada.click(list, 'Delete');
    await waitForRevokeForm(ada);
    expect(await confirmEnd(ada, 'nightly-eval')).toContain(
      'Deleted `nightly-eval` in `ml-platform` from W&B.',
    );
    expect(visibleText(await ask(ada, 'random', '/wandb sa list'))).toContain('have no service accounts yet');
  });

  test('may have the same name: the account that an admin created in W&B is never touched', async () => {
    const ada = await start();
    const theirs = workspace.wandb.team('ml-platform').createServiceAccount('nightly-eval');
    const message = await createAccount(ada, 'random', 'nightly-eval');
    const [, ours] = onServer();
    expect(ours?.name).toMatch(taggedName('nightly-eval'));
    expect(ours?.keys).toMatchObject([{ secret: keyIn(message) }]);
    const list = visibleText(await ask(ada, 'random', '/wandb sa list'));
    expect(list).toContain(`*\`nightly-eval\`* in \`ml-platform\`\nIn W&B: \`${ours?.name}\``);
    expect(list).toContain('*Created outside Keysmith*\n• `nightly-eval` in `ml-platform`');

    await ada.click(message, 'Delete account');
    await ada.waitForMessage('random', 'Deleted `nightly-eval` in `ml-platform` from W&B.');
    expect(onServer()).toMatchObject([{ id: theirs.id, keys: [{ secret: theirs.apiKey }] }]);
  });
});

test('a key that wasn’t delivered is deleted on the server, and Collect key creates one that works', async () => {
  const ada = await start();
  workspace.slack.failures.set('response_url', { kind: 'reset' }, { times: 1 });
  await openForm(ada, 'random', '/wandb sa new nightly-eval');
  await ada.submit();
  const offer = await ada.waitForMessage('Keysmith', 'Collect key');
  await expect.poll(onServer).toEqual([]);

  await ada.click(offer, 'Collect key');
  const message = await ada.waitForMessage('Keysmith', (one) => !!keyIn(one));

  expect(isLive(keyIn(message) ?? '')).toBe(true);
  expect(onServer()).toMatchObject([{ name: expect.stringMatching(taggedName('nightly-eval')) }]);
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

test('a key that wasn’t delivered can be collected at once, while the server still refuses to delete its account', async () => {
  const ada = await start();
  await openForm(ada, 'random', '/wandb sa new nightly-eval');
  workspace.slack.failures.set('response_url', { kind: 'error', error: 'used_url' }, { times: 1 });
  workspace.wandb.failures.set('deleteInvite', { kind: 'status', status: 500 });
  await ada.submit();
  const view = visibleText(await ada.waitForView('wasn’t delivered'));
  expect(view).toContain('Don’t use that key, as Keysmith is deleting the W&B account it belongs to');
  await ada.click(await ada.waitForMessage('Keysmith', 'Collect key'), 'Collect key');
  const collected = keyIn(await ada.waitForMessage('Keysmith', (one) => !!keyIn(one))) ?? '';
  await ada.waitForMessage('Keysmith', 'Collected the key');
  expect(onServer()).toHaveLength(2);

  workspace.wandb.failures.clear();
  workspace.clock.advance(10 * 60_000);
  await workspace.keysmith.settle();
  expect(onServer()).toMatchObject([{ keys: [{ secret: collected }] }]);
  expect(ada.messages('Keysmith')).toHaveLength(2);
});

test('with the key of an organization admin without a team, Keysmith finds the issuers through the person’s team', async () => {
  workspace = await startWorkspace({ backend: 'wandb', wandb: { caller: 'organization_admin' } });
  const ada = workspace.slack.as('Ada');
  await openForm(ada, 'random', '/wandb sa new nightly-eval');
  await fillFederated(ada);
  expect(await ada.submit()).toEqual({ ok: true });

  await ada.waitForMessage('random', 'Federated account `nightly-eval`');
});

test('the help and mistakes in commands say “delete” for accounts that live in W&B', async () => {
  const ada = await start();
  const key = `local-${'0123456789'.repeat(4)}`;
  const texts = [];
  for (const line of ['help', 'sa revoke', `sa list ${key}`]) {
    texts.push(
      visibleText(await ask(ada, 'random', `/wandb ${line}`)).replaceAll(/service-account revoke/g, ''),
    );
  }
  expect(texts.join('\n')).not.toMatch(/revok/i);
  expect(texts[1]).toContain('Add the name');
  expect(texts[2]).toContain('delete it: a W&B key in W&B');
});
