import type { WebClient } from '@slack/web-api';
import type { Logger } from 'pino';
import type { Ports } from '../../application/ports/account-ports.ts';
import type { Backend, IssuedKey } from '../../application/ports/backend.ts';
import type { DueNotification } from '../../application/ports/notifications.ts';
import type {
  Delivery,
  DeliveryAttempt,
  Installation,
  Notifications,
  Route,
} from '../../application/ports/slack.ts';
import type { ServiceAccount } from '../../domain/accounts/service-account.ts';
import type { Secret } from '../../domain/keys/secret.ts';
import {
  type CredentialSetup,
  federatedAccountMessage,
  keyMessage,
} from '../messages/accounts/key-message.ts';
import type { Message } from '../messages/blocks.ts';
import { notificationMessage } from '../messages/notification-messages.ts';
import { deliveryFailure } from './delivery-failure.ts';
import { type PostRequest, postOnce, responseUrlError, webApiError } from './post-once.ts';

export interface DeliveryDependencies {
  fetch: typeof globalThis.fetch;
  apiUrl: string;
  botToken: Secret;
  setup: AccountSetup;
  timeoutMs?: number;
}

/** What workloads need besides their credential. */
export interface AccountSetup {
  publicUrl: string;
  organizationName: string;
  runAccess: Ports['runAccess'];
  teamPage: Backend['teamPage'];
}

async function setupOf(
  { runAccess, teamPage, ...setup }: AccountSetup,
  { teamName }: Pick<ServiceAccount, 'teamName'>,
): Promise<CredentialSetup> {
  return { ...setup, runAccess: await runAccess(teamName), teamPage: teamPage(teamName) };
}

/** Far below a delivery's lease of 60 s, and far above what Slack needs. */
const DELIVERY_TIMEOUT_MS = 10_000;

/**
 * Creates the delivery of credentials: one request each, in one attempt. Bolt's `respond` and WebClient aren't used, as they
 * retry, follow redirects, have no timeout and log bodies.
 */
export function createDelivery(dependencies: DeliveryDependencies): Delivery {
  return {
    deliverKey: async (issued: IssuedKey, route) =>
      post(dependencies, route, keyMessage(issued, await setupOf(dependencies.setup, issued.account))),
    deliverFederatedAccount: async (account, route) =>
      post(dependencies, route, federatedAccountMessage(account, await setupOf(dependencies.setup, account))),
  };
}

async function post(
  dependencies: DeliveryDependencies,
  route: Route,
  message: Message,
): Promise<DeliveryAttempt> {
  const attempt = await postOnce(requestFor(dependencies, route, message));
  return attempt.outcome === 'accepted' ? attempt : { ...attempt, failure: deliveryFailure(attempt, route) };
}

function requestFor(
  { fetch, apiUrl, botToken, timeoutMs = DELIVERY_TIMEOUT_MS }: DeliveryDependencies,
  route: Route,
  message: Message,
): PostRequest {
  switch (route.kind) {
    case 'response_url':
      return {
        fetch,
        url: route.url.reveal(),
        body: { ...message, response_type: 'ephemeral', replace_original: false },
        timeoutMs,
        errorIn: responseUrlError,
      };
    case 'post_ephemeral':
      return {
        fetch,
        url: new URL('chat.postEphemeral', apiUrl).href,
        headers: { authorization: `Bearer ${botToken.reveal()}` },
        body: { ...message, channel: route.channelId, user: route.slackUserId },
        timeoutMs,
        errorIn: webApiError,
      };
  }
}

/** Creates the sender of direct messages: `conversations.open`, then `chat.postMessage`. */
export function createNotifications(dependencies: {
  web: WebClient;
  installation: Installation;
  logger: Logger;
  setup: AccountSetup;
}): Notifications {
  const { web, installation, logger, setup } = dependencies;
  const send = async (slackUserId: string, message: Message): Promise<boolean> => {
    try {
      const { channel } = await web.conversations.open({ users: slackUserId });
      if (channel?.id === undefined) return false;
      await web.chat.postMessage({
        ...message,
        channel: channel.id,
        unfurl_links: false,
      });
      installation.noteSuccess();
      return true;
    } catch (error) {
      installation.noteFailure(error);
      logger.warn({ err: error, slackUserId }, 'direct message not sent');
      return false;
    }
  };
  return {
    send: async (slackUserId, notification) => {
      const team = teamOf(notification);
      return send(slackUserId, notificationMessage(notification, await setupOf(setup, team)));
    },
  };
}

/** Returns what has the name of the team that the notification is about, or of the first one. */
function teamOf(notification: DueNotification): Pick<ServiceAccount, 'teamName'> {
  if ('account' in notification) return notification.account;
  if ('request' in notification) return notification.request;
  return notification.message === 'team_changes' ? notification : notification.teams[0];
}
