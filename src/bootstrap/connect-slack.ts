import type { Logger } from 'pino';
import type { Ports } from '../application/ports/account-ports.ts';
import type { Clock } from '../application/ports/clock.ts';
import type { Delivery, DeliveryAttempt } from '../application/ports/slack.ts';
import { createSealer, deriveKey } from '../domain/keys/sealed.ts';
import type { Secret } from '../domain/keys/secret.ts';
import type { Outbound } from '../net/outbound-fetch.ts';
import type { ListenerTiming } from '../slack/listeners/listener-context.ts';
import { createSlackApp, type SlackApp, type SlackTransport } from '../slack/receiver/slack-app.ts';
import { createCards } from '../slack/web/cards.ts';
import { type AccountSetup, createDelivery, createNotifications } from '../slack/web/delivery.ts';
import { createDirectory } from '../slack/web/directory.ts';
import { createInstallation } from '../slack/web/installation.ts';
import { rateLimitSeconds } from '../slack/web/slack-failure.ts';
import { SlackTokenRejectedError } from '../slack/web/token-rejection.ts';
import { createWebClient, readSlackIdentity, type SlackIdentity } from '../slack/web/web-client.ts';

export type SlackOptions = { botToken: Secret; apiUrl: string } & SlackTransport;

export interface SlackConnection {
  identity: SlackIdentity;
  /** The ports that Slack implements. */
  ports: Pick<Ports, 'directory' | 'delivery' | 'notifications' | 'cards' | 'installation'>;
}

/**
 * Learns which workspace the bot token belongs to, and creates the ports to it. Waits for as long as Slack can't be reached.
 *
 * @throws SlackTokenRejectedError
 */
export async function connectSlack(options: {
  slack: SlackOptions;
  outbound: Outbound;
  setup: AccountSetup;
  deliveryTimeoutMs: number | undefined;
  callTimeoutMs: number | undefined;
  monotonicMs: Clock['monotonicMs'];
  logger: Logger;
}): Promise<SlackConnection> {
  const { slack, outbound, setup, deliveryTimeoutMs, callTimeoutMs, monotonicMs, logger } = options;
  const web = createWebClient(slack.botToken, { ...slack, fetch: outbound.fetch, logger, callTimeoutMs });
  const identity = await retryUntilReachable(() => readSlackIdentity(web), logger);
  const installation = createInstallation({ web, monotonicMs, logger });
  const delivery = createDelivery({
    ...slack,
    setup,
    fetch: outbound.fetch,
    ...(deliveryTimeoutMs !== undefined && { timeoutMs: deliveryTimeoutMs }),
  });
  return {
    identity,
    ports: {
      directory: createDirectory({ web, workspace: identity.workspace, monotonicMs }),
      delivery,
      notifications: createNotifications({ web, installation, logger, setup }),
      cards: createCards({ web, installation, logger }),
      installation,
    },
  };
}

/** Counts how the deliveries of keys end. */
export function countOutcomes(
  delivery: Delivery,
  count: (outcome: DeliveryAttempt['outcome']) => void,
): Delivery {
  return {
    ...delivery,
    async deliverKey(issued, route) {
      const attempt = await delivery.deliverKey(issued, route);
      count(attempt.outcome);
      return attempt;
    },
  };
}

async function retryUntilReachable(
  read: () => Promise<SlackIdentity>,
  logger: Logger,
): Promise<SlackIdentity> {
  for (let pauseMs = 1_000; ; pauseMs = Math.min(2 * pauseMs, 30_000)) {
    try {
      return await read();
    } catch (error) {
      if (error instanceof SlackTokenRejectedError) throw error;
      const retryInMs = Math.max(pauseMs, (rateLimitSeconds(error) ?? 0) * 1_000);
      logger.error({ err: error, retryInMs }, 'Slack unreachable, retrying');
      await new Promise((resolve) => setTimeout(resolve, retryInMs));
    }
  }
}

/**
 * Starts to receive commands, buttons and forms.
 *
 * @throws SlackTokenRejectedError for the app-level token
 */
export async function startSlackApp({
  secret,
  timing,
  ...connected
}: {
  slack: SlackOptions;
  ports: Ports;
  identity: SlackIdentity;
  outbound: Outbound;
  secret: Secret<Uint8Array>;
  timing: Partial<ListenerTiming> | undefined;
  onTokenRejected: (error: SlackTokenRejectedError) => void;
  logger: Logger;
}): Promise<SlackApp> {
  const metadataSealer = createSealer(deriveKey(secret.reveal(), 'view-metadata'), 'view-1');
  const slackApp = await createSlackApp({ ...connected, metadataSealer, ...(timing && { timing }) });
  await slackApp.start();
  return slackApp;
}
