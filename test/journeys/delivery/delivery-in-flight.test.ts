import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { API_KEY_PATTERN } from '../../../src/domain/keys/api-key.ts';
import type { SlackPerson } from '../../driver/slack-person.ts';
import { keyIn, openForm } from '../../world/new-account-form.ts';
import { type RunningWorkspace, startWorkspace } from '../../world/running-workspace.ts';
import { endAccount } from '../steps.ts';
import { startReplica } from './crash/replica.ts';
import {
  failDelivery,
  holdResponse,
  lastEvents,
  liveKeyIds,
  requestsToSlack,
  sentKeys,
  storedKeys,
} from './key-delivery.ts';

const LEASE_MS = 60_000;

let workspace: RunningWorkspace;
let ada: SlackPerson;
beforeEach(async () => {
  workspace = await startWorkspace();
  ada = workspace.slack.as('Ada');
});
afterEach(() => workspace.stop());

/** Submits the form and resolves while Slack holds back the message with the key. */
async function submitHeldBack(): Promise<{ submitted: Promise<unknown>; respond: () => void }> {
  await openForm(ada, 'ml-platform', '/wandb service-account new nightly-eval');
  const respond = holdResponse(workspace, 'response_url');
  const submitted = ada.submit();
  await expect.poll(() => sentKeys(workspace).length).toBe(1);
  return { submitted, respond };
}

async function countEvents(action: string): Promise<number> {
  return (await workspace.audit()).filter((event) => event.action === action).length;
}

describe('A delivery in flight', () => {
  test('isn’t settled by another process during its lease', async () => {
    const replica = await startReplica(workspace);
    const { submitted, respond } = await submitHeldBack();
    workspace.clock.advance(LEASE_MS - 5_000);
    await Promise.all([replica.settle(), workspace.keysmith.settle()]);
    expect(storedKeys(workspace)).toMatchObject([{ isLive: true, delivery: 'sending' }]);

    respond();
    await submitted;
    await ada.waitForMessage('ml-platform', API_KEY_PATTERN);
    expect(storedKeys(workspace)).toMatchObject([{ isLive: true, delivery: 'delivered', collection: null }]);
    expect(ada.messages('Keysmith')).toEqual([]);
  });

  test('is settled by any process after its lease: a key that arrives later stays revoked, and the person is notified', async () => {
    const replica = await startReplica(workspace);
    const { submitted, respond } = await submitHeldBack();
    workspace.clock.advance(LEASE_MS + 1_000);
    await replica.settle();
    expect(storedKeys(workspace)).toMatchObject([{ isLive: false, delivery: 'failed', collection: 'open' }]);

    respond();
    await submitted;
    const message = await ada.waitForMessage('ml-platform', API_KEY_PATTERN);
    await ada.waitForView('The key was revoked;');
    const [sent, ...more] = sentKeys(workspace);
    expect(keyIn(message)).toContain(sent?.keyId);
    expect(more).toEqual([]);
    expect(storedKeys(workspace)).toMatchObject([{ isLive: false, delivery: 'failed', collection: 'open' }]);
    expect(await lastEvents(workspace, 2)).toEqual([
      { action: 'service_account.created' },
      { action: 'api_key.delivery_failed', route: 'response_url', outcome: 'unknown', cause: 'lease_lapsed' },
    ]);
    await ada.waitForMessage('Keysmith', `key \`${sent?.keyId}\` reached you, so Keysmith revoked it`);
  });

  test('isn’t reported as a created account when the account was revoked meanwhile, although Slack accepted the message', async () => {
    const { submitted, respond } = await submitHeldBack();
    const cy = workspace.slack.as('Cy');
    await endAccount(cy, 'random', '/wandb sa revoke nightly-eval');
    await expect
      .poll(() => workspace.rows('select 1 from api_keys where revoked_at_ms is not null'))
      .toHaveLength(1);
    respond();
    await submitted;

    await ada.waitForView(/revoked/);

    expect(workspace.rows('select revoked_at_ms is not null as revoked from api_keys')).toEqual([
      { revoked: 1 },
    ]);
  });

  test('is finished by a shutdown, which accepts no new requests', async () => {
    const { submitted, respond } = await submitHeldBack();
    const stopping = workspace.keysmith.stop();

    const refused = await fetch(`${workspace.keysmith.url}/slack/events`, { method: 'POST' });
    respond();
    await submitted;
    await stopping;

    expect(refused.status).toBe(503);
    expect(workspace.rows('select state from deliveries')).toEqual([{ state: 'delivered' }]);
  });

  test('reopens the collection when its lease lapses, which then yields one key', async () => {
    await failDelivery(workspace, ada);
    const offer = await ada.waitForMessage('Keysmith', 'Collect');
    const respond = holdResponse(workspace, 'response_url');
    await ada.click(offer, 'Collect key');
    await expect.poll(() => sentKeys(workspace).length).toBe(2);
    workspace.clock.advance(LEASE_MS + 1_000);
    await workspace.keysmith.settle();
    respond();
    await ada.waitForMessage('Keysmith', 'The key was revoked;');
    expect(liveKeyIds(workspace)).toEqual([]);

    const { keyId } = sentKeys(workspace)[1] ?? {};
    await ada.click(await ada.waitForMessage('Keysmith', `\`${keyId}\` reached you`), 'Collect key');
    await ada.waitForMessage('Keysmith', 'Collected the key');
    expect(liveKeyIds(workspace)).toEqual([sentKeys(workspace)[2]?.keyId]);
  });
});

describe('Several processes that settle at once', () => {
  test('settle a lapsed delivery once and notify its person once', async () => {
    const replicas = [await startReplica(workspace), await startReplica(workspace)];
    const { submitted, respond } = await submitHeldBack();
    workspace.clock.advance(LEASE_MS + 1_000);
    // Keeps the first notification open while the other processes look for it.
    workspace.slack.failures.set('conversations.open', { kind: 'slow', delayMs: 300 });
    const settlers = [...replicas, workspace.keysmith, ...replicas, workspace.keysmith];
    await Promise.all(settlers.map((keysmith) => keysmith.settle()));
    respond();
    await submitted;
    await ada.waitForMessage('Keysmith', 'Collect');

    expect(await countEvents('api_key.delivery_failed')).toBe(1);
    expect(requestsToSlack(workspace, 'chat.postMessage')).toHaveLength(1);
    expect(ada.messages('Keysmith')).toHaveLength(1);
    expect(workspace.rows('select state from collections')).toEqual([{ state: 'open' }]);
    expect(storedKeys(workspace)).toMatchObject([{ isLive: false, delivery: 'failed', collection: 'open' }]);
  });

  test('find nothing to do after a successful delivery', async () => {
    const replica = await startReplica(workspace);
    const { submitted, respond } = await submitHeldBack();
    respond();
    await submitted;
    await ada.waitForMessage('ml-platform', API_KEY_PATTERN);
    workspace.clock.advance(10 * LEASE_MS);
    await Promise.all([replica.settle(), workspace.keysmith.settle()]);

    expect(storedKeys(workspace)).toMatchObject([{ isLive: true, delivery: 'delivered', collection: null }]);
    expect(await countEvents('api_key.delivery_failed')).toBe(0);
    expect(ada.messages('Keysmith')).toEqual([]);
  });
});

test('two clicks on Collect key at two replicas create one key', async () => {
  await failDelivery(workspace, ada);
  const offer = await ada.waitForMessage('Keysmith', 'Collect');
  const replica = await startReplica(workspace);
  const first = ada.click(offer, 'Collect key');
  workspace.slack.sendRequestsTo(`${replica.url}/slack/events`);
  await Promise.all([first, ada.click(offer, 'Collect key')]);
  await ada.waitForMessage('Keysmith', 'Collected the key');
  await ada.waitForMessage('Keysmith', /This key (is on its way|was already collected)/);

  expect(sentKeys(workspace)).toHaveLength(2);
  expect(liveKeyIds(workspace)).toHaveLength(1);
  expect(await countEvents('api_key.collection_started')).toBe(1);
});
