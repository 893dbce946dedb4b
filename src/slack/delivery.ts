import type { IssuedKey } from '../application/ports/backend.ts';
import type { Delivery, DeliveryAttempt, Route } from '../application/ports/slack.ts';
import type { Secret } from '../domain/secret.ts';
import { federatedAccountMessage, keyMessage } from './messages/key-message.ts';
import type { Message } from './messages/message.ts';
import { postOnce, responseUrlRefusal, webApiRefusal } from './response-url.ts';

export interface DeliveryDependencies {
  fetch: typeof globalThis.fetch;
  apiUrl: string;
  botToken: Secret;
  publicUrl: string;
  organizationName: string;
  timeoutMs?: number;
}

/** Well inside the lease of a delivery, well beyond what Slack needs. */
const DELIVERY_TIMEOUT_MS = 10_000;

/**
 * Passes credentials on in requests of its own, one attempt each. Bolt's `respond` and WebClient are not used for keys:
 * they retry, follow redirects, have no time-out and log bodies.
 */
export function createDelivery(dependencies: DeliveryDependencies): Delivery {
  return {
    deliverKey: (issued: IssuedKey, route) =>
      post(dependencies, route, keyMessage(issued, dependencies.publicUrl)),
    deliverFederatedAccount: (account, route) =>
      post(dependencies, route, federatedAccountMessage(account, dependencies)),
  };
}

function post(
  { fetch, apiUrl, botToken, timeoutMs = DELIVERY_TIMEOUT_MS }: DeliveryDependencies,
  route: Route,
  message: Message,
): Promise<DeliveryAttempt> {
  switch (route.kind) {
    case 'response_url':
      return postOnce({
        fetch,
        url: route.url.reveal(),
        body: {
          ...message,
          response_type: 'ephemeral',
          replace_original: false,
        },
        timeoutMs,
        refusalIn: responseUrlRefusal,
      });
    case 'post_ephemeral':
      return postOnce({
        fetch,
        url: new URL('chat.postEphemeral', apiUrl).href,
        headers: { authorization: `Bearer ${botToken.reveal()}` },
        body: { ...message, channel: route.channelId, user: route.slackUserId },
        timeoutMs,
        refusalIn: webApiRefusal,
      });
  }
}
