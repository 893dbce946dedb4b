import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { API_KEY_PATTERN } from '../../../src/domain/keys/api-key.ts';
import type { SlackPerson } from '../../driver/person.ts';
import { keyIn, openForm } from '../../world/new-account-form.ts';
import { type RunningWorkspace, startWorkspace } from '../../world/running-workspace.ts';
import { startReplica } from './crash/replica.ts';
import {
  failDelivery,
  lastEvents,
  liveKeyIds,
  requestsToSlack,
  sentKeys,
  storedKeys,
} from './key-delivery.ts';

const LEASE_MS = 60_000;
const HELD_MS = 700;

let workspace: RunningWorkspace;
let ada: SlackPerson;
beforeEach(async () => {
  workspace = await startWorkspace();
  ada = workspace.slack.as('Ada');
});
afterEach(() => workspace.stop());

/** Submits the form; Slack holds the message with the key back for a while. Resolves when the key is on its way. */
async function submitHeldBack(): Promise<{ submitted: Promise<unknown> }> {
  await openForm(ada, 'ml-platform', '/wandb service-account new nightly-eval');
  workspace.slack.failures.set('response_url', { kind: 'slow', delayMs: HELD_MS }, { times: 1 });
  const submitted = ada.submit();
  await expect.poll(() => sentKeys(workspace).length).toBe(1);
  return { submitted };
}

async function countEvents(action: string): Promise<number> {
  return (await workspace.audit()).filter((event) => event.action === action).length;
}

describe('A delivery in flight', () => {
  test('isn’t settled by another process during its lease', async () => {
    const replica = await startReplica(workspace);
    const { submitted } = await submitHeldBack();
    workspace.clock.advance(LEASE_MS - 5_000);
    await Promise.all([replica.settle(), workspace.keysmith.settle()]);
    expect(storedKeys(workspace)).toMatchObject([{ isLive: true, delivery: 'sending' }]);

    await submitted;
    await ada.waitForMessage('ml-platform', API_KEY_PATTERN);
    expect(storedKeys(workspace)).toMatchObject([{ isLive: true, delivery: 'delivered', collection: null }]);
    expect(ada.messages('Keysmith')).toEqual([]);
  });

  test('is settled by any process after its lease: a key that arrives later stays revoked, and the person is notified', async () => {
    const replica = await startReplica(workspace);
    const { submitted } = await submitHeldBack();
    workspace.clock.advance(LEASE_MS + 1_000);
    await replica.settle();
    expect(storedKeys(workspace)).toMatchObject([{ isLive: false, delivery: 'failed', collection: 'open' }]);

    await submitted;
    const message = await ada.waitForMessage('ml-platform', API_KEY_PATTERN);
    await ada.waitForView('wasn’t delivered and was revoked');
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

  test('reopens the collection when its lease lapses, which then yields one key', async () => {
    await failDelivery(workspace, ada);
    const offer = await ada.waitForMessage('Keysmith', 'Collect');
    workspace.slack.failures.set('response_url', { kind: 'slow', delayMs: HELD_MS }, { times: 1 });
    await ada.click(offer, 'Collect key');
    await expect.poll(() => sentKeys(workspace).length).toBe(2);
    workspace.clock.advance(LEASE_MS + 1_000);
    await workspace.keysmith.settle();
    await ada.waitForMessage('Keysmith', 'wasn’t delivered and was revoked');
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
    const { submitted } = await submitHeldBack();
    workspace.clock.advance(LEASE_MS + 1_000);
    // Long enough for every one of them to look who must be told.
    workspace.slack.failures.set('conversations.open', { kind: 'slow', delayMs: 300 });
    const settlers = [...replicas, workspace.keysmith, ...replicas, workspace.keysmith];
    await Promise.all(settlers.map((keysmith) => keysmith.settle()));
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
    const { submitted } = await submitHeldBack();
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
