import { randomBytes as secureRandomBytes } from 'node:crypto';
import type { Logger } from 'pino';
import { createHttpServer } from './api/http-server.ts';
import type { DesiredOrganization, Store } from './application/ports/store.ts';
import type { Ports } from './application/ports.ts';
import { createRefusalCount } from './application/refusal-count.ts';
import { settleDeliveries } from './application/settle-deliveries.ts';
import { tellCollections } from './application/tell-collections.ts';
import { createBuiltinBackend } from './backends/builtin/builtin-backend.ts';
import { openPeppers } from './backends/builtin/peppers.ts';
import { drawBase62 } from './domain/base62.ts';
import { deriveKey } from './domain/derived-key.ts';
import { createSealer } from './domain/sealed.ts';
import type { Secret } from './domain/secret.ts';
import { createOutbound, type Outbound } from './net/outbound-fetch.ts';
import { startRepeating } from './repeating.ts';
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
import { openSqliteStore } from './store/open-sqlite-store.ts';

export interface KeysmithOptions {
  mode: 'sandbox' | 'live';
  http: { host: string; port: number };
  /** Absolute, or `:memory:`. */
  databaseFile: string;
  secret: Secret<Uint8Array>;
  /** How workloads reach the API; `undefined`: where it listens. */
  publicUrl: string | undefined;
  organization: DesiredOrganization & { name: string };
  slack: { botToken: Secret; apiUrl: string } & SlackTransport;
  noProxy: string | undefined;
  logger: Logger;
  now?: () => number;
  randomBytes?: (size: number) => Uint8Array;
  timing?: EdgeTiming;
  /** How long Slack may take to accept a message with a credential. */
  deliveryTimeoutMs?: number;
  settleEveryMs?: number;
}

export interface Keysmith {
  /** Where HTTP listens: `http://127.0.0.1:3000`. */
  url: string;
  /** Settles lapsed deliveries now; it also happens by itself. */
  settle(): Promise<void>;
  /** Takes nothing new, waits for what runs, closes. A second call waits for the first. */
  stop(): Promise<void>;
}

/** The database belongs to another organization than the settings name. */
export class OtherOrganizationError extends Error {
  override name = 'OtherOrganizationError';

  constructor() {
    super(
      'The database belongs to another organization than the settings name. Mend KEYSMITH_ORGANIZATION (or the name in the teams file), or point DATABASE_URL at another file.',
    );
  }
}

const SETTLE_EVERY_MS = 15_000;
const DRAIN_MS = 8_000;

/**
 * Wires Keysmith together and runs it. Resolves when it serves.
 *
 * @throws DatabaseRefusedError, WrongSecretError, OtherOrganizationError, SlackTokenRefusedError, or the server's own error
 *   (`EADDRINUSE`); nothing keeps running then
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
    const world = { now, newId, randomBytes };
    const { backend, organization } = await openOrganization(options, store, world);
    const url = await server.listen(options.http);
    const publicUrl = options.publicUrl ?? url;
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

/** Opens what the organization is made of. The secret is tried first: under a wrong one nothing is written. */
async function openOrganization(
  { organization, secret }: KeysmithOptions,
  store: Store,
  world: {
    now: () => number;
    newId: (prefix: string) => string;
    randomBytes: (size: number) => Uint8Array;
  },
) {
  const known = await store.organizationName();
  if (known !== undefined && known !== organization.name) throw new OtherOrganizationError();
  const nowMs = world.now();
  const organizationId = await store.openOrganization(organization.name, nowMs);
  const sealer = createSealer(deriveKey(secret.reveal(), 'pepper'), 'pepper-1');
  const { randomBytes } = world;
  const peppers = await openPeppers({
    store,
    organizationId,
    sealer,
    randomBytes,
    nowMs,
  });
  await store.applyOrganization(organizationId, organization, nowMs);
  const backend = createBuiltinBackend({
    store,
    organizationId,
    peppers,
    ...world,
  });
  return {
    backend,
    organization: { id: organizationId, name: organization.name },
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
  const onError = (error: unknown) => ports.logger.error({ err: error }, 'deliveries could not be settled');
  const telling = startRepeating(
    async () => {
      const told = await tellCollections(ports);
      if (told > 0) ports.logger.info({ told }, 'people told of keys to collect');
    },
    { everyMs: settleEveryMs, onError },
  );
  const settling = startRepeating(
    async () => {
      const settled = await settleDeliveries(ports);
      if (settled === 0) return;
      ports.logger.info({ settled }, 'deliveries settled');
      void telling.now();
    },
    { everyMs: settleEveryMs, onError },
  );
  let stopped: Promise<void> | undefined;
  const stop = async () => {
    const sweeps = settledWithin(Promise.all([settling.stop(), telling.stop()]), DRAIN_MS);
    const [left] = await Promise.all([slackApp.stop(DRAIN_MS), sweeps]);
    if (left > 0)
      ports.logger.warn({ left }, 'work was still running; the next start settles its deliveries');
    await closeAll();
  };
  return {
    url,
    async settle() {
      await settling.now();
      await telling.now();
    },
    stop: () => {
      stopped ??= stop();
      return stopped;
    },
  };
}
