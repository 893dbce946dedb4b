import { createSecretKey } from 'node:crypto';
import { App, HTTPReceiver, type Receiver } from '@slack/bolt';
import { LRUCache } from 'lru-cache';
import type { Logger } from 'pino';
import type { Ports } from '../../application/ports/account-ports.ts';
import type { Sealer } from '../../domain/keys/sealed.ts';
import type { Secret } from '../../domain/keys/secret.ts';
import type { Outbound } from '../../net/outbound-fetch.ts';
import { createHomePublisher, publishHome } from '../listeners/home/publish-home.ts';
import {
  createWorkInFlight,
  DEFAULT_TIMING,
  type ListenerContext,
  type ListenerTiming,
} from '../listeners/listener-context.ts';
import { listeners } from '../listeners/listeners.ts';
import { createFormMetadataSealer } from '../listeners/views/form-metadata.ts';
import { createReply } from '../web/reply.ts';
import type { SlackTokenRejectedError } from '../web/token-rejection.ts';
import {
  createSlackLogger,
  createWebClient,
  type SlackIdentity,
  webClientOptions,
} from '../web/web-client.ts';
import { createAwaitedResponse } from './acknowledge.ts';
import { registerListeners } from './register-listeners.ts';
import { createRequestGate, type RequestGate } from './request-gate.ts';
import { createReplayGuard, SIGNATURE_TOLERANCE_SECONDS } from './request-signature.ts';
import { createSocketConnection } from './socket-connection.ts';

export const SLACK_EVENTS_PATH = '/slack/events';

export type SlackTransport =
  | { transport: 'http'; signingSecret: Secret }
  | { transport: 'socket'; appToken: Secret };

export interface SlackAppDependencies {
  ports: Ports;
  identity: SlackIdentity;
  slack: { botToken: Secret; apiUrl: string } & SlackTransport;
  metadataSealer: Sealer;
  outbound: Outbound;
  /** Called when Slack rejects the app-level token after the start. */
  onTokenRejected?: (error: SlackTokenRejectedError) => void;
  logger: Logger;
  timing?: Partial<ListenerTiming>;
}

export interface SlackApp {
  /** Handles Slack's requests at {@link SLACK_EVENTS_PATH}; undefined in Socket Mode. */
  requestListener: RequestGate | undefined;
  /** False while Socket Mode has no connection, and while the app stops. */
  isConnected(): boolean;
  start(): Promise<void>;
  /** Accepts no new requests and waits for running ones, at most for this time. Returns how many are still running. */
  stop(withinMs: number): Promise<number>;
}

/** Creates the Bolt app with Keysmith's listeners, over HTTP or Socket Mode. */
export async function createSlackApp(dependencies: SlackAppDependencies): Promise<SlackApp> {
  const { ports, slack, metadataSealer, outbound, logger } = dependencies;
  const { fetch } = outbound;
  const { apiUrl, botToken } = slack;
  const work = createWorkInFlight();
  const web = createWebClient(botToken, { fetch, apiUrl, logger });
  const { receiver, requestListener, isConnected, start, stop } = createReceiver(dependencies);
  let isStopping = false;
  const app = createBoltApp(dependencies, receiver);
  const context: ListenerContext = {
    ports,
    web,
    homes: createHomePublisher({
      publish: (slackUserId) => publishHome({ ports, web }, slackUserId),
      hasOpened: (slackUserId) => ports.store.hasOpenedHome(slackUserId),
      onError: (error) => logger.warn({ err: error }, 'Home tab not published'),
    }),
    reply: createReply({ fetch, apiUrl, web, logger }),
    metadata: createFormMetadataSealer(metadataSealer),
    warnedIdentities: new LRUCache({ max: 1_000 }),
    apiUrl,
    work,
    timing: { ...DEFAULT_TIMING, ...dependencies.timing },
  };
  registerListeners(app, context, listeners);
  await app.init();
  return {
    requestListener:
      requestListener &&
      ((request, response, reception) => {
        if (!isStopping) return requestListener(request, response, reception);
        response.writeHead(503, { connection: 'close', 'retry-after': '10' }).end();
      }),
    isConnected: () => isConnected() && !isStopping,
    // The HTTP receiver is mounted in Keysmith's own HTTP server and starts with it.
    start,
    async stop(withinMs) {
      isStopping = true;
      // Running work still needs the socket to acknowledge its requests.
      const left = await work.drain(withinMs);
      stop();
      return left;
    },
  };
}

function createBoltApp({ identity, slack, outbound, logger }: SlackAppDependencies, receiver: Receiver): App {
  const app = new App({
    receiver,
    // The identity was read once at the start.
    authorize: async () => ({ botToken: slack.botToken.reveal(), ...identity.bot }),
    clientOptions: webClientOptions({ fetch: outbound.fetch, apiUrl: slack.apiUrl, logger }),
    logger: createSlackLogger(logger),
    convoStore: false,
    deferInitialization: true,
    extendedErrorHandler: true,
  });
  app.error(async ({ error }: { error: Error }) => {
    logger.error({ err: error }, 'interaction failed in Bolt');
  });
  return app;
}

type ConnectedReceiver = Pick<SlackApp, 'requestListener' | 'isConnected' | 'start'> & {
  receiver: Receiver;
  stop(): void;
};

function createReceiver(dependencies: SlackAppDependencies): ConnectedReceiver {
  const { slack, onTokenRejected = () => {}, timing } = dependencies;
  if (slack.transport === 'http') return createHttpReceiver(dependencies, slack.signingSecret.reveal());
  const { reconnectAfterMs } = { ...DEFAULT_TIMING, ...timing };
  const connection = createSocketConnection({ ...dependencies, ...slack, reconnectAfterMs, onTokenRejected });
  return { requestListener: undefined, ...connection };
}

function createHttpReceiver(
  { ports, logger }: SlackAppDependencies,
  signingSecret: string,
): ConnectedReceiver {
  const receiver = new HTTPReceiver({
    signingSecret,
    // The request gate has verified it.
    signatureVerification: false,
    endpoints: SLACK_EVENTS_PATH,
    logger: createSlackLogger(logger),
    customPropertiesExtractor: ({ socket }) => ({ ...createAwaitedResponse(() => !socket.destroyed) }),
  });
  const requestListener = createRequestGate({
    signingSecret: createSecretKey(signingSecret, 'utf8'),
    // A signature is valid for five minutes before and after its timestamp, each counted in whole seconds.
    replays: createReplayGuard({
      keepMs: (2 * SIGNATURE_TOLERANCE_SECONDS + 1) * 1000,
      monotonicMs: ports.monotonicMs,
    }),
    now: ports.now,
    newRequestId: () => ports.newId('ks'),
    logger,
    next: receiver.requestListener,
  });
  return { receiver, requestListener, isConnected: () => true, start: async () => {}, stop: () => {} };
}
