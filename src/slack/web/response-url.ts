import type { Block, KnownBlock } from '@slack/types';
import type { Route } from '../../application/ports/slack.ts';
import { Secret } from '../../domain/keys/secret.ts';
import { storedAgeMs } from '../../domain/stored-time.ts';

/** A message, or the removal of the message whose button was clicked. */
export type ResponseUrlBody =
  | {
      text: string;
      blocks?: (KnownBlock | Block)[];
      response_type?: 'ephemeral';
      replace_original?: boolean;
    }
  | { delete_original: true };

const DEFAULT_API_ORIGIN = 'https://slack.com';

/** Slack accepts a response URL for 30 minutes. The last minute is left for the request to arrive. */
const RESPONSE_URL_LIFETIME_MS = 29 * 60 * 1000;

/**
 * Returns whether a URL is one that Slack issues, so that a forged payload can't make Keysmith send a key elsewhere.
 *
 * @param policy.apiUrl the Web API's URL; for any server other than Slack's, response URLs must have its origin
 */
export function isResponseUrl(text: string, { apiUrl }: { apiUrl: string }): boolean {
  if (!URL.canParse(text)) return false;
  const url = new URL(text);
  if (url.username !== '' || url.password !== '') return false;
  const api = new URL(apiUrl);
  // A `blob:` URL has the origin of the URL inside it.
  if (api.origin !== DEFAULT_API_ORIGIN) return url.protocol === api.protocol && url.origin === api.origin;
  return url.protocol === 'https:' && url.hostname === 'hooks.slack.com' && url.port === '';
}

/**
 * Chooses the route of a new credential before it is created: the response URL while it is valid, as it works in every
 * conversation, else `chat.postEphemeral`.
 */
export function chooseRoute(
  from: {
    responseUrl: string;
    openedAtMs: number;
    channelId: string;
    slackUserId: string;
  },
  policy: { apiUrl: string },
  nowMs: number,
): Route {
  const ageMs = storedAgeMs(from.openedAtMs, nowMs);
  const isFresh = ageMs !== undefined && ageMs < RESPONSE_URL_LIFETIME_MS;
  if (isFresh && isResponseUrl(from.responseUrl, policy)) {
    return { kind: 'response_url', url: new Secret(from.responseUrl) };
  }
  return {
    kind: 'post_ephemeral',
    channelId: from.channelId,
    slackUserId: from.slackUserId,
  };
}
