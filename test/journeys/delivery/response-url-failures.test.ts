import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { API_KEY_PATTERN } from '../../../src/domain/keys/api-key.ts';
import type { Failure } from '../../../src/sandbox/slack/protocol/failures.ts';
import { visibleText } from '../../driver/visible-text.ts';
import { keyIn } from '../../world/new-account-form.ts';
import { type RunningWorkspace, startWorkspace } from '../../world/running-workspace.ts';
import {
  lastEvents,
  liveKeyIds,
  REFERENCE,
  requestsToSlack,
  sentKeys,
  storedKeys,
  submitForm,
  untilWhen,
  useUp,
} from './key-delivery.ts';

const MINUTE_MS = 60_000;
/** Short only where Slack never responds in time: on a busy machine, its other responses take longer. */
const TIMEOUT_MS = 250;

let workspace: RunningWorkspace;
beforeEach(async () => {
  workspace = await startWorkspace();
});
afterEach(() => workspace.stop());

interface FailureCase {
  /** What Slack does with the message that contains the key. */
  slack: string;
  failure: Failure;
  outcome: 'refused' | 'unknown';
  cause: string;
  /** The cause, as the person reads it. */
  text: string;
  isTemporary: boolean;
}

const TIMEOUT = 'Slack didn’t respond in time.';
const CONNECTION_LOST = 'the connection to Slack was lost.';
const INTERNAL_ERROR = 'Slack returned an internal error.';
const USED_UP = 'Slack’s response URL was already used five times.';

const cases: FailureCase[] = [
  ['returns used_url', { kind: 'error', error: 'used_url' }, 'refused', 'used_url', USED_UP, false],
  [
    'returns expired_url',
    { kind: 'error', error: 'expired_url' },
    'refused',
    'expired_url',
    'Slack’s response URL has expired.',
    false,
  ],
  [
    'returns an empty 404',
    { kind: 'status', status: 404 },
    'refused',
    'http_404',
    'Slack rejected the message.',
    false,
  ],
  [
    'returns a rate limit',
    { kind: 'rate_limited', retryAfterSeconds: 1 },
    'refused',
    'ratelimited',
    'Slack is limiting requests.',
    true,
  ],
  ['returns 500', { kind: 'status', status: 500 }, 'unknown', 'http_500', INTERNAL_ERROR, true],
  [
    'returns 503 after posting the message',
    { kind: 'status', status: 503, afterEffect: true },
    'unknown',
    'http_503',
    INTERNAL_ERROR,
    true,
  ],
  ['never responds', { kind: 'timeout' }, 'unknown', 'timeout', TIMEOUT, true],
  [
    'posts the message and never responds',
    { kind: 'timeout', afterEffect: true },
    'unknown',
    'timeout',
    TIMEOUT,
    true,
  ],
  ['breaks the connection', { kind: 'reset' }, 'unknown', 'connection_lost', CONNECTION_LOST, true],
  [
    'posts the message and breaks the connection',
    { kind: 'reset', afterEffect: true },
    'unknown',
    'connection_lost',
    CONNECTION_LOST,
    true,
  ],
].map(
  ([slack, failure, outcome, cause, text, isTemporary]) =>
    ({ slack, failure, outcome, cause, text, isTemporary }) as FailureCase,
);

test.each(cases)(
  'revokes the key, notifies the person in the view and by direct message, and sends nothing again when the response URL $slack ($outcome, $cause)',
  async ({ failure, outcome, cause, text, isTemporary }) => {
    if (failure.kind === 'timeout') await workspace.restartKeysmith({ deliveryTimeoutMs: TIMEOUT_MS });
    const ada = workspace.slack.as('Ada');
    workspace.slack.failures.set('response_url', failure, { times: 1 });

    expect(await submitForm(ada, 'ml-platform', 'nightly-eval')).toEqual({ ok: true });
    const view = visibleText(await ada.waitForView('wasn’t delivered'));
    const offer = visibleText(await ada.waitForMessage('Keysmith', 'Collect'));

    const [sent] = sentKeys(workspace);
    expect(sent?.method).toBe('response_url');
    expect(storedKeys(workspace)).toEqual([
      { keyId: sent?.keyId, isLive: false, delivery: 'failed', collection: 'open' },
    ]);
    expect(view).toContain(
      `:warning: \`nightly-eval\` in \`ml-platform\` was created, but its key wasn’t delivered: ${text} `,
    );
    expect(view.includes('to try again')).toBe(isTemporary);
    const end = untilWhen(workspace);
    expect(view).toContain(
      `open the direct message from Keysmith and press *Collect key*${isTemporary ? ' to try again' : ''} (${end}).`,
    );
    expect(offer).toContain(`shown once and only to you, ${end}.`);
    expect(view).toMatch(REFERENCE);
    expect(offer).toContain(`key \`${sent?.keyId}\` reached you, so Keysmith revoked it`);
    expect(offer).toContain('Press *Collect key* to create a new key');
    expect(`${view}${offer}`).not.toMatch(API_KEY_PATTERN);
    expect(await lastEvents(workspace, 2)).toEqual([
      { action: 'service_account.created' },
      { action: 'api_key.delivery_failed', route: 'response_url', outcome, cause },
    ]);
    const hasArrived = 'afterEffect' in failure && failure.afterEffect === true;
    expect(ada.messages('ml-platform').some((message) => keyIn(message))).toBe(hasArrived);

    workspace.clock.advance(2 * MINUTE_MS);
    await workspace.keysmith.settle();
    await workspace.restartKeysmith();
    await workspace.keysmith.settle();
    expect(sentKeys(workspace)).toEqual([sent]);
    expect(ada.messages('Keysmith')).toHaveLength(1);
  },
);

describe('A response URL', () => {
  test('that was used five times before rejects the key, and Keysmith recognizes Slack’s error', async () => {
    const ada = workspace.slack.as('Ada');
    await ada.command('ml-platform', '/wandb service-account new nightly-eval');
    await ada.waitForView((view) => view.submit === 'Create');
    await useUp(workspace, 5);

    await ada.submit();
    await ada.waitForView(USED_UP);

    expect(storedKeys(workspace)).toMatchObject([{ isLive: false, delivery: 'failed' }]);
    expect((await lastEvents(workspace, 1))[0]).toMatchObject({ outcome: 'refused', cause: 'used_url' });
  });

  test('that redirects is not followed, so the key reaches no one else', async () => {
    const received: string[] = [];
    const elsewhere = createServer((request, response) => {
      received.push(request.url ?? '');
      response.end('ok');
    });
    await new Promise<void>((resolve) => elsewhere.listen(0, '127.0.0.1', resolve));
    const location = `http://127.0.0.1:${(elsewhere.address() as AddressInfo).port}/commands/elsewhere`;
    workspace.slack.failures.set('response_url', { kind: 'redirect', location }, { times: 1 });
    const ada = workspace.slack.as('Ada');

    await submitForm(ada, 'ml-platform', 'nightly-eval');
    await ada.waitForView('Slack returned an unexpected response.');
    await ada.waitForMessage('Keysmith', 'Collect');

    expect(received).toEqual([]);
    expect(sentKeys(workspace)).toHaveLength(1);
    expect(storedKeys(workspace)).toMatchObject([{ isLive: false, delivery: 'failed', collection: 'open' }]);
    expect((await lastEvents(workspace, 1))[0]).toMatchObject({ outcome: 'unknown', cause: 'http_302' });
    elsewhere.close();
  });

  test('that responds slowly but in time counts as a delivery', async () => {
    const ada = workspace.slack.as('Ada');
    workspace.slack.failures.set('response_url', { kind: 'slow', delayMs: TIMEOUT_MS / 2 }, { times: 1 });

    await submitForm(ada, 'ml-platform', 'nightly-eval');
    await ada.waitForMessage('ml-platform', API_KEY_PATTERN);
    await ada.waitUntilClosed();

    expect(sentKeys(workspace)).toHaveLength(1);
    expect(storedKeys(workspace)).toMatchObject([{ isLive: true, delivery: 'delivered', collection: null }]);
  });

  test('that posts the key after the timeout posts a revoked key', async () => {
    await workspace.restartKeysmith({ deliveryTimeoutMs: TIMEOUT_MS });
    const ada = workspace.slack.as('Ada');
    workspace.slack.failures.set('response_url', { kind: 'slow', delayMs: 2 * TIMEOUT_MS }, { times: 1 });

    await submitForm(ada, 'ml-platform', 'nightly-eval');
    await ada.waitForView(TIMEOUT);
    const late = await ada.waitForMessage('ml-platform', API_KEY_PATTERN);

    const [sent, ...more] = sentKeys(workspace);
    expect(keyIn(late)).toContain(sent?.keyId);
    expect(more).toEqual([]);
    expect(liveKeyIds(workspace)).toEqual([]);
    expect(visibleText(await ada.waitForMessage('Keysmith', 'Collect'))).toContain(sent?.keyId);
  });

  test('that isn’t one of Slack’s is never called, and the key goes through chat.postEphemeral', async () => {
    const ada = workspace.slack.as('Ada');
    const elsewhere = 'https://hooks.slack.com.evil.test/commands/T0/1/x';
    await workspace.slack.deliver(
      { command: '/wandb', text: 'sa new nightly-eval', response_url: elsewhere },
      { as: 'Ada', conversation: ada.conversation('ml-platform').id },
    );
    await ada.waitForView((view) => view.submit === 'Create');

    await ada.submit();
    await ada.waitForMessage('ml-platform', API_KEY_PATTERN);

    expect(requestsToSlack(workspace, 'response_url')).toEqual([]);
    expect(sentKeys(workspace)).toMatchObject([{ method: 'chat.postEphemeral' }]);
    expect(storedKeys(workspace)).toMatchObject([{ isLive: true, delivery: 'delivered' }]);
  });
});

test('revoking a key that wasn’t delivered and opening its collection are one transaction', async () => {
  const ada = workspace.slack.as('Ada');
  const database = new Database(workspace.databaseFile);
  database.exec(
    `create trigger no_collections before insert on collections begin select raise(abort, 'none today'); end`,
  );
  workspace.slack.failures.set('response_url', { kind: 'error', error: 'used_url' }, { times: 1 });

  await submitForm(ada, 'ml-platform', 'nightly-eval');
  await ada.waitForView(REFERENCE);
  expect(storedKeys(workspace)).toMatchObject([{ isLive: true, delivery: 'sending', collection: null }]);
  expect((await lastEvents(workspace, 1))[0]).toEqual({ action: 'service_account.created' });

  database.exec('drop trigger no_collections');
  database.close();
  workspace.clock.advance(MINUTE_MS + 1);
  await workspace.keysmith.settle();
  expect(storedKeys(workspace)).toMatchObject([{ isLive: false, delivery: 'failed', collection: 'open' }]);
  expect(
    workspace.rows(
      `select 1 from api_keys k join collections c on c.revoked_key_id = k.key_id and c.created_at_ms = k.revoked_at_ms
         join deliveries d on d.key_id = k.key_id and d.settled_at_ms = k.revoked_at_ms`,
    ),
  ).toHaveLength(1);
  await ada.waitForMessage('Keysmith', 'Collect');
});
