import { afterEach, beforeEach, expect, test } from 'vitest';
import type { SlackPerson } from '../../driver/slack-person.ts';
import { type RunningWorkspace, startWorkspace } from '../../world/running-workspace.ts';
import { serveFromProcess, startReplica, startReplicaProcess } from '../delivery/crash/replica.ts';
import { liveKeyIds, requestsToSlack, sentKeys } from '../delivery/key-delivery.ts';
import { buttonsOf, cardOf, cardSays, forge, requestKey, says } from './request-world.ts';

const LEASE_MS = 60_000;

let workspace: RunningWorkspace;
let ada: SlackPerson;
let ben: SlackPerson;
beforeEach(async () => {
  workspace = await startWorkspace();
  ada = workspace.slack.as('Ada');
  ben = workspace.slack.as('Ben');
});
afterEach(() => workspace.stop());

test('A request that two processes approve at once, and whose key is being collected when they are killed, leads to one account and one key', async () => {
  await requestKey(ben, 'nightly-eval');
  await workspace.keysmith.settle();
  const card = await cardOf(ada, 'nightly-eval');
  const one = await serveFromProcess(workspace);
  const other = await startReplicaProcess(workspace);
  workspace.slack.failures.set('chat.update', { kind: 'timeout' }, { times: 10 });
  void ada.click(card, 'Approve');
  workspace.slack.sendRequestsTo(`${other.url}/slack/events`);
  await forge(workspace, workspace.slack.as('Cy'), card, 'request_approve');
  await expect.poll(() => workspace.rows('select decision from request_decisions')).toHaveLength(1);
  await expect
    .poll(() => requestsToSlack(workspace, 'chat.update').length, { timeout: 10_000 })
    .toBeGreaterThan(0);
  await Promise.all([one.kill(), other.kill()]);
  expect(workspace.rows('select state from service_accounts')).toEqual([{ state: 'active' }]);

  workspace.slack.failures.clear();
  await workspace.restartKeysmith();
  workspace.clock.advance(2 * LEASE_MS);
  await workspace.keysmith.settle();
  await cardSays(ada, 'nightly-eval', 'Approved by');
  const offer = await ben.waitForMessage('Keysmith', (message) => says(message, 'approved your request'));

  const collecting = await serveFromProcess(workspace);
  workspace.slack.failures.set('response_url', { kind: 'timeout', afterEffect: true }, { times: 1 });
  void ben.click(offer, 'Collect key');
  await expect.poll(() => sentKeys(workspace).length, { timeout: 10_000 }).toBe(1);
  await collecting.kill();
  await workspace.restartKeysmith();
  await ben.click(offer, 'Collect key');
  await ben.waitForMessage('Keysmith', 'This key is on its way to you or was already collected.');

  workspace.clock.advance(LEASE_MS + 1_000);
  await workspace.keysmith.settle();
  expect(liveKeyIds(workspace)).toEqual([]);
  const again = await ben.waitForMessage('Keysmith', 'reached you, so Keysmith revoked it');
  await ben.click(again, 'Collect key');
  await expect.poll(() => sentKeys(workspace).length).toBe(2);
  await ben.waitForMessage('Keysmith', ':white_check_mark: Collected the key');
  expect(liveKeyIds(workspace)).toEqual([sentKeys(workspace)[1]?.keyId]);
  await workspace.keysmith.settle();
  await ada.waitForReply(card, 'collected the key');
});

test('The card of a request that is decided while one process posts it is one message, which another process doesn’t post again', async () => {
  const other = await startReplica(workspace);
  const { promise: released, resolve: release } = Promise.withResolvers<void>();
  workspace.slack.failures.set('chat.postMessage', { kind: 'held', released, afterEffect: true });
  await requestKey(ben, 'nightly-eval');
  const card = await cardOf(ada, 'nightly-eval');
  workspace.slack.failures.clear();
  await ada.click(card, 'Approve');
  await ada.waitForMessage('Keysmith', 'Approved the request for `nightly-eval`');
  // All that another process can do now.
  await other.settle();
  release();
  await workspace.keysmith.settle();
  await cardSays(ada, 'nightly-eval', 'Approved by');
  const cards = ada
    .messages('Keysmith')
    .filter((message) => says(message, 'nightly-eval', 'requests the service account'));
  expect(cards.map(buttonsOf)).toEqual([[]]);
});
