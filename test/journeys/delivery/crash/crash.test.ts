import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { API_KEY_PATTERN } from '../../../../src/domain/keys/api-key.ts';
import type { SlackPerson } from '../../../driver/slack-person.ts';
import { visibleText } from '../../../driver/visible-text.ts';
import { isLongForm } from '../../../long-form.ts';
import { ask } from '../../../slack/ask.ts';
import { createAccount, openForm } from '../../../world/new-account-form.ts';
import { type RunningWorkspace, startWorkspace } from '../../../world/running-workspace.ts';
import { fillFederated, waitForRevokeForm } from '../../steps.ts';
import {
  failDelivery,
  lastEvents,
  liveKeyIds,
  NO_ROWS,
  requestsToSlack,
  rowCounts,
  sentKeys,
  storedKeys,
} from '../key-delivery.ts';
import { serveFromProcess, startReplicaProcess } from './replica.ts';

const LEASE_MS = 60_000;
/** How long a request has to notify the person itself. */
const HELD_MS = 60_000;

let workspace: RunningWorkspace;
let ada: SlackPerson;
beforeEach(async () => {
  workspace = await startWorkspace();
  ada = workspace.slack.as('Ada');
});
afterEach(() => workspace.stop());

/** Restarts Keysmith after the crash, and again after the lease has lapsed. */
async function restartAfterLease(): Promise<void> {
  await workspace.restartKeysmith();
  await workspace.keysmith.settle();
  workspace.clock.advance(LEASE_MS + 1_000);
  await workspace.restartKeysmith();
}

/** The jobs that settle a delivery or notify a person, and aren’t finished. Others run as long as Keysmith does. */
const pendingJobs = () =>
  workspace.rows(
    "select kind from jobs where finished_at_ms is null and kind in ('delivery', 'notification')",
  );

/** Submits the same form again, as a late click would. Returns the app's response. */
async function submitOnceMore(): Promise<string> {
  const sent = workspace.slack.traffic.findLast(({ method }) => method === 'view_submission');
  const response = await workspace.slack.deliver({
    payload: { ...(sent?.payload as object), trigger_id: '1.2.another' },
  });
  return response.kind === 'responded' ? response.body : response.kind;
}

describe('A process that is killed while it creates an account', () => {
  test.runIf(isLongForm)(
    'leaves nothing behind before its first write, and the same form creates the account after the restart',
    async () => {
      const replica = await serveFromProcess(workspace);
      await openForm(ada, 'ml-platform', '/wandb service-account new nightly-eval');
      workspace.slack.failures.set('users.info', { kind: 'timeout' }, { times: 1 });
      const asked = requestsToSlack(workspace, 'users.info').length;
      const submitted = ada.submit();
      await expect.poll(() => requestsToSlack(workspace, 'users.info').length).toBe(asked + 1);
      await replica.kill();

      expect(await submitted).toMatchObject({ ok: false, error: 'dispatch_failed' });
      expect(rowCounts(workspace)).toEqual(NO_ROWS);
      await restartAfterLease();
      expect(rowCounts(workspace)).toEqual(NO_ROWS);
      expect(ada.messages('Keysmith')).toEqual([]);

      expect(await ada.submit()).toEqual({ ok: true });
      await ada.waitForMessage('ml-platform', API_KEY_PATTERN);
      expect(storedKeys(workspace)).toMatchObject([{ isLive: true, delivery: 'delivered' }]);
    },
  );

  test.each([
    ...(isLongForm ? [['before Slack posted it', false] as const] : []),
    ['after Slack posted it', true] as const,
  ])(
    'leaves a key in flight (%s) that the next start revokes after its lease, notifying the person, and the form creates nothing more',
    async (_, afterEffect) => {
      const replica = await serveFromProcess(workspace);
      await openForm(ada, 'ml-platform', '/wandb service-account new nightly-eval');
      workspace.slack.failures.set('response_url', { kind: 'timeout', afterEffect }, { times: 1 });
      const submitted = ada.submit();
      await expect.poll(() => sentKeys(workspace).length).toBe(1);
      await replica.kill();
      expect(await submitted).toMatchObject({ ok: false, error: 'dispatch_failed' });

      await workspace.restartKeysmith();
      await workspace.keysmith.settle();
      expect(await ada.submit()).toEqual({ ok: true });
      await ada.waitForView(/so nothing new was created\. Its key .* is on its way to you/);
      expect(storedKeys(workspace)).toMatchObject([{ isLive: true, delivery: 'sending', collection: null }]);
      expect(ada.messages('Keysmith')).toEqual([]);

      workspace.clock.advance(LEASE_MS + 1_000);
      await workspace.restartKeysmith();
      const [sent] = sentKeys(workspace);
      const offer = await ada.waitForMessage(
        'Keysmith',
        `key \`${sent?.keyId}\` reached you, so Keysmith revoked it`,
      );
      expect(storedKeys(workspace)).toEqual([
        { keyId: sent?.keyId, isLive: false, delivery: 'failed', collection: 'open' },
      ]);
      expect(await lastEvents(workspace, 2)).toEqual([
        { action: 'service_account.created' },
        {
          action: 'api_key.delivery_failed',
          route: 'response_url',
          outcome: 'unknown',
          cause: 'lease_lapsed',
        },
      ]);
      expect(await submitOnceMore()).toContain('so nothing new was created. Its key wasn’t delivered');
      expect(rowCounts(workspace)).toMatchObject({ service_accounts: 1, api_keys: 1, submissions: 1 });
      expect(sentKeys(workspace)).toHaveLength(1);

      await ada.click(offer, 'Collect key');
      await ada.waitForMessage('Keysmith', 'Collected the key');
      expect(liveKeyIds(workspace)).toEqual([sentKeys(workspace)[1]?.keyId]);
    },
  );

  test.runIf(isLongForm)(
    'leaves a revoked key whose person is notified by the next start, once the claim has lapsed',
    async () => {
      const replica = await serveFromProcess(workspace);
      await openForm(ada, 'ml-platform', '/wandb service-account new nightly-eval');
      workspace.slack.failures.set('response_url', { kind: 'error', error: 'used_url' }, { times: 1 });
      workspace.slack.failures.set('conversations.open', { kind: 'timeout' }, { times: 1 });
      const submitted = ada.submit();
      await expect.poll(() => requestsToSlack(workspace, 'conversations.open').length).toBe(1);
      await replica.kill();
      await submitted;
      expect(storedKeys(workspace)).toMatchObject([
        { isLive: false, delivery: 'failed', collection: 'open' },
      ]);
      expect(ada.messages('Keysmith')).toEqual([]);

      await workspace.restartKeysmith();
      await workspace.keysmith.settle();
      expect(requestsToSlack(workspace, 'conversations.open')).toHaveLength(1);
      workspace.clock.advance(HELD_MS);
      await workspace.keysmith.settle();
      await ada.waitForMessage('Keysmith', `key \`${sentKeys(workspace)[0]?.keyId}\` reached you`);
      await expect.poll(pendingJobs).toEqual([]);
    },
  );
});

describe('A process that is killed while a person collects a key', () => {
  test.runIf(isLongForm)('leaves the collection open before its first write', async () => {
    await failDelivery(workspace, ada);
    const offer = await ada.waitForMessage('Keysmith', 'Collect');
    const replica = await serveFromProcess(workspace);
    workspace.slack.failures.set('users.info', { kind: 'timeout' }, { times: 1 });
    const asked = requestsToSlack(workspace, 'users.info').length;
    await ada.click(offer, 'Collect key');
    await expect.poll(() => requestsToSlack(workspace, 'users.info').length).toBe(asked + 1);
    await replica.kill();

    await workspace.restartKeysmith();
    await ada.click(offer, 'Collect key');
    await ada.waitForMessage('Keysmith', 'Collected the key');
    expect(sentKeys(workspace)).toHaveLength(2);
    expect(liveKeyIds(workspace)).toHaveLength(1);
  });

  test.runIf(isLongForm)(
    'leaves a key in flight whose collection reopens after the lease, and the person is notified again',
    async () => {
      await failDelivery(workspace, ada);
      const offer = await ada.waitForMessage('Keysmith', 'Collect');
      const replica = await serveFromProcess(workspace);
      workspace.slack.failures.set('response_url', { kind: 'timeout', afterEffect: true }, { times: 1 });
      await ada.click(offer, 'Collect key');
      await expect.poll(() => sentKeys(workspace).length).toBe(2);
      await replica.kill();

      await workspace.restartKeysmith();
      await ada.click(offer, 'Collect key');
      await ada.waitForMessage('Keysmith', 'This key is on its way to you or was already collected.');
      expect(sentKeys(workspace)).toHaveLength(2);

      workspace.clock.advance(LEASE_MS + 1_000);
      await workspace.keysmith.settle();
      const { keyId } = sentKeys(workspace)[1] ?? {};
      const again = await ada.waitForMessage(
        'Keysmith',
        `key \`${keyId}\` reached you, so Keysmith revoked it`,
      );
      expect(liveKeyIds(workspace)).toEqual([]);
      await ada.click(again, 'Collect key');
      await ada.waitForMessage('Keysmith', ':white_check_mark:');
      expect(liveKeyIds(workspace)).toEqual([sentKeys(workspace)[2]?.keyId]);
    },
  );
});

describe('A process that is killed before it notifies the person', () => {
  /** Lets Slack hold the next responses to messages. Returns when `count` more of them have been sent. */
  function holdMessages(count: number, afterEffect = true): () => Promise<void> {
    const sent = () => requestsToSlack(workspace, 'response_url').length;
    const before = sent();
    workspace.slack.failures.set('response_url', { kind: 'timeout', afterEffect }, { times: count });
    return () => expect.poll(sent, { timeout: 10_000 }).toBe(before + count);
  }

  async function submitFederated(): Promise<void> {
    await openForm(ada, 'ml-platform', '/wandb service-account new deploy');
    await fillFederated(ada);
    void ada.submit();
  }

  /** Starts the next process, whose direct messages must be these, each once. */
  async function expectNotified(texts: readonly string[]): Promise<void> {
    await workspace.restartKeysmith();
    await workspace.keysmith.settle();
    expect(ada.messages('Keysmith')).toEqual([]);
    for (const aheadMs of [HELD_MS, 24 * 3_600_000]) {
      workspace.clock.advance(aheadMs);
      await workspace.keysmith.settle();
      const messages = ada.messages('Keysmith').map(visibleText);
      expect(messages).toHaveLength(texts.length);
      for (const text of texts) expect(messages.join('\n')).toContain(text);
    }
    expect(pendingJobs()).toEqual([]);
  }

  const CREATED = 'Created `deploy` in `ml-platform`.';
  const REVOKED = 'Revoked `nightly-eval` in `ml-platform`. Its keys no longer work.';

  test('leaves it to the next one, which sends each outcome once: a federated account, and a revocation', async () => {
    const keyMessage = await createAccount(ada, 'ml-platform', 'nightly-eval');
    const replica = await serveFromProcess(workspace);
    const allHeld = holdMessages(2);
    await submitFederated();
    void ada.click(keyMessage, 'Revoke');
    await allHeld();
    await replica.kill();
    expect(liveKeyIds(workspace)).toEqual([]);

    await expectNotified([CREATED, REVOKED]);
    await ada.waitForMessage('Keysmith', 'subject (sub)   repo:acme/eval');
  });

  test.runIf(isLongForm)(
    'leaves a federated account to another process that is already running',
    async () => {
      const replica = await serveFromProcess(workspace);
      await startReplicaProcess(workspace);
      const allHeld = holdMessages(1, false);
      await submitFederated();
      await allHeld();
      await replica.kill();

      await expectNotified([CREATED]);
      expect(rowCounts(workspace)).toMatchObject({ service_accounts: 1, submissions: 1 });
    },
  );

  test.runIf(isLongForm).each(['revoke nightly-eval', 'list'])(
    'leaves a revocation by the form of `sa %s` to the next one',
    async (command) => {
      await createAccount(ada, 'ml-platform', 'nightly-eval');
      if (command === 'list') await ada.click(await ask(ada, 'ml-platform', '/wandb sa list'), 'Revoke');
      else await ada.command('ml-platform', `/wandb sa ${command}`);
      await waitForRevokeForm(ada);
      const replica = await serveFromProcess(workspace);
      const { promise: released, resolve: release } = Promise.withResolvers<void>();
      workspace.slack.failures.set('users.info', { kind: 'held', released });
      workspace.slack.failures.set('views.update', { kind: 'timeout' });
      await ada.fill('name', 'nightly-eval');
      void ada.submit();
      await ada.waitForView('Revoking the account…');
      release();
      // The outcome follows in the view, and Slack hasn't confirmed it.
      await expect.poll(() => requestsToSlack(workspace, 'views.update').length).toBe(1);
      await replica.kill();
      workspace.slack.failures.clear();
      expect(liveKeyIds(workspace)).toEqual([]);

      await expectNotified([REVOKED]);
    },
  );
});

test('two processes that start at once settle the delivery of an earlier process exactly once', async () => {
  const database = new Database(workspace.databaseFile);
  database.exec(
    `create trigger no_settling before update on deliveries begin select raise(abort, 'not today'); end`,
  );
  await openForm(ada, 'ml-platform', '/wandb service-account new nightly-eval');
  await ada.submit();
  await ada.waitForView('may not have been delivered');
  await workspace.keysmith.stop();
  database.exec('drop trigger no_settling');
  database.close();
  expect(storedKeys(workspace)).toMatchObject([{ isLive: true, delivery: 'sending' }]);

  workspace.clock.advance(LEASE_MS + 1_000);
  await Promise.all([startReplicaProcess(workspace), startReplicaProcess(workspace)]);
  await ada.waitForMessage('Keysmith', 'Collect');
  await expect.poll(pendingJobs).toEqual([]);
  const failures = (await workspace.audit()).filter(({ action }) => action === 'api_key.delivery_failed');
  expect(failures).toHaveLength(1);
  expect(workspace.rows('select state from collections')).toEqual([{ state: 'open' }]);
  expect(liveKeyIds(workspace)).toEqual([]);
  expect(sentKeys(workspace)).toHaveLength(1);
  expect(requestsToSlack(workspace, 'chat.postMessage')).toHaveLength(1);
});
