import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { API_KEY_PATTERN } from '../../../src/domain/keys/api-key.ts';
import type { SlackPerson } from '../../driver/slack-person.ts';
import { createAccount, openForm } from '../../world/new-account-form.ts';
import { type RunningWorkspace, startWorkspace, type Transport } from '../../world/running-workspace.ts';
import { holdResponse, storedKeys } from './key-delivery.ts';

let workspace: RunningWorkspace;
let ada: SlackPerson;
afterEach(() => workspace.stop());

const NEW = '/wandb service-account new nightly-eval';

/** Submits the form, and loses the response while Keysmith still works on the submission. */
async function submitAndLoseResponse(transport: Transport, submit = () => ada.submit()): Promise<() => void> {
  const release = holdResponse(workspace, 'users.info');
  if (transport === 'http') {
    workspace.slack.acknowledgeWithin(100);
    expect(await submit()).toMatchObject({ error: 'operation_timeout' });
    // Until Keysmith has noticed that Slack closed the connection.
    await fetch(`${workspace.keysmith.url}/healthz`);
    return release;
  }
  const submitted = submit();
  await expect.poll(() => workspace.slack.traffic.at(-1)).toMatchObject({ method: 'users.info' });
  workspace.slack.disconnectSockets();
  expect(await submitted).toMatchObject({ ok: false });
  return release;
}

describe.each<Transport>(['socket', 'http'])('A submission over %s whose response gets lost', (transport) => {
  beforeEach(async () => {
    workspace = await startWorkspace({ transport, keysmith: { timing: { reconnectAfterMs: 10 } } });
    ada = workspace.slack.as('Ada');
    await openForm(ada, 'ml-platform', NEW);
  });

  test('still creates the account once, and the form shows that', async () => {
    const release = await submitAndLoseResponse(transport);
    release();
    await ada.waitForView('Created `nightly-eval` in `ml-platform`.');
    await ada.waitForMessage('ml-platform', API_KEY_PATTERN);
    expect(storedKeys(workspace)).toMatchObject([{ isLive: true, delivery: 'delivered' }]);
  });

  test('shows the mistakes in the form when nothing was created', async () => {
    await ada.fill('name', 'test');
    const release = await submitAndLoseResponse(transport);
    release();
    await ada.waitForView('The account wasn’t created.');
    expect(storedKeys(workspace)).toEqual([]);
  });

  test('sends the reason as a message when the form was closed', async () => {
    await ada.fill('name', 'test');
    const release = await submitAndLoseResponse(transport);
    await ada.close();
    release();
    await ada.waitForMessage('ml-platform', 'The account wasn’t created.');
  });
});

describe('A command, a button or a menu over a connection that closes before the acknowledgement', () => {
  beforeEach(async () => {
    workspace = await startWorkspace({ transport: 'socket' });
    ada = workspace.slack.as('Ada');
  });

  test('still has its result: a command', async () => {
    const sent = ada.command('random', '/wandb help');
    workspace.slack.disconnectSockets();
    await sent;
    await ada.waitForMessage('random', 'creates and manages service accounts');
  });

  test('still has its result: a button', async () => {
    const message = await createAccount(ada, 'ml-platform', 'nightly-eval');
    const clicked = ada.click(message, 'Revoke');
    workspace.slack.disconnectSockets();
    await clicked;
    await ada.waitForMessage('ml-platform', 'Revoked `nightly-eval`');
    expect(storedKeys(workspace)).toMatchObject([{ isLive: false }]);
  });
});
