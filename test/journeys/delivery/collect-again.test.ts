import { afterEach, describe, expect, test } from 'vitest';
import { API_KEY_PATTERN } from '../../../src/domain/keys/api-key.ts';
import type { Failure } from '../../../src/sandbox/slack/protocol/failures.ts';
import { acmeWorkspace } from '../../../src/sandbox/slack/workspace/workspace-seed.ts';
import { visibleText } from '../../driver/visible-text.ts';
import { keyIn } from '../../world/new-account-form.ts';
import { type RunningWorkspace, startWorkspace } from '../../world/running-workspace.ts';
import {
  failDelivery,
  lastEvents,
  liveKeyIds,
  requestsToSlack,
  sentKeys,
  storedKeys,
  submitForm,
  untilWhen,
} from './key-delivery.ts';

const HOUR_MS = 60 * 60_000;
const FIRST_PAUSE_MS = 15_000;

const keysmith = { deliveryTimeoutMs: 250 };
let workspace: RunningWorkspace;
afterEach(() => workspace.stop());

const openNotifications = () =>
  workspace.rows("select 1 from jobs where kind = 'notification' and finished_at_ms is null").length;

describe('A collected key that isn’t delivered', () => {
  const cases: [string, Failure][] = [
    ['rejected', { kind: 'error', error: 'expired_url' }],
    ['lost without a response', { kind: 'timeout' }],
    ['posted, but the response lost', { kind: 'reset', afterEffect: true }],
  ];
  test.each(cases)(
    '(%s) is revoked, its collection reopens, and the person is notified again',
    async (_, failure) => {
      // On a busy machine, a response that isn't withheld can take longer.
      workspace = await startWorkspace(failure.kind === 'timeout' ? { keysmith } : {});
      const ada = workspace.slack.as('Ada');
      await failDelivery(workspace, ada);
      const first = await ada.waitForMessage('Keysmith', 'Collect');

      workspace.slack.failures.set('response_url', failure, { times: 1 });
      await ada.click(first, 'Collect key');
      await ada.waitForMessage('Keysmith', 'The key was revoked;');
      const lostKeyId = sentKeys(workspace).at(-1)?.keyId ?? '';
      const second = await ada.waitForMessage(
        'Keysmith',
        `key \`${lostKeyId}\` reached you, so Keysmith revoked it`,
      );

      expect(second.ts).not.toBe(first.ts);
      expect(sentKeys(workspace)).toHaveLength(2);
      expect(liveKeyIds(workspace)).toEqual([]);
      expect(workspace.rows('select state from collections')).toEqual([{ state: 'open' }]);
      expect((await lastEvents(workspace, 2)).map(({ action }) => action)).toEqual([
        'api_key.collection_started',
        'api_key.delivery_failed',
      ]);

      await ada.click(second, 'Collect key');
      await ada.waitForMessage('Keysmith', 'Collected the key');
      expect(sentKeys(workspace)).toHaveLength(3);
      expect(liveKeyIds(workspace)).toEqual([sentKeys(workspace)[2]?.keyId]);

      await ada.click(first, 'Collect key');
      await ada.waitForMessage('Keysmith', 'This key was already collected');
      expect(sentKeys(workspace)).toHaveLength(3);
    },
  );

  test('keeps the end of the first 24 hours and shows it everywhere', async () => {
    workspace = await startWorkspace();
    const ada = workspace.slack.as('Ada');
    await failDelivery(workspace, ada);
    const expiry = workspace.rows('select expires_at_ms from collections');
    workspace.clock.advance(HOUR_MS);
    workspace.slack.failures.set('response_url', { kind: 'error', error: 'used_url' }, { times: 1 });
    await ada.click(await ada.waitForMessage('Keysmith', 'Collect'), 'Collect key');
    const end = untilWhen(workspace);
    await ada.waitForMessage('Keysmith', `direct message from Keysmith and press *Collect key* (${end}).`);
    await ada.waitForMessage('Keysmith', `\`${sentKeys(workspace).at(-1)?.keyId}\` reached you`);
    await ada.command('random', '/wandb sa list');
    const list = await ada.waitForMessage('random', 'No active key');

    expect(workspace.rows('select expires_at_ms from collections')).toEqual(expiry);
    expect(visibleText(list)).toContain(`Key ready to collect ${end}`);
    const offers = ada
      .messages('Keysmith')
      .filter((one) => visibleText(one).includes('shown once and only to you'));
    expect(offers.map((one) => visibleText(one).includes(`shown once and only to you, ${end}.`))).toEqual([
      true,
      true,
    ]);
  });
});

describe('When the direct message isn’t delivered either', () => {
  const cases: [string, Failure][] = [
    ['messages_tab_disabled', { kind: 'error', error: 'messages_tab_disabled' }],
    ['a rate limit', { kind: 'rate_limited', retryAfterSeconds: 30 }],
    ['500', { kind: 'status', status: 500 }],
    ['a broken connection', { kind: 'reset' }],
  ];
  test.each(cases)(
    '(%s) the view says so, the person collects the key from the list, and nothing more is sent later',
    async (_, failure) => {
      workspace = await startWorkspace();
      const ada = workspace.slack.as('Ada');
      workspace.slack.failures.set('chat.postMessage', failure);
      workspace.slack.failures.set('response_url', { kind: 'error', error: 'used_url' }, { times: 1 });
      await submitForm(ada, 'ml-platform', 'nightly-eval');
      const view = await ada.waitForView('Slack didn’t accept a direct message either');
      expect(visibleText(view)).toContain(
        `run \`/wandb service-account list\` and press *Collect key* (${untilWhen(workspace)}).`,
      );
      expect(ada.messages('Keysmith')).toEqual([]);
      expect(openNotifications()).toBe(1);
      await ada.close();

      await ada.command('ml-platform', '/wandb sa list');
      const list = await ada.waitForMessage('ml-platform', 'No active key');
      await ada.click(list, 'Collect key');
      const message = await ada.waitForMessage('ml-platform', API_KEY_PATTERN);
      await expect.poll(() => storedKeys(workspace).at(-1)?.delivery).toBe('delivered');

      expect(message.ephemeral).toBe(true);
      expect(keyIn(message)).toContain(sentKeys(workspace)[1]?.keyId);
      expect(storedKeys(workspace)).toMatchObject([
        { isLive: false, delivery: 'failed', collection: 'collected' },
        { isLive: true, delivery: 'delivered', collection: 'collected' },
      ]);
      const newKey = `Key \`${sentKeys(workspace)[1]?.keyId}\``;
      const after = await ada.waitForMessage(
        'ml-platform',
        (one) => one.ts === list.ts && visibleText(one).includes(newKey),
      );
      expect(visibleText(after)).not.toMatch(/Key ready to collect|No active key/);

      workspace.slack.failures.clear();
      workspace.clock.advance(HOUR_MS);
      await workspace.keysmith.settle();
      expect(openNotifications()).toBe(0);
      expect(ada.messages('Keysmith')).toEqual([]);
      expect(sentKeys(workspace)).toHaveLength(2);
    },
  );

  test.each(cases)(
    '(%s) the person is notified once by direct message, after retries with growing pauses',
    async (_, failure) => {
      workspace = await startWorkspace();
      const ada = workspace.slack.as('Ada');
      workspace.slack.failures.set('chat.postMessage', failure);
      const tries = () => requestsToSlack(workspace, 'chat.postMessage').length;
      const revokedKeyId = await failDelivery(workspace, ada);
      for (const pauseSeconds of [15, 30, 60, 120]) {
        const before = tries();
        await workspace.keysmith.settle();
        expect(tries()).toBe(before);
        workspace.clock.advance(pauseSeconds * 1000);
        await workspace.keysmith.settle();
        expect(tries()).toBe(before + 1);
      }
      expect(ada.messages('Keysmith')).toEqual([]);

      workspace.slack.failures.clear();
      workspace.clock.advance(HOUR_MS);
      await workspace.keysmith.settle();
      const offer = await ada.waitForMessage('Keysmith', `\`${revokedKeyId}\``);
      workspace.clock.advance(HOUR_MS);
      await workspace.keysmith.settle();
      expect(ada.messages('Keysmith')).toHaveLength(1);

      await ada.click(offer, 'Collect key');
      await ada.waitForMessage('Keysmith', API_KEY_PATTERN);
      expect(liveKeyIds(workspace)).toHaveLength(1);
    },
  );

  test('(conversations.open fails) the person is notified by direct message later', async () => {
    workspace = await startWorkspace();
    const ada = workspace.slack.as('Ada');
    workspace.slack.failures.set('conversations.open', { kind: 'status', status: 503 }, { times: 1 });
    await failDelivery(workspace, ada);
    workspace.clock.advance(FIRST_PAUSE_MS);
    await workspace.keysmith.settle();
    await ada.waitForMessage('Keysmith', 'Collect');
  });

  test('an app without a Messages tab still offers the key in the list and responds to the click there', async () => {
    const seed = { ...acmeWorkspace, app: { ...acmeWorkspace.app, messagesTabEnabled: false } };
    workspace = await startWorkspace({ seed });
    const ada = workspace.slack.as('Ada');
    await failDelivery(workspace, ada);
    await ada.command('random', '/wandb sa list');
    const list = await ada.waitForMessage('random', 'No active key');

    workspace.slack.failures.set('response_url', { kind: 'error', error: 'used_url' }, { times: 1 });
    await ada.click(list, 'Collect key');
    await ada.waitForMessage('random', `and press *Collect key* (${untilWhen(workspace)})`);
    await ada.click(list, 'Collect key');
    await ada.waitForMessage('random', API_KEY_PATTERN);
    expect(sentKeys(workspace)).toHaveLength(3);
    expect(liveKeyIds(workspace)).toHaveLength(1);
  });

  test('a collection that expired before the person could be notified is reported as over, once', async () => {
    workspace = await startWorkspace();
    const ada = workspace.slack.as('Ada');
    workspace.slack.failures.set('chat.postMessage', { kind: 'status', status: 500 });
    await failDelivery(workspace, ada);
    workspace.slack.failures.clear();
    for (const hours of [25, 2]) {
      workspace.clock.advance(hours * 60 * 60_000);
      await workspace.keysmith.settle();
    }
    expect(ada.messages('Keysmith').map(visibleText)).toEqual([
      expect.stringContaining(
        'The 24 hours to collect the key have passed. To get another key, run `/wandb service-account show',
      ),
    ]);
    expect(liveKeyIds(workspace)).toEqual([]);
  });
});
