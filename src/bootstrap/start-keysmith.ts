import { randomBytes as secureRandomBytes } from 'node:crypto';
import { createMetrics } from '../api/routes/metrics.ts';
import { createHttpServer } from '../api/server/http-server.ts';
import { createRefusalRecord } from '../application/accounts/refusal-record.ts';
import { createWritingRuns } from '../application/gateway/writing-runs.ts';
import type { Ports } from '../application/ports/account-ports.ts';
import type { Installation } from '../application/ports/slack.ts';
import type { Store } from '../application/ports/store.ts';
import { findGenuineKey } from '../application/reported-keys/genuine-key.ts';
import { drawBase62 } from '../domain/keys/base62.ts';
import { deriveKey } from '../domain/keys/sealed.ts';
import { settledWithin } from '../net/deadline.ts';
import { createOutbound } from '../net/outbound-fetch.ts';
import { SLACK_EVENTS_PATH, type SlackApp } from '../slack/receiver/slack-app.ts';
import { openSqliteStores } from '../store/sqlite-store.ts';
import { startBackgroundJobs } from './background-jobs.ts';
import { connectSlack, countOutcomes, type SlackConnection, startSlackApp } from './connect-slack.ts';
import type { KeysmithOptions } from './keysmith-options.ts';
import { type Authority, startAuthority } from './start-authority.ts';
import { type StartedBackend, startBackend } from './start-backend.ts';
import { storeTeamKeys } from './start-gateway.ts';

export interface Keysmith {
  /** Where HTTP listens, such as `http://127.0.0.1:3000`. */
  url: string;
  /** Runs the background jobs now, which otherwise run at intervals. */
  settle(): Promise<void>;
  /** Accepts no further work, drains what is running, then closes everything. Can be called more than once. */
  stop(): Promise<void>;
}

const SETTLE_EVERY_MS = 3_000;
const DRAIN_MS = 8_000;

/**
 * Wires Keysmith together and starts it. Resolves once it serves both workloads and Slack. If it throws, nothing is left
 * running.
 *
 * @throws DatabaseRefusedError, WrongSecretError, UnreadableSigningKeyError, OtherOrganizationError, OtherBackendError,
 *   OtherServerError, SlackTokenRejectedError, or the HTTP server's own error (`EADDRINUSE`)
 */
export async function startKeysmith(options: KeysmithOptions): Promise<Keysmith> {
  const resources = openResources(options);
  const { server, stores, outbound, runtime, late, closeAll } = resources;
  try {
    const started = await startBackend({ ...options, ...runtime, stores });
    late.store = started.store;
    await storeTeamKeys(options.teamKeys ?? [], { ...options, ...runtime, store: started.store });
    late.authority = await startAuthorityIfUsed(options, resources, started);
    late.publicUrl = options.backend.kind === 'wandb' ? options.backend.baseUrl : options.publicUrl;
    const url = await server.listen(options.http);
    late.publicUrl ??= url;
    // Workloads are served from here on, even while Slack is unreachable.
    options.onListening?.({ stop: closeAll });
    const { slack, secret, timing, deliveryTimeoutMs, onFatal = () => {}, logger } = options;
    const connection = await connectSlack({
      slack,
      outbound,
      setup: {
        publicUrl: late.publicUrl,
        organizationName: options.organization.name,
        runAccess: started.runAccess,
        teamPage: started.backend.teamPage,
      },
      deliveryTimeoutMs,
      callTimeoutMs: options.slackCallTimeoutMs,
      monotonicMs: runtime.monotonicMs,
      logger,
    });
    const ports = createPorts(options, resources, started, connection);
    late.installation = ports.installation;
    if (options.auditHeads !== undefined) await ports.store.startAuditHeads(ports.now());
    late.slackApp = await startSlackApp({
      slack,
      ports,
      identity: connection.identity,
      outbound,
      secret,
      timing,
      onTokenRejected: onFatal,
      logger,
    });
    return run({
      ports,
      late,
      slackApp: late.slackApp,
      url,
      closeAll,
      jobs: { everyMs: options.settleEveryMs ?? SETTLE_EVERY_MS, count: resources.metrics.job },
    });
  } catch (error) {
    await closeAll();
    throw error;
  }
}

/** What the HTTP server and the metrics read, but the start only learns later. */
interface LateBindings {
  store?: Store;
  authority?: Authority | undefined;
  publicUrl?: string | undefined;
  slackApp?: SlackApp;
  installation?: Installation;
  wakeJobs?: () => void;
}

/** Opens the database and creates the HTTP server, which doesn't listen yet. `closeAll` closes all of it. */
function openResources(options: KeysmithOptions) {
  const { logger, now = Date.now, monotonicMs = () => performance.now() } = options;
  const randomBytes = options.randomBytes ?? secureRandomBytes;
  const newId = (prefix: string) => `${prefix}_${drawBase62(14, randomBytes)}`;
  const auditKey = deriveKey(options.secret.reveal(), 'audit');
  const { databaseFile: file, mode, databaseBusyTimeoutMs: busyTimeoutMs, keepsDiskReserve } = options;
  const stores = openSqliteStores({
    file,
    mode,
    auditKey,
    newId,
    logger,
    keepsReserve: keepsDiskReserve ?? true,
    ...(busyTimeoutMs !== undefined && { busyTimeoutMs }),
  });
  const outboundRules = { noProxy: options.noProxy, isLoopbackOnly: mode === 'sandbox' };
  const outbound = createOutbound(outboundRules);
  const late: LateBindings = {};
  const metrics = createMetrics({
    readQueueLengths: async () => late.store?.queueLengths(),
    usesWaiting: () => late.authority?.usesWaiting() ?? 0,
    ...(options.droppedLogLines && { droppedLogLines: options.droppedLogLines }),
    hasGateway: options.gateway !== undefined,
    ofProcess: options.collectProcessMetrics ?? false,
  });
  const server = createHttpServer({
    slack:
      options.slack.transport === 'http'
        ? { path: SLACK_EVENTS_PATH, listener: () => late.slackApp?.requestListener }
        : undefined,
    isReady: async () => {
      if (!late.slackApp?.isConnected()) throw new Error('Slack is not connected.');
      await checkInstallation(late.installation);
      await stores.ping();
    },
    logger,
    trustedProxies: options.trustedProxies ?? [],
    keepAliveSeconds: options.keepAliveSeconds,
    observe: metrics.observe,
    register: async (scope) => {
      metrics.addRoute(scope);
      await late.authority?.addRoutes(scope);
    },
  });
  const closeAll = async () => {
    try {
      await server.close();
    } finally {
      // After the server: this writes the credential uses of the last requests.
      await late.authority?.stop();
      await outbound.close();
      await stores.close();
    }
  };
  const runtime = { now, monotonicMs, newId, randomBytes, fetch: outbound.fetch };
  const writingRuns = options.gateway && createWritingRuns(runtime);
  return { stores, outbound, outboundRules, server, metrics, late, closeAll, runtime, writingRuns };
}

type Resources = ReturnType<typeof openResources>;

async function startAuthorityIfUsed(
  options: KeysmithOptions,
  { runtime, outboundRules, late, metrics, writingRuns }: Resources,
  { store, peppers }: StartedBackend,
): Promise<Authority | undefined> {
  const { authority, backend, organization } = options;
  if (authority === undefined || backend.kind === 'wandb') return undefined;
  return startAuthority({
    ...options,
    ...runtime,
    authority,
    store,
    organizationName: organization.name,
    teams: organization.teams,
    peppers: peppers.byVersion,
    publicUrl: () => late.publicUrl ?? '',
    counts: metrics.counts,
    writingRuns,
    outboundRules,
    gatewayCounts: metrics.gateway,
  });
}

function createPorts(
  { organization, logger, refusalWindowMs, auditHeads }: KeysmithOptions,
  { runtime, metrics, writingRuns, late }: Resources,
  { backend, store, peppers, runAccess }: StartedBackend,
  { ports }: SlackConnection,
): Ports {
  return {
    store,
    backend,
    organization: { name: organization.name },
    workloadUrl: late.publicUrl ?? '',
    ...runtime,
    logger,
    refusals: createRefusalRecord({
      ...runtime,
      store,
      organization: { name: organization.name },
      windowMs: refusalWindowMs,
      logger,
    }),
    findGenuineKey: (parts) => findGenuineKey({ store, peppers: peppers.byVersion }, parts),
    writingRuns,
    auditChannel: auditHeads?.channel,
    assertionRules: late.authority?.assertionRules,
    runAccess,
    wakeJobs: () => late.wakeJobs?.(),
    flushUses: async () => late.authority?.flushUses(),
    ...ports,
    delivery: countOutcomes(ports.delivery, metrics.delivery),
  };
}

/** Notices when the app works again, although no message had to be sent. */
async function checkInstallation(installation: Installation | undefined): Promise<void> {
  if (!installation?.isUninstalled()) return;
  if (!installation.isPaused()) await installation.check();
  if (installation.isUninstalled()) throw new Error('The Slack app was uninstalled.');
}

function run(running: {
  ports: Ports;
  late: LateBindings;
  slackApp: SlackApp;
  url: string;
  closeAll: () => Promise<void>;
  jobs: Parameters<typeof startBackgroundJobs>[1];
}): Keysmith {
  const { ports, slackApp, url, closeAll } = running;
  const jobs = startBackgroundJobs(ports, running.jobs);
  running.late.wakeJobs = jobs.wake;
  const stop = async () => {
    const [unfinished] = await Promise.all([slackApp.stop(DRAIN_MS), settledWithin(jobs.stop(), DRAIN_MS)]);
    // The next start settles their deliveries.
    if (unfinished > 0) ports.logger.warn({ unfinished }, 'stopped with requests still running');
    await ports.refusals.stop();
    await closeAll();
  };
  let stopped: Promise<void> | undefined;
  return {
    url,
    settle: jobs.now,
    stop: () => {
      stopped ??= stop();
      return stopped;
    },
  };
}
