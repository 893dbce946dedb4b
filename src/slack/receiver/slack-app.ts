import type { IncomingMessage, ServerResponse } from 'node:http';
import { App, HTTPReceiver, type Receiver, SocketModeReceiver } from '@slack/bolt';
import type { Logger } from 'pino';
import type { Ports } from '../../application/ports/account-ports.ts';
import type { Sealer } from '../../domain/keys/sealed.ts';
import type { Secret } from '../../domain/keys/secret.ts';
import type { Outbound } from '../../net/outbound-fetch.ts';
import { createWorkInFlight, DEFAULT_TIMING, type EdgeTiming, type SlackEdge } from '../listeners/edge.ts';
import { listeners } from '../listeners/listeners.ts';
import { createSealedMetadata } from '../listeners/payloads.ts';
import { createReply } from '../web/reply.ts';
import {
  createSlackLogger,
  createWebClient,
  type SlackIdentity,
  socketClientOptions,
  webClientOptions,
} from '../web/web-client.ts';
import { registerListeners } from './register-listeners.ts';
import { createReplayGuard, createRequestGate, SIGNATURE_TOLERANCE_SECONDS } from './request-gate.ts';

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
  logger: Logger;
  timing?: Partial<EdgeTiming>;
}

export interface SlackApp {
  /** Takes Slack's requests at {@link SLACK_EVENTS_PATH}; undefined in Socket Mode. */
  requestListener: ((request: IncomingMessage, response: ServerResponse) => void) | undefined;
  /** False while Socket Mode has no connection, and once it is stopping. */
  isConnected(): boolean;
  start(): Promise<void>;
  /** Takes nothing new and waits for what runs; answers how much still did when the time was over. */
  stop(withinMs: number): Promise<number>;
}

/** Bolt with Keysmith's listeners, behind HTTP or Socket Mode. */
export async function createSlackApp(dependencies: SlackAppDependencies): Promise<SlackApp> {
  const { ports, identity, slack, metadataSealer, outbound, logger } = dependencies;
  const { fetch } = outbound;
  const { apiUrl, botToken } = slack;
  const work = createWorkInFlight();
  const web = createWebClient(botToken, { fetch, apiUrl, logger });
  const { receiver, requestListener, isConnected } = createReceiver(dependencies);
  let isStopping = false;
  const app = new App({
    receiver,
    // Who the app is was asked once at the start.
    authorize: async () => ({ botToken: botToken.reveal(), ...identity.bot }),
    clientOptions: webClientOptions({ fetch, apiUrl, logger }),
    logger: createSlackLogger(logger),
    convoStore: false,
    deferInitialization: true,
    extendedErrorHandler: true,
  });
  app.error(async ({ error }: { error: Error }) => {
    logger.error({ err: error }, 'an interaction failed in Bolt');
  });
  const edge: SlackEdge = {
    ports,
    web,
    reply: createReply({ fetch, apiUrl, web, logger }),
    metadata: createSealedMetadata(metadataSealer),
    apiUrl,
    work,
    timing: { ...DEFAULT_TIMING, ...dependencies.timing },
  };
  registerListeners(app, edge, listeners);
  await app.init();
  return {
    requestListener:
      requestListener &&
      ((request, response) => {
        if (!isStopping) return requestListener(request, response);
        response.writeHead(503, { connection: 'close', 'retry-after': '10' }).end();
      }),
    isConnected: () => isConnected() && !isStopping,
    // The HTTP receiver is mounted in the one HTTP server and starts with it.
    start: async () => void (slack.transport === 'socket' && (await app.start())),
    async stop(withinMs) {
      isStopping = true;
      // What has come in is still acknowledged over the socket that it came by.
      const left = await work.drained(withinMs);
      if (slack.transport === 'socket') await app.stop();
      return left;
    },
  };
}

function createReceiver({ slack, logger, ports, outbound }: SlackAppDependencies): {
  receiver: Receiver;
  requestListener: SlackApp['requestListener'];
  isConnected: SlackApp['isConnected'];
} {
  const slackLogger = createSlackLogger(logger);
  if (slack.transport === 'socket') {
    const clientOptions = socketClientOptions({
      fetch: outbound.fetch,
      apiUrl: slack.apiUrl,
      logger,
    });
    const receiver = new SocketModeReceiver({
      appToken: slack.appToken.reveal(),
      dispatcher: outbound.dispatcher,
      logger: slackLogger,
      installerOptions: { clientOptions },
    });
    let isConnected = false;
    receiver.client.on('connected', () => {
      isConnected = true;
    });
    for (const event of ['reconnecting', 'disconnecting', 'disconnected', 'close']) {
      receiver.client.on(event, () => {
        isConnected = false;
      });
    }
    return { receiver, requestListener: undefined, isConnected: () => isConnected };
  }
  const signingSecret = slack.signingSecret.reveal();
  const receiver = new HTTPReceiver({
    signingSecret,
    // The gate has checked it, in both directions of time.
    signatureVerification: false,
    endpoints: SLACK_EVENTS_PATH,
    logger: slackLogger,
  });
  const requestListener = createRequestGate({
    signingSecret,
    // A signature passes from five minutes before its time stamp to the end of the second five minutes after it.
    replays: createReplayGuard({
      keepMs: (2 * SIGNATURE_TOLERANCE_SECONDS + 1) * 1000,
      now: ports.now,
    }),
    now: ports.now,
    newRequestId: () => ports.newId('ks'),
    logger,
    next: receiver.requestListener,
  });
  return { receiver, requestListener, isConnected: () => true };
}
