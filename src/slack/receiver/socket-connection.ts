import { SocketModeReceiver } from '@slack/bolt';
import type { Logger } from 'pino';
import type { Secret } from '../../domain/keys/secret.ts';
import { createLimitedLog } from '../../log/limited-log.ts';
import { settledWithin } from '../../net/deadline.ts';
import type { Outbound } from '../../net/outbound-fetch.ts';
import { rateLimitSeconds } from '../web/slack-failure.ts';
import { SlackTokenRejectedError, toTokenRejection } from '../web/token-rejection.ts';
import { createSlackLogger, webClientOptions } from '../web/web-client.ts';
import { type AwaitedResponse, createAwaitedResponse } from './acknowledge.ts';

export interface SocketConnection {
  receiver: SocketModeReceiver;
  isConnected(): boolean;
  /** Resolves with the first connection. Rejects with SlackTokenRejectedError if Slack rejects the token before that. */
  start(): Promise<void>;
  stop(): void;
}

export interface SocketConnectionDependencies {
  appToken: Secret;
  apiUrl: string;
  outbound: Outbound;
  logger: Logger;
  /** The pause before the first attempt to connect again. It doubles with each failure. */
  reconnectAfterMs: number;
  /** Called when Slack rejects the token after there was a connection. */
  onTokenRejected: (error: SlackTokenRejectedError) => void;
}

const CONNECT_WITHIN_MS = 30_000;
const LONGEST_PAUSE_MS = 30_000;
/** Slack renews a connection every few hours. One that closes sooner than this counts as a failed attempt. */
const SHORTEST_CONNECTION_MS = 5_000;

/**
 * Creates the connection of Socket Mode, and keeps it: after every loss it connects again, with growing pauses, until Slack
 * rejects the token or `stop` is called. The client's own reconnection ends for good at the first failed request.
 */
export function createSocketConnection(dependencies: SocketConnectionDependencies): SocketConnection {
  const { logger, reconnectAfterMs, onTokenRejected } = dependencies;
  const log = createLimitedLog(logger, { linesPerWindow: 3 });
  const stopped = Promise.withResolvers<void>();
  let lost = Promise.withResolvers<void>();
  let isStopped = false;
  let isConnected = false;
  /** Counts openings and losses, so that a response over another connection doesn't count as received. */
  let connection = 0;
  const receiver = createReceiver(dependencies, () => {
    const receivedOver = connection;
    return createAwaitedResponse(() => connection === receivedOver);
  });
  const { client } = receiver;
  client.on('connected', () => {
    isConnected = true;
    connection += 1;
    if (isStopped) void client.disconnect();
  });
  for (const event of ['disconnecting', 'disconnected', 'close']) {
    client.on(event, () => {
      if (isConnected) connection += 1;
      isConnected = false;
    });
  }
  client.on('disconnected', () => lost.resolve());

  /** Connects. Afterwards, `lost` is pending until that connection is lost. */
  const connect = async () => {
    lost = Promise.withResolvers<void>();
    const connecting = client.start();
    connecting.catch(() => {});
    if ((await settledWithin(connecting, CONNECT_WITHIN_MS)) !== undefined) return;
    client.disconnect().catch(() => {});
    throw new Error('Slack didn’t open a connection in time');
  };

  const keepConnected = async (onConnected: () => void) => {
    for (let failures = 0; !isStopped; ) {
      let lastedMs = 0;
      let error: unknown;
      try {
        await connect();
        const connectedAtMs = performance.now();
        onConnected();
        await lost.promise;
        lastedMs = performance.now() - connectedAtMs;
      } catch (cause) {
        error = toTokenRejection(cause, 'SLACK_APP_TOKEN');
        if (error instanceof SlackTokenRejectedError) throw error;
      }
      if (isStopped) return;
      failures = lastedMs < SHORTEST_CONNECTION_MS ? failures + 1 : 0;
      const retryInMs = pauseMs(failures, reconnectAfterMs, error);
      log.warn(
        { ...(error !== undefined && { err: error }), retryInMs },
        'Slack not connected, reconnecting',
      );
      await settledWithin(stopped.promise, retryInMs);
    }
  };

  return {
    receiver,
    isConnected: () => isConnected,
    start() {
      const first = Promise.withResolvers<void>();
      let hasConnected = false;
      const onConnected = () => {
        if (hasConnected) log.info({}, 'Slack reconnected');
        hasConnected = true;
        first.resolve();
      };
      keepConnected(onConnected).catch((error: SlackTokenRejectedError) => {
        if (hasConnected) onTokenRejected(error);
        else first.reject(error);
      });
      return first.promise;
    },
    stop() {
      isStopped = true;
      stopped.resolve();
      client.disconnect().catch(() => {});
    },
  };
}

function createReceiver(
  { appToken, apiUrl, outbound, logger }: SocketConnectionDependencies,
  awaitedNow: () => AwaitedResponse,
): SocketModeReceiver {
  // What the client reports about each attempt is logged once by the connection.
  const quietLogger = createSlackLogger(logger, { isQuiet: true });
  // Without its logger, the client uses the receiver's.
  const { logger: _, ...clientOptions } = webClientOptions({ fetch: outbound.fetch, apiUrl, logger });
  return new SocketModeReceiver({
    appToken: appToken.reveal(),
    dispatcher: outbound.dispatcher,
    autoReconnectEnabled: false,
    logger: quietLogger,
    installerOptions: { clientOptions },
    customPropertiesExtractor: () => ({ ...awaitedNow() }),
  });
}

/** Returns the pause before the next attempt: none after a connection that lasted, otherwise growing and spread at random. */
function pauseMs(failures: number, firstMs: number, error: unknown): number {
  if (failures === 0) return 0;
  const growing = Math.min(firstMs * 2 ** (failures - 1), LONGEST_PAUSE_MS);
  const asked = (rateLimitSeconds(error) ?? 0) * 1_000;
  return Math.max(Math.round(growing * (0.75 + Math.random() / 2)), asked);
}
