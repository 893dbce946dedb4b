import type { Route } from '../application/ports/slack.ts';
import { Secret } from '../domain/secret.ts';
import { isResponseUrl, type ResponseUrlPolicy } from './response-url.ts';

/** Slack accepts a response URL for 30 minutes; the last one is left for the way there. */
const RESPONSE_URL_LIFETIME_MS = 29 * 60 * 1000;

/** Chooses how a new credential goes to the person, before it is made: the response URL while it is valid, as it works in every conversation. */
export function chooseRoute(
  from: {
    responseUrl: string;
    openedAtMs: number;
    channelId: string;
    slackUserId: string;
  },
  policy: ResponseUrlPolicy,
  nowMs: number,
): Route {
  const isFresh = nowMs - from.openedAtMs < RESPONSE_URL_LIFETIME_MS;
  if (isFresh && isResponseUrl(from.responseUrl, policy)) {
    return { kind: 'response_url', url: new Secret(from.responseUrl) };
  }
  return {
    kind: 'post_ephemeral',
    channelId: from.channelId,
    slackUserId: from.slackUserId,
  };
}
