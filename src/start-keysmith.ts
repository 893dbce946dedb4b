import { randomBytes as secureRandomBytes } from 'node:crypto';
import type { Logger } from 'pino';
import { createHttpServer } from './api/http-server.ts';
import type { Ports } from './application/ports.ts';
import { createRefusalCount } from './application/refusal-count.ts';
import { drawBase62 } from './domain/base62.ts';
import { deriveKey } from './domain/derived-key.ts';
import { createSealer } from './domain/sealed.ts';
import type { Secret } from './domain/secret.ts';
import { createOutbound, type Outbound } from './net/outbound-fetch.ts';
import { createDelivery } from './slack/delivery.ts';
import { createDirectory } from './slack/directory.ts';
import type { EdgeTiming } from './slack/edge.ts';
import { createNotices } from './slack/notices.ts';
import { settledWithin } from './slack/settled-within.ts';
import { createSlackApp, SLACK_EVENTS_PATH, type SlackApp, type SlackTransport } from './slack/slack-app.ts';
import {
  readSlackIdentity,
  type SlackIdentity,
  SlackTokenRefusedError,
  toTokenRefusal,
} from './slack/slack-identity.ts';
import { createWebClient } from './slack/web-client.ts';
import { type BackendOptions, type StartBackendOptions, startBackend } from './start-backend.ts';
import { startSweeps } from './start-sweeps.ts';
import { openSqliteStore } from './store/open-sqlite-store.ts';

export interface KeysmithOptions {
  mode: 'sandbox' | 'live';
  http: { host: string; port: number };
  /** Absolute, or `:memory:`. */
  databaseFile: string;
  secret: Secret<Uint8Array>;
  backend: BackendOptions;
  /** How workloads reach the API; `undefined`: where it listens. With a W&B server they talk to that one instead. */
  publicUrl: string | undefined;
  organization: StartBackendOptions['organization'];
  slack: { botToken: Secret; apiUrl: string } & SlackTransport;
  noProxy: string | undefined;
  logger: Logger;
  now?: () => number;
  randomBytes?: (size: number) => Uint8Array;
  timing?: Partial<EdgeTiming>;
  /** How long Slack may take to accept a message with a credential. */
  deliveryTimeoutMs?: number;
  settleEveryMs?: number;
}

export interface Keysmith {
  /** Where HTTP listens: `http://127.0.0.1:3000`. */
  url: string;
  /** Settles lapsed deliveries and open operations now; it also happens by itself. */
  settle(): Promise<void>;
  /** Takes nothing new, waits for what runs, closes. A second call waits for the first. */
  stop(): Promise<void>;
}

const SETTLE_EVERY_MS = 15_000;
const DRAIN_MS = 8_000;

/**
 * Wires Keysmith together and runs it. Resolves when it serves.
 *
 * @throws DatabaseRefusedError, WrongSecretError, OtherOrganizationError, OtherBackendError, OtherServerError,
 *   SlackTokenRefusedError, or the server's own error (`EADDRINUSE`); nothing keeps running then
 */
export async function startKeysmith(options: KeysmithOptions): Promise<Keysmith> {
  const { logger, now = Date.now } = options;
  const randomBytes = options.randomBytes ?? secureRandomBytes;
  const newId = (prefix: string) => `${prefix}_${drawBase62(14, randomBytes)}`;
  const secret = options.secret.reveal();
  const store = openSqliteStore({
    file: options.databaseFile,
    mode: options.mode,
    auditKey: deriveKey(secret, 'audit'),
    newId,
    logger,
  });
  const outbound = createOutbound({ noProxy: options.noProxy });
  let slackApp: SlackApp | undefined;
  const server = createHttpServer({
    slack: {
      path: SLACK_EVENTS_PATH,
      listener: () => slackApp?.requestListener,
    },
    isReady: async () => {
      if (!slackApp?.isConnected()) throw new Error('Slack is not connected.');
      await store.ping();
    },
    logger,
  });
  const closeAll = async () => {
    await server.close();
    await outbound.close();
    await store.close();
  };
  try {
    const world = { now, newId, randomBytes, fetch: outbound.fetch };
    const { backend, organization } = await startBackend({ ...options, ...world, store });
    const url = await server.listen(options.http);
    const publicUrl = options.backend.kind === 'wandb' ? options.backend.baseUrl : (options.publicUrl ?? url);
    const web = createWebClient(options.slack.botToken, {
      ...options.slack,
      fetch: outbound.fetch,
      logger,
    });
    const identity = await identityOnceReachable(() => readSlackIdentity(web), logger);
    const named = { publicUrl, organizationName: organization.name };
    const ports: Ports = {
      store,
      backend,
      organization,
      now,
      newId,
      logger,
      unrecordedRefusals: createRefusalCount(),
      directory: createDirectory({ web, workspace: identity.workspace, now }),
      delivery: createDelivery({
        ...options.slack,
        ...named,
        fetch: outbound.fetch,
        ...(options.deliveryTimeoutMs !== undefined && { timeoutMs: options.deliveryTimeoutMs }),
      }),
      notices: createNotices({ web, logger, ...named }),
    };
    slackApp = await startSlackApp(options, { ports, identity, outbound });
    return run({
      ports,
      slackApp,
      url,
      closeAll,
      settleEveryMs: options.settleEveryMs ?? SETTLE_EVERY_MS,
    });
  } catch (error) {
    await closeAll();
    throw error;
  }
}

async function startSlackApp(
  { slack, secret, logger, timing }: KeysmithOptions,
  connected: { ports: Ports; identity: SlackIdentity; outbound: Outbound },
): Promise<SlackApp> {
  const metadataSealer = createSealer(deriveKey(secret.reveal(), 'view-metadata'), 'view-1');
  const slackApp = await createSlackApp({
    ...connected,
    slack,
    logger,
    metadataSealer,
    ...(timing && { timing }),
  });
  try {
    await slackApp.start();
  } catch (error) {
    throw toTokenRefusal(error, 'SLACK_APP_TOKEN');
  }
  return slackApp;
}

/** Slack may be down when Keysmith starts: it waits, and says so, instead of ending. */
async function identityOnceReachable(
  read: () => Promise<SlackIdentity>,
  logger: Logger,
): Promise<SlackIdentity> {
  for (let pauseMs = 1_000; ; pauseMs = Math.min(2 * pauseMs, 30_000)) {
    try {
      return await read();
    } catch (error) {
      if (error instanceof SlackTokenRefusedError) throw error;
      logger.error({ err: error, retryInMs: pauseMs }, 'Slack can not be reached; trying again');
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
  }
}

function run(running: {
  ports: Ports;
  slackApp: SlackApp;
  url: string;
  closeAll: () => Promise<void>;
  settleEveryMs: number;
}): Keysmith {
  const { ports, slackApp, url, closeAll, settleEveryMs } = running;
  const sweeps = startSweeps(ports, settleEveryMs);
  let stopped: Promise<void> | undefined;
  const stop = async () => {
    const [left] = await Promise.all([slackApp.stop(DRAIN_MS), settledWithin(sweeps.stop(), DRAIN_MS)]);
    if (left > 0)
      ports.logger.warn({ left }, 'work was still running; the next start settles its deliveries');
    await closeAll();
  };
  return {
    url,
    settle: sweeps.now,
    stop: () => {
      stopped ??= stop();
      return stopped;
    },
  };
}
