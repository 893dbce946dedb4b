import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { API_KEY_PATTERN } from '../../../src/domain/keys/api-key.ts';
import type { Failure } from '../../../src/sandbox/slack/protocol/failures.ts';
import { visibleText } from '../../driver/visible-text.ts';
import { keyIn, openForm } from '../../world/new-account-form.ts';
import { type RunningWorkspace, startWorkspace } from '../../world/running-workspace.ts';
import { lastEvents, liveKeyIds, requestsToSlack, sentKeys, storedKeys } from './key-delivery.ts';

const MINUTE_MS = 60_000;

let workspace: RunningWorkspace;
beforeEach(async () => {
  workspace = await startWorkspace();
});
afterEach(() => workspace.stop());

/** Opens the form, advances the clock and submits it. */
async function submitAfter(minutes: number, conversation: string): Promise<void> {
  const ada = workspace.slack.as('Ada');
  await openForm(ada, conversation, '/wandb service-account new nightly-eval');
  workspace.clock.advance(minutes * MINUTE_MS);
  expect(await ada.submit()).toEqual({ ok: true });
}

describe('The route of a key, chosen before the key is created,', () => {
  test.each([0, 15, 28.5])('is the response URL when the form was open for %d minutes', async (minutes) => {
    await submitAfter(minutes, 'random');
    const ada = workspace.slack.as('Ada');
    const message = await ada.waitForMessage('random', API_KEY_PATTERN);
    await ada.waitUntilClosed();

    expect(message.ephemeral).toBe(true);
    expect(sentKeys(workspace)).toMatchObject([{ method: 'response_url' }]);
    expect(storedKeys(workspace)).toMatchObject([{ isLive: true, delivery: 'delivered' }]);
    expect(await lastEvents(workspace, 1)).toEqual([
      { action: 'api_key.delivered', route: 'response_url', outcome: 'accepted', cause: 'response_url' },
    ]);
  });

  test.each([29, 31, 600])(
    'is chat.postEphemeral when the form was open for %d minutes, because the response URL has nearly or fully expired',
    async (minutes) => {
      await submitAfter(minutes, 'ml-platform');
      const ada = workspace.slack.as('Ada');
      const message = await ada.waitForMessage('ml-platform', API_KEY_PATTERN);
      await ada.waitUntilClosed();

      expect(message.ephemeral).toBe(true);
      expect(workspace.slack.as('Ben').messages('ml-platform')).toEqual([]);
      expect(requestsToSlack(workspace, 'response_url')).toEqual([]);
      expect(sentKeys(workspace)).toMatchObject([{ method: 'chat.postEphemeral' }]);
      expect(storedKeys(workspace)).toMatchObject([{ isLive: true, delivery: 'delivered' }]);
      expect(await lastEvents(workspace, 1)).toEqual([
        {
          action: 'api_key.delivered',
          route: 'post_ephemeral',
          outcome: 'accepted',
          cause: 'post_ephemeral',
        },
      ]);
    },
  );
});

describe('After the response URL has expired, in a conversation without the app,', () => {
  test.each([
    ['random', 'not_in_channel', (id: string) => `<#${id}>`],
    ['ml-secrets', 'channel_not_found', (id: string) => `<#${id}>`],
    ['ben', 'channel_not_found', () => 'this conversation'],
  ])(
    '(%s: %s) the key is revoked and can be collected in the direct message',
    async (conversation, cause, nameOf) => {
      await submitAfter(31, conversation);
      const ada = workspace.slack.as('Ada');
      const view = visibleText(await ada.waitForView('wasn’t delivered'));
      const offer = await ada.waitForMessage('Keysmith', 'Collect');

      const [sent, ...more] = sentKeys(workspace);
      expect([sent?.method, more]).toEqual(['chat.postEphemeral', []]);
      const place = nameOf(ada.conversation(conversation).id);
      expect(view).toContain(
        `:warning: \`nightly-eval\` in \`ml-platform\` was created, but its key wasn’t delivered: Keysmith isn’t in ${place}. `,
      );
      expect(view).not.toMatch(/try again/i);
      expect(view).toContain('open the direct message from Keysmith and press *Collect key*');
      expect(await lastEvents(workspace, 1)).toEqual([
        { action: 'api_key.delivery_failed', route: 'post_ephemeral', outcome: 'refused', cause },
      ]);
      expect(liveKeyIds(workspace)).toEqual([]);
      expect(ada.messages(conversation)).toEqual([]);

      await ada.click(offer, 'Collect key');
      const message = await ada.waitForMessage('Keysmith', API_KEY_PATTERN);
      expect(keyIn(message)).not.toContain(sent?.keyId);
      expect(liveKeyIds(workspace)).toEqual([sentKeys(workspace)[1]?.keyId]);
    },
  );
});

const CONNECTION_LOST = 'the connection to Slack was lost.';
const NOT_PERMITTED = 'Slack doesn’t allow Keysmith to post there.';
const UNEXPECTED_RESPONSE = 'Slack returned an unexpected response.';

const cases: { slack: string; failure: Failure; outcome: string; cause: string; text: string }[] = [
  [
    'returns user_not_in_channel',
    { kind: 'error', error: 'user_not_in_channel' },
    'refused',
    'user_not_in_channel',
    'you’re not in <#C0MLPLAT01>.',
  ],
  [
    'returns missing_scope',
    { kind: 'error', error: 'missing_scope' },
    'refused',
    'missing_scope',
    NOT_PERMITTED,
  ],
  [
    'returns is_archived',
    { kind: 'error', error: 'is_archived' },
    'refused',
    'is_archived',
    '<#C0MLPLAT01> is archived.',
  ],
  [
    'returns token_revoked',
    { kind: 'error', error: 'token_revoked' },
    'refused',
    'token_revoked',
    NOT_PERMITTED,
  ],
  [
    'returns a rate limit',
    { kind: 'rate_limited', retryAfterSeconds: 1 },
    'refused',
    'ratelimited',
    'Slack is limiting requests.',
  ],
  [
    'returns 500',
    { kind: 'status', status: 500 },
    'unknown',
    'http_500',
    'Slack returned an internal error.',
  ],
  [
    'returns an empty 200',
    { kind: 'status', status: 200 },
    'refused',
    'unreadable_answer',
    UNEXPECTED_RESPONSE,
  ],
  [
    'redirects',
    { kind: 'redirect', location: '/api/chat.postMessage' },
    'unknown',
    'http_302',
    UNEXPECTED_RESPONSE,
  ],
  ['never responds', { kind: 'timeout' }, 'unknown', 'timeout', 'Slack didn’t respond in time.'],
  ['breaks the connection', { kind: 'reset' }, 'unknown', 'connection_lost', CONNECTION_LOST],
  [
    'posts the message and breaks the connection',
    { kind: 'reset', afterEffect: true },
    'unknown',
    'connection_lost',
    CONNECTION_LOST,
  ],
].map(
  ([slack, failure, outcome, cause, text]) =>
    ({ slack, failure, outcome, cause, text }) as (typeof cases)[number],
);

test.each(cases)(
  'revokes the key after one attempt and notifies the person when chat.postEphemeral $slack ($outcome, $cause)',
  async ({ failure, outcome, cause, text }) => {
    // Short only where Slack never responds: on a busy machine, its other responses take longer.
    if (failure.kind === 'timeout') await workspace.restartKeysmith({ deliveryTimeoutMs: 250 });
    workspace.slack.failures.set('chat.postEphemeral', failure, { times: 1 });
    await submitAfter(31, 'ml-platform');
    const ada = workspace.slack.as('Ada');
    const view = visibleText(await ada.waitForView('wasn’t delivered'));
    const offer = visibleText(await ada.waitForMessage('Keysmith', 'Collect'));

    const [sent] = sentKeys(workspace);
    expect(sent?.method).toBe('chat.postEphemeral');
    expect(storedKeys(workspace)).toEqual([
      { keyId: sent?.keyId, isLive: false, delivery: 'failed', collection: 'open' },
    ]);
    expect(view).toContain(`its key wasn’t delivered: ${text} The key was revoked; `);
    expect(offer).toContain(`\`${sent?.keyId}\``);
    expect(`${view}${offer}`).not.toMatch(API_KEY_PATTERN);
    expect(await lastEvents(workspace, 1)).toEqual([
      { action: 'api_key.delivery_failed', route: 'post_ephemeral', outcome, cause },
    ]);

    workspace.clock.advance(2 * MINUTE_MS);
    await workspace.keysmith.settle();
    expect(sentKeys(workspace)).toEqual([sent]);
    expect(ada.messages('Keysmith')).toHaveLength(1);
  },
);

test('the key is collected in the direct message when the app left the channel while the form was open', async () => {
  const ada = workspace.slack.as('Ada');
  await openForm(ada, 'ml-platform', '/wandb service-account new nightly-eval');
  workspace.clock.advance(31 * MINUTE_MS);
  workspace.slack.setAppMembership(ada.conversation('ml-platform').id, false);
  await ada.submit();

  await ada.waitForMessage('Keysmith', 'Collect');
  expect((await lastEvents(workspace, 1))[0]).toMatchObject({ outcome: 'refused', cause: 'not_in_channel' });
  expect(liveKeyIds(workspace)).toEqual([]);
});
