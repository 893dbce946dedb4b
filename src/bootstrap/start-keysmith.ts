import { randomBytes as secureRandomBytes } from 'node:crypto';
import type { Logger } from 'pino';
import { createMetrics } from '../api/routes/metrics.ts';
import { createHttpServer } from '../api/server/http-server.ts';
import { createRefusalCount, type Ports } from '../application/ports/account-ports.ts';
import type { Delivery, DeliveryAttempt } from '../application/ports/slack.ts';
import type { AuthorityConfig } from '../config/configuration.ts';
import { drawBase62 } from '../domain/keys/base62.ts';
import { createSealer, deriveKey } from '../domain/keys/sealed.ts';
import type { Secret } from '../domain/keys/secret.ts';
import { settledWithin } from '../net/deadline.ts';
import { createOutbound, type Outbound } from '../net/outbound-fetch.ts';
import type { EdgeTiming } from '../slack/listeners/edge.ts';
import {
  createSlackApp,
  SLACK_EVENTS_PATH,
  type SlackApp,
  type SlackTransport,
} from '../slack/receiver/slack-app.ts';
import { createDelivery, createNotices } from '../slack/web/delivery.ts';
import { createDirectory } from '../slack/web/directory.ts';
import {
  createWebClient,
  readSlackIdentity,
  type SlackIdentity,
  SlackTokenRefusedError,
  toTokenRefusal,
} from '../slack/web/web-client.ts';
import { openSqliteStore } from '../store/sqlite-store.ts';
import { startSweeps } from './background-jobs.ts';
import { type Authority, startAuthority } from './start-authority.ts';
import {
  type BackendOptions,
  type StartBackendOptions,
  type StartedBackend,
  startBackend,
} from './start-backend.ts';

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
  /** Undefined: Keysmith does not check what it handed out. With a W&B server, that one does. */
  authority?: AuthorityConfig | undefined;
  trustedProxies?: readonly string[];
  slack: { botToken: Secret; apiUrl: string } & SlackTransport;
  noProxy: string | undefined;
  logger: Logger;
  now?: () => number;
  randomBytes?: (size: number) => Uint8Array;
  timing?: Partial<EdgeTiming>;
  /** How long Slack may take to accept a message with a credential. */
  deliveryTimeoutMs?: number;
  settleEveryMs?: number;
  /** Called when it serves workloads: until it has started, this is how to stop it. */
  onListening?: (running: { stop(): Promise<void> }) => void;
  /** Whether the metrics have those of the process as well: of one Keysmith in it. */
  countsProcess?: boolean;
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
 * @throws DatabaseRefusedError, WrongSecretError, UnreadableSigningKeyError, OtherOrganizationError, OtherBackendError,
 *   OtherServerError, SlackTokenRefusedError, or the server's own error (`EADDRINUSE`); nothing keeps running then
 */
export async function startKeysmith(options: KeysmithOptions): Promise<Keysmith> {
  const opened = openResources(options);
  const { server, store, outbound, world, late } = opened;
  try {
    const { backend, organization, peppers } = await startBackend({ ...options, ...world, store });
    late.organizationId = organization.id;
    late.authority = await startAuthorityIn(options, opened, { organization, peppers });
    late.publicUrl = options.backend.kind === 'wandb' ? options.backend.baseUrl : options.publicUrl;
    const url = await server.listen(options.http);
    late.publicUrl ??= url;
    // Slack may be waited for, while workloads are served.
    options.onListening?.({ stop: opened.closeAll });
    const { ports, identity } = await connectPorts(options, opened, { backend, organization });
    late.slackApp = await startSlackApp(options, { ports, identity, outbound });
    return run({
      ports,
      slackApp: late.slackApp,
      url,
      closeAll: opened.closeAll,
      settleEveryMs: options.settleEveryMs ?? SETTLE_EVERY_MS,
    });
  } catch (error) {
    await opened.closeAll();
    throw error;
  }
}

/** What the HTTP server asks for and is known only later. */
interface Late {
  organizationId?: string;
  authority?: Authority | undefined;
  publicUrl?: string | undefined;
  slackApp?: SlackApp;
}

/** The database, the HTTP server that does not listen yet, and the way out. */
function openResources(options: KeysmithOptions) {
  const { logger, now = Date.now } = options;
  const randomBytes = options.randomBytes ?? secureRandomBytes;
  const newId = (prefix: string) => `${prefix}_${drawBase62(14, randomBytes)}`;
  const auditKey = deriveKey(options.secret.reveal(), 'audit');
  const store = openSqliteStore({ file: options.databaseFile, mode: options.mode, auditKey, newId, logger });
  const outbound = createOutbound({ noProxy: options.noProxy });
  const late: Late = {};
  const metrics = createMetrics({
    readQueueLengths: () => store.queueLengths(late.organizationId ?? ''),
    usesWaiting: () => late.authority?.usesWaiting() ?? 0,
    ofProcess: options.countsProcess ?? false,
  });
  const server = createHttpServer({
    slack:
      options.slack.transport === 'http'
        ? { path: SLACK_EVENTS_PATH, listener: () => late.slackApp?.requestListener }
        : undefined,
    isReady: async () => {
      if (!late.slackApp?.isConnected()) throw new Error('Slack is not connected.');
      await store.ping();
    },
    logger,
    trustedProxies: options.trustedProxies ?? [],
    observe: metrics.observe,
    register: (scope) => {
      metrics.addRoute(scope);
      late.authority?.addRoutes(scope);
    },
  });
  const closeAll = async () => {
    try {
      await server.close();
    } finally {
      // What the last requests used.
      await late.authority?.stop();
      await outbound.close();
      await store.close();
    }
  };
  const world = { now, newId, randomBytes, fetch: outbound.fetch };
  return { store, outbound, server, metrics, late, closeAll, world };
}

type Opened = ReturnType<typeof openResources>;

/** A W&B server checks its credentials itself. */
async function startAuthorityIn(
  { authority, backend, secret, noProxy, logger }: KeysmithOptions,
  { store, world, late, metrics }: Opened,
  { organization, peppers }: Pick<StartedBackend, 'organization' | 'peppers'>,
): Promise<Authority | undefined> {
  if (authority === undefined || backend.kind === 'wandb') return undefined;
  return startAuthority({
    ...world,
    authority,
    store,
    organization,
    peppers: peppers.byVersion,
    secret,
    publicUrl: () => late.publicUrl ?? '',
    counts: metrics.counts,
    noProxy,
    logger,
  });
}

async function connectPorts(
  options: KeysmithOptions,
  { store, outbound, world, late, metrics }: Opened,
  { backend, organization }: Pick<StartedBackend, 'backend' | 'organization'>,
): Promise<{ ports: Ports; identity: SlackIdentity }> {
  const { logger, deliveryTimeoutMs } = options;
  const web = createWebClient(options.slack.botToken, { ...options.slack, fetch: outbound.fetch, logger });
  const identity = await identityOnceReachable(() => readSlackIdentity(web), logger);
  const named = { publicUrl: late.publicUrl ?? '', organizationName: organization.name };
  const delivery = createDelivery({
    ...options.slack,
    ...named,
    fetch: outbound.fetch,
    ...(deliveryTimeoutMs !== undefined && { timeoutMs: deliveryTimeoutMs }),
  });
  const ports: Ports = {
    store,
    backend,
    organization,
    now: world.now,
    newId: world.newId,
    logger,
    unrecordedRefusals: createRefusalCount(),
    directory: createDirectory({ web, workspace: identity.workspace, now: world.now }),
    delivery: countedDelivery(delivery, metrics.delivery),
    notices: createNotices({ web, logger, ...named }),
  };
  return { ports, identity };
}

function countedDelivery(delivery: Delivery, count: (outcome: DeliveryAttempt['outcome']) => void): Delivery {
  return {
    ...delivery,
    async deliverKey(issued, route) {
      const attempt = await delivery.deliverKey(issued, route);
      count(attempt.outcome);
      return attempt;
    },
  };
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
