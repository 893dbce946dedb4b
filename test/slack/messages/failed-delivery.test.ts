import { describe, expect, test } from 'vitest';
import type { DeliverKeyResult } from '../../../src/application/accounts/deliver-key.ts';
import type { DeliveryFailure, Route } from '../../../src/application/ports/slack.ts';
import { Secret } from '../../../src/domain/keys/secret.ts';
import { createdText, keyNotDeliveredText } from '../../../src/slack/messages/accounts/outcome-text.ts';
import { deliveryFailureText } from '../../../src/slack/messages/failures/delivery-failure-text.ts';
import { deliveryFailure } from '../../../src/slack/web/delivery-failure.ts';

const RESPONSE_URL: Route = { kind: 'response_url', url: new Secret('https://hooks.slack.com/commands/x') };
const postEphemeral = (channelId = 'C0RANDOM01'): Route => ({
  kind: 'post_ephemeral',
  channelId,
  slackUserId: 'U0ADA00001',
});

const account = { name: 'nightly-eval', teamName: 'ml-platform' } as never;
const UNTIL_MS = Date.UTC(2027, 0, 2, 12);

const COLLECT = { kind: 'collect', notified: true, untilMs: UNTIL_MS, onServer: false } as const;

function collectText(
  failure: DeliveryFailure,
  changes: { notified?: boolean; untilMs?: undefined; onServer?: boolean } = {},
) {
  const key: DeliverKeyResult = { ...COLLECT, failure, ...changes };
  return createdText({ kind: 'created', account, key }, key.onServer);
}

function sentences(text: string): number {
  const withoutMarkup = text.replace(/`[^`]*`|<[^>]*>/g, 'x');
  return withoutMarkup.match(/[.!?](?= |$)/g)?.length ?? 0;
}

interface FailureCase {
  cause: string;
  retryAfterSeconds?: number;
  outcome: 'rejected' | 'unknown';
  route: Route;
  text: string;
}

const TEMPORARY: FailureCase[] = [
  { cause: 'timeout', outcome: 'unknown', route: RESPONSE_URL, text: 'Slack didn’t respond in time.' },
  {
    cause: 'connection_lost',
    outcome: 'unknown',
    route: postEphemeral(),
    text: 'the connection to Slack was lost.',
  },
  { cause: 'http_500', outcome: 'unknown', route: RESPONSE_URL, text: 'Slack returned an internal error.' },
  {
    cause: 'http_503',
    outcome: 'unknown',
    route: postEphemeral(),
    text: 'Slack returned an internal error.',
  },
  {
    cause: 'fatal_error',
    outcome: 'rejected',
    route: postEphemeral(),
    text: 'Slack returned an internal error.',
  },
  { cause: 'ratelimited', outcome: 'rejected', route: postEphemeral(), text: 'Slack is limiting requests.' },
  { cause: 'http_429', outcome: 'rejected', route: RESPONSE_URL, text: 'Slack is limiting requests.' },
  {
    cause: 'ratelimited',
    retryAfterSeconds: 300,
    outcome: 'rejected',
    route: postEphemeral(),
    text: 'Slack is limiting requests for the next 5 minutes.',
  },
];

const PERMANENT: (FailureCase & { toChange: string })[] = [
  {
    cause: 'not_in_channel',
    outcome: 'rejected',
    route: postEphemeral(),
    text: 'Keysmith isn’t in <#C0RANDOM01>.',
    toChange: 'invite Keysmith',
  },
  {
    cause: 'channel_not_found',
    outcome: 'rejected',
    route: postEphemeral('G0SECRET01'),
    text: 'Keysmith isn’t in <#G0SECRET01>.',
    toChange: 'invite Keysmith',
  },
  {
    cause: 'channel_not_found',
    outcome: 'rejected',
    route: postEphemeral('D0BEN00001'),
    text: 'Keysmith isn’t in this conversation.',
    toChange: 'run the command in a channel that Keysmith is in',
  },
  {
    cause: 'user_not_in_channel',
    outcome: 'rejected',
    route: postEphemeral(),
    text: 'you’re not in <#C0RANDOM01>.',
    toChange: 'join it first',
  },
  {
    cause: 'is_archived',
    outcome: 'rejected',
    route: postEphemeral(),
    text: '<#C0RANDOM01> is archived.',
    toChange: 'another channel',
  },
  {
    cause: 'expired_url',
    outcome: 'rejected',
    route: RESPONSE_URL,
    text: 'Slack’s response URL has expired.',
    toChange: 'within 30 minutes',
  },
  {
    cause: 'used_url',
    outcome: 'rejected',
    route: RESPONSE_URL,
    text: 'Slack’s response URL was already used five times.',
    toChange: 'open a new form',
  },
  {
    cause: 'missing_scope',
    outcome: 'rejected',
    route: postEphemeral(),
    text: 'Slack doesn’t allow Keysmith to post there.',
    toChange: 'Keysmith administrator',
  },
  {
    cause: 'token_revoked',
    outcome: 'rejected',
    route: postEphemeral(),
    text: 'Slack doesn’t allow Keysmith to post there.',
    toChange: 'Keysmith administrator',
  },
  {
    cause: 'invalid_blocks',
    outcome: 'rejected',
    route: postEphemeral(),
    text: 'Slack rejected the message.',
    toChange: 'Keysmith administrator',
  },
  {
    cause: 'http_404',
    outcome: 'rejected',
    route: RESPONSE_URL,
    text: 'Slack rejected the message.',
    toChange: 'Keysmith administrator',
  },
  {
    cause: 'http_302',
    outcome: 'unknown',
    route: RESPONSE_URL,
    text: 'Slack returned an unexpected response.',
    toChange: 'Keysmith administrator',
  },
  {
    cause: 'unreadable_answer',
    outcome: 'rejected',
    route: RESPONSE_URL,
    text: 'Slack returned an unexpected response.',
    toChange: 'Keysmith administrator',
  },
];

describe('The message about a key that wasn’t delivered', () => {
  test.each(TEMPORARY)(
    'names the temporary cause $cause, and says to try again with *Collect key*',
    (failed) => {
      const text = collectText(deliveryFailure(failed, failed.route));

      expect(text).toContain(`its key wasn’t delivered: ${failed.text} The key was revoked; `);
      expect(text).toMatch(
        /open the direct message from Keysmith and press \*Collect key\* to try again \(until <!date\^/,
      );
    },
  );

  test.each(PERMANENT)(
    'names the permanent cause $cause, and says what to change instead of to try again',
    (failed) => {
      const text = collectText(deliveryFailure(failed, failed.route));

      expect(text).toContain(`its key wasn’t delivered: ${failed.text} The key was revoked; `);
      expect(text).toMatch(
        /open the direct message from Keysmith and press \*Collect key\* \(until <!date\^[^>]*>\)\. /,
      );
      expect(text).toContain(failed.toChange);
      expect(text).not.toMatch(/try again/i);
    },
  );

  test.each([...TEMPORARY, ...PERMANENT])(
    'opens with a warning and has at most three sentences for $cause',
    (failed) => {
      const failure = deliveryFailure(failed, failed.route);
      for (const text of [
        collectText(failure),
        collectText(failure, { notified: false }),
        collectText(failure, { untilMs: undefined }),
        collectText(failure, { onServer: true }),
        keyNotDeliveredText(account, { ...COLLECT, failure }, false),
      ]) {
        expect(text).toMatch(/^:warning: /);
        expect(text).not.toContain(':white_check_mark:');
        expect(sentences(text)).toBeLessThanOrEqual(3);
      }
    },
  );

  test.each([
    { kind: 'not_collectable', reason: 'account_revoked' },
    { kind: 'not_collectable', reason: 'being_revoked' },
    { kind: 'not_collectable', reason: 'expired' },
    { kind: 'unsettled', works: false },
    { kind: 'unsettled', works: true },
    { ...COLLECT, failure: { reason: 'confirmed_too_late' }, untilMs: undefined },
    { ...COLLECT, failure: { reason: 'confirmed_too_late' }, onServer: true },
    { ...COLLECT, failure: { reason: 'internal_error' }, notified: false },
  ] satisfies DeliverKeyResult[])('opens with a warning, without a tick, for $kind', (key) => {
    for (const isOnServer of [false, true]) {
      for (const text of [
        createdText({ kind: 'created', account, key }, isOnServer),
        keyNotDeliveredText(account, key, isOnServer),
      ]) {
        expect(text).toMatch(/^:warning: /);
        expect(text).not.toContain(':white_check_mark:');
        expect(sentences(text)).toBeLessThanOrEqual(3);
      }
    }
  });

  test('leads to the list where Slack didn’t accept the direct message either', () => {
    const text = collectText({ reason: 'timeout' }, { notified: false });

    expect(text).toContain('run `/wandb service-account list` and press *Collect key* to try again (until ');
  });

  test('says on a W&B server that the key’s account is being deleted, never that the key was revoked', () => {
    expect(collectText({ reason: 'timeout' }, { onServer: true })).toBe(
      ':warning: `nightly-eval` in `ml-platform` was created, but its key wasn’t delivered: Slack didn’t respond in time. Don’t use that key, as Keysmith is deleting the W&B account it belongs to; open the direct message from Keysmith and press *Collect key* to try again (until <!date^1798891200^{date_short_pretty} at {time}|2027-01-02 12:00 UTC>).',
    );
  });

  test.each([
    [
      'account_revoked',
      ':warning: `nightly-eval` in `ml-platform` was deleted from W&B while its key was being delivered. Don’t use that key.',
    ],
    [
      'being_revoked',
      ':warning: The key for `nightly-eval` in `ml-platform` wasn’t delivered, so don’t use it. The account is being deleted from W&B, so no keys can be created for it. To create another account, run `/wandb service-account new`.',
    ],
    [
      'expired',
      ':warning: The key for `nightly-eval` in `ml-platform` wasn’t delivered, so don’t use it: Keysmith is deleting the W&B account it belongs to. The 24 hours to collect the key have passed. Delete the account and create a new one.',
    ],
  ] as const)('says on a W&B server why no key can be collected: %s', (reason, text) => {
    expect(keyNotDeliveredText(account, { kind: 'not_collectable', reason }, true)).toBe(text);
  });

  test('says that the W&B server’s key works until Keysmith deletes its account, if the database failed', () => {
    const text = keyNotDeliveredText(account, { kind: 'unsettled', works: true }, true);
    expect(text).toContain('don’t use it: Keysmith will delete the W&B account it belongs to, and');
  });

  test('never mentions a channel whose ID isn’t one', () => {
    for (const channelId of ['C1> <!channel', 'c0random01', '', 'U0ADA00001']) {
      const { cause } = deliveryFailureText({ reason: 'app_not_in_conversation', channelId });
      expect(cause).toBe('Keysmith isn’t in this conversation.');
    }
  });

  test('names the cause of setup instructions that weren’t delivered', () => {
    const failure = deliveryFailure({ outcome: 'rejected', cause: 'not_in_channel' }, postEphemeral());
    const text = createdText({ kind: 'created_federated', account, announced: 'not', failure }, false);

    expect(text).toContain('its setup instructions weren’t delivered: Keysmith isn’t in <#C0RANDOM01>. ');
    expect(text).toMatch(/^:warning: /);
  });
});
