import { randomBytes } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import type { FastifyInstance } from 'fastify';
import {
  assertStartAllowed,
  createTextServer,
  listeningPort,
  stopOnce,
  urlHost,
} from '../http/local-server.ts';
import { createPageGuard, type PageGuard, pageHeaders } from '../http/page-guard.ts';
import { addPageApi } from './page-server/page-api.ts';
import { createPageAssets, type PageAssets } from './page-server/page-assets.ts';
import { addPanelApi } from './page-server/panel-api.ts';
import { addRunsApi } from './page-server/runs-api.ts';
import { createPersonActions } from './people/person-actions.ts';
import { createWorkspaceAdmin } from './people/workspace-admin.ts';
import type { DemoRuns } from './protocol/demo-runs.ts';
import { createFailures, type OtherFailures } from './protocol/failures.ts';
import type { OfferedRuns } from './protocol/runs-protocol.ts';
import { createAppRequests } from './to-app/app-requests.ts';
import { createEventSender } from './to-app/events.ts';
import { createSocketMode } from './to-app/socket-mode.ts';
import { createSecretMask } from './traffic/mask-secrets.ts';
import { createSignal, createTraffic } from './traffic/traffic.ts';
import { addSlackRoutes } from './web-api/slack-routes.ts';
import { createSlackState, type InstalledApp } from './workspace/slack-state.ts';
import { acmeWorkspace, type WorkspaceSeed } from './workspace/workspace-seed.ts';

export interface LocalSlackOptions {
  /** Loopback only; default 127.0.0.1. */
  host?: string;
  /** Default 0: any free port. */
  port?: number;
  /** Default: Acme. */
  workspace?: WorkspaceSeed;
  app: InstalledApp;
  /** The URL for commands, interactions and options requests. Without it they go over the app's socket, if one is open. */
  requestUrl?: string;
  /** Resolves when the app has started. Until then people can look around, and their actions wait. */
  appStarts?: Promise<unknown>;
  /** Milliseconds since the epoch, for signatures and the expiry of triggers and response URLs. */
  now?: () => number;
  /** Milliseconds, for the expiry of triggers where `now` runs too fast for the app. Default: `now`. */
  triggerClock?: () => number;
  /** Default 3000. */
  acknowledgeWithinMs?: number;
  /** The delay before each retry of an event; default none, 1 minute and 5 minutes. */
  eventRetriesAfterMs?: readonly number[];
  /** The shapes of the app's secrets, which the developers' panel masks in addition to Slack's own. */
  secretPatterns?: RegExp[];
  /** Shows the W&B tab from the start, although its runs are offered later. */
  showsWandb?: boolean;
  /** The directory of the page's files; default `page/` in the sandbox. */
  pageDirectory?: string;
}

export interface LocalSlack {
  /** The page: `http://127.0.0.1:1234`. */
  url: string;
  /** For `SLACK_API_URL`: `http://127.0.0.1:1234/api/`. */
  apiUrl: string;
  sendRequestsTo(requestUrl: string | undefined): void;
  /** Lets the developers' panel plan failures of another local server too. */
  offerFailures(other: OtherFailures): void;
  /** Lets the developers' panel log demo runs. */
  offerDemoRuns(runs: DemoRuns): void;
  /** The UI to which links of W&B's SDK lead: `http://127.0.0.1:1234/wandb`. */
  wandbUrl: string;
  /** Shows the runs of a W&B server in a tab of the page. */
  offerRuns(runs: OfferedRuns, options?: OfferedRunsOptions): void;
  /** Bundles the page ahead of the first request. */
  preparePage(): Promise<void>;
  /** For the test driver. */
  internals: SlackParts;
  /** Ends streams, sockets and requests in flight. A second call has no effect. */
  stop(): Promise<void>;
}

interface OfferedRunsOptions {
  /** For the lines that log a run: what `WANDB_BASE_URL` must be. */
  baseUrl?: string;
}

const bodyLimitBytes = 4 * 1024 * 1024;

/** Starts a local Slack in place of slack.com. It speaks only Slack's protocols and knows nothing about the app behind it. */
export async function startLocalSlack(options: LocalSlackOptions): Promise<LocalSlack> {
  const { host = '127.0.0.1', port = 0 } = options;
  assertStartAllowed('The local Slack', host, 'everyone can act as anyone in it');
  const address: Address = { host: urlHost(host), port };
  const parts = createParts(options, address);
  const { appRequests, socketMode } = parts;
  const server = createTextServer({ bodyLimit: bodyLimitBytes });
  const stopping = new AbortController();
  const pageAssets = createPageAssets(
    options.pageDirectory ?? fileURLToPath(new URL('../page/', import.meta.url)),
  );
  delayUntilAppStarts(server, options.appStarts);
  addRoutes(server, parts, { address, stopped: stopping.signal, pageAssets });
  await server.listen({ host, port });
  address.port = listeningPort(server);
  return {
    url: parts.origin(),
    apiUrl: `${parts.origin()}/api/`,
    sendRequestsTo: appRequests.sendTo,
    offerFailures: parts.offerFailures,
    offerDemoRuns: parts.offerDemoRuns,
    wandbUrl: `${parts.origin()}/wandb`,
    offerRuns: parts.offerRuns,
    preparePage: pageAssets.prepare,
    internals: parts,
    stop: stopOnce(async () => {
      stopping.abort();
      appRequests.stop();
      await socketMode.stop();
      await server.close();
    }),
  };
}

interface Address {
  host: string;
  /** 0 until the server listens. */
  port: number;
}

export type SlackParts = ReturnType<typeof createParts>;

function createParts(options: LocalSlackOptions, address: Address) {
  const { app, workspace: seed = acmeWorkspace, now = Date.now, acknowledgeWithinMs = 3000 } = options;
  const { triggerClock = now } = options;
  const originOf = (scheme: string) => () => `${scheme}://${address.host}:${address.port}`;
  const origin = originOf('http');
  const traffic = createTraffic(now);
  const state = createSlackState({ app: { ...app }, seed, now, triggerClock, origin });
  const controlsChanged = createSignal();
  const socketMode = createSocketMode({
    appId: state.workspace.app.id,
    now,
    origin: originOf('ws'),
    changed: controlsChanged.emit,
  });
  const appRequests = createAppRequests({
    signingSecret: app.signingSecret,
    acknowledgeWithinMs,
    now,
    traffic,
    socketMode,
    requestUrl: options.requestUrl,
  });
  const sendEvent = createEventSender(state, appRequests, options.eventRetriesAfterMs);
  const people = createPersonActions(state, appRequests, sendEvent);
  const admin = createWorkspaceAdmin(state, sendEvent);
  const failures = createFailures(controlsChanged.emit);
  const mask = createSecretMask({
    secrets: [app.botToken, app.appToken, app.signingSecret],
    patterns: options.secretPatterns ?? [],
  });
  let other: OtherFailures | undefined;
  const offerFailures = (offered: OtherFailures) => {
    other = offered;
    offered.onChange(controlsChanged.emit);
    controlsChanged.emit();
  };
  let demoRuns: DemoRuns | undefined;
  const offerDemoRuns = (offered: DemoRuns) => {
    demoRuns = offered;
    offered.onChange(controlsChanged.emit);
    controlsChanged.emit();
  };
  let runs: { offered: OfferedRuns; baseUrl: string | undefined } | undefined;
  const runsChanged = createSignal();
  const offerRuns = (offered: OfferedRuns, { baseUrl }: OfferedRunsOptions = {}) => {
    runs = { offered, baseUrl };
    offered.onChange(runsChanged.emit);
    runsChanged.emit();
    const everyone = state.workspace.people.map(({ id }) => id);
    state.events.emit(everyone, { type: 'workspace' });
  };
  const wandbOfPage = () => {
    if (!runs && !options.showsWandb) return undefined;
    return runs?.baseUrl === undefined ? {} : { baseUrl: runs.baseUrl };
  };
  return {
    state,
    socketMode,
    appRequests,
    people,
    admin,
    failures,
    otherFailures: () => other,
    offerFailures,
    demoRuns: () => demoRuns,
    offerDemoRuns,
    runs: () => runs?.offered,
    wandbOfPage,
    runsChanged,
    offerRuns,
    controlsChanged,
    traffic,
    mask,
    origin,
  };
}

function addRoutes(
  server: FastifyInstance,
  parts: SlackParts,
  { address, stopped, pageAssets }: { address: Address; stopped: AbortSignal; pageAssets: PageAssets },
): void {
  const { state, socketMode, people, failures, traffic, origin } = parts;
  const guard = createPageGuard(() => address.port);
  addSlackRoutes(server, { context: { ...state, socketMode, origin }, failures, traffic, stopped });
  addPageApi(server, { state, people, wandb: parts.wandbOfPage, guard, stopped });
  addPanelApi(server, { ...parts, guard, stopped });
  addRunsApi(server, { ...parts, guard, stopped });
  addPage(server, guard, pageAssets);
  server.server.on('upgrade', socketMode.handleUpgrade);
}

function delayUntilAppStarts(server: FastifyInstance, appStarts: Promise<unknown> | undefined): void {
  const started = appStarts?.catch(() => undefined);
  server.addHook('onRequest', async ({ method, url }) => {
    const isPersonAction = url.startsWith('/sandbox/') && !url.startsWith('/sandbox/panel/');
    if (method === 'POST' && isPersonAction) await started;
  });
}

function addPage(server: FastifyInstance, guard: PageGuard, assets: PageAssets): void {
  // A permalink, which opens the conversation.
  server.get<{ Params: { channel: string } }>(
    '/archives/:channel/:message',
    { onRequest: guard },
    async (request, reply) => reply.redirect(`/#${new URLSearchParams({ in: request.params.channel })}`),
  );
  server.get('/*', { onRequest: guard }, async (request, reply) => {
    // React Aria adds a few style elements, which need the nonce.
    const nonce = randomBytes(16).toString('base64');
    const asset = await assets.read(new URL(request.url, 'http://localhost').pathname, nonce);
    reply.headers(pageHeaders(nonce));
    if (!asset) return reply.code(404).type('text/plain; charset=utf-8').send('Not found');
    return reply.type(asset.contentType).send(asset.content);
  });
}
