import { randomBytes } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import fastify, { type FastifyInstance } from 'fastify';
import { createPageGuard, pageHeaders } from '../http/page-guard.ts';
import { addPageApi } from './page-server/page-api.ts';
import { createPageAssets, type PageAssets } from './page-server/page-assets.ts';
import { addPanelApi, setAppMembership } from './page-server/panel-api.ts';
import { createPersonActions, type PersonActions } from './people/person-actions.ts';
import type { AppAnswer } from './protocol/app-answer.ts';
import { createFailures, type Failures } from './protocol/failures.ts';
import { createSignal } from './protocol/signal.ts';
import { type AppRequests, createAppRequests } from './to-app/app-requests.ts';
import { type Deliverable, type Delivery, deliver } from './to-app/deliver.ts';
import { createEventSender } from './to-app/event-deliveries.ts';
import { createSocketMode } from './to-app/socket-mode.ts';
import { createSecretMask } from './traffic/mask-secrets.ts';
import { createTraffic, type TrafficRecord } from './traffic/traffic.ts';
import { addSlackRoutes } from './web-api/slack-routes.ts';
import { createSlackState, type InstalledApp, type SlackState } from './workspace/slack-state.ts';
import { acmeWorkspace, type PersonSeed, type WorkspaceSeed } from './workspace/workspace-seed.ts';

export interface LocalSlackOptions {
  /** Loopback only; default 127.0.0.1. */
  host?: string;
  /** Default 0: any free one. */
  port?: number;
  /** Default: Acme. */
  workspace?: WorkspaceSeed;
  app: InstalledApp;
  /** Where commands, interactions and options requests go. Without it they go over the app's socket, if one is open. */
  requestUrl?: string;
  /** What people do waits until the app has started: they can look around before. Default: it has. */
  appStarts?: Promise<unknown>;
  /** Milliseconds since the epoch; moves the expiry of triggers and response URLs, and what is signed. */
  now?: () => number;
  /** Default 3000. */
  acknowledgeWithinMs?: number;
  /** How long before each retry of an event that the app did not take; default at once, 1 and 5 minutes. */
  eventRetriesAfterMs?: readonly number[];
  /** What secrets of the app look like: besides Slack's own, they are masked for the developers' panel. */
  secretPatterns?: RegExp[];
  /** Where the page's files stand; default `page/` beside this file. */
  pageDirectory?: string;
}

export interface LocalSlack {
  /** `http://127.0.0.1:1234`, where the page is. */
  url: string;
  /** What `SLACK_API_URL` has to be: `http://127.0.0.1:1234/api/`. */
  apiUrl: string;
  sendRequestsTo(requestUrl: string | undefined): void;
  /** Bundles the page before anybody looks at it. */
  preparePage(): Promise<void>;
  /** From now on; see {@link LocalSlackOptions.acknowledgeWithinMs}. */
  acknowledgeWithin(ms: number): void;
  /** The workspace and what people do in it, for a driver in the same process. */
  internals: { state: SlackState; people: PersonActions };
  /** Sends the app any request, also such as Slack never sends. */
  deliver(request: Deliverable, delivery?: Delivery): Promise<AppAnswer>;
  failures: Failures;
  /** The last 1000 requests in both directions, raw. */
  traffic: TrafficRecord[];
  /** Adds the app to a conversation, or removes it. */
  setAppMembership(conversationId: string, isMember: boolean): void;
  /** What became of a person since: left, made a guest, another address, … */
  changePerson(personNameOrId: string, changes: Partial<PersonSeed>): void;
  disconnectSockets(reason?: 'warning' | 'refresh_requested' | 'link_disabled'): void;
  /** Also ends streams, sockets and what is under way. A second call does nothing. */
  stop(): Promise<void>;
}

const loopback = ['127.0.0.1', '::1', 'localhost'];
const bodyLimitBytes = 4 * 1024 * 1024;

/** A stand-in for slack.com on this machine. It speaks the wire and knows nothing of the app behind it. */
export async function startLocalSlack(options: LocalSlackOptions): Promise<LocalSlack> {
  const { host = '127.0.0.1', port = 0 } = options;
  refuseToStart(host);
  const address = { host: host.includes(':') ? `[${host}]` : host, port };
  const parts = createParts(options, address);
  const { state, appRequests, socketMode, failures, traffic, people } = parts;
  const server = createServer();
  const stopping = new AbortController();
  const pageAssets = createPageAssets(
    options.pageDirectory ?? fileURLToPath(new URL('../page/', import.meta.url)),
  );
  holdUntilAppStarts(server, options.appStarts);
  addRoutes(server, parts, { address, stopped: stopping.signal, pageAssets });
  await server.listen({ host, port });
  address.port = (server.server.address() as AddressInfo).port;
  return {
    url: parts.origin(),
    apiUrl: `${parts.origin()}/api/`,
    sendRequestsTo: appRequests.sendTo,
    preparePage: pageAssets.prepare,
    acknowledgeWithin: appRequests.acknowledgeWithin,
    internals: { state, people },
    deliver: (request, delivery) => deliver({ state, appRequests }, request, delivery),
    failures,
    traffic: traffic.records,
    setAppMembership(conversationId, isMember) {
      setAppMembership(state, conversationId, isMember);
      parts.controlsChanged.emit();
    },
    changePerson(personNameOrId, changes) {
      const person = state.workspace.person(personNameOrId);
      if (!person) throw new Error(`There is no person ${personNameOrId}`);
      Object.assign(person, changes);
    },
    disconnectSockets: (reason = 'refresh_requested') => socketMode.disconnect(reason),
    stop: createStop({ stopping, appRequests, socketMode, server }),
  };
}

interface Address {
  host: string;
  /** 0 until the server listens. */
  port: number;
}

function createParts(options: LocalSlackOptions, address: Address) {
  const { app, workspace: seed = acmeWorkspace, now = Date.now, acknowledgeWithinMs = 3000 } = options;
  const originOf = (scheme: string) => () => `${scheme}://${address.host}:${address.port}`;
  const origin = originOf('http');
  const traffic = createTraffic(now);
  const state = createSlackState({ app, seed, now, origin });
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
  const tellApp = createEventSender(state, appRequests, options.eventRetriesAfterMs);
  const people = createPersonActions(state, appRequests, tellApp);
  const failures = createFailures(controlsChanged.emit);
  const mask = createSecretMask({
    secrets: [app.botToken, app.appToken, app.signingSecret],
    patterns: options.secretPatterns ?? [],
  });
  return { state, socketMode, appRequests, people, failures, controlsChanged, traffic, mask, origin };
}

function addRoutes(
  server: FastifyInstance,
  parts: ReturnType<typeof createParts>,
  how: { address: Address; stopped: AbortSignal; pageAssets: PageAssets },
): void {
  const { state, socketMode, people, failures, traffic, origin } = parts;
  const guard = createPageGuard(() => how.address.port);
  const context = { ...state, socketMode, origin };
  addSlackRoutes(server, { context, failures, traffic, stopped: how.stopped });
  addPageApi(server, { state, people, guard, stopped: how.stopped });
  addPanelApi(server, { ...parts, guard, stopped: how.stopped });
  addPage(server, guard, how.pageAssets);
  server.server.on('upgrade', socketMode.handleUpgrade);
}

function holdUntilAppStarts(server: FastifyInstance, appStarts: Promise<unknown> | undefined): void {
  const started = appStarts?.catch(() => undefined);
  server.addHook('onRequest', async ({ method, url }) => {
    const isPersons = url.startsWith('/sandbox/') && !url.startsWith('/sandbox/panel/');
    if (method === 'POST' && isPersons) await started;
  });
}

function refuseToStart(host: string): void {
  if (process.env.NODE_ENV === 'production') {
    throw new Error(
      'The local Slack does not start with NODE_ENV=production: it lets anyone act as anybody.',
    );
  }
  if (!loopback.includes(host)) {
    throw new Error(`The local Slack listens on this machine only (${loopback.join(', ')}), not on ${host}.`);
  }
}

/** Bodies stay as they came: every route reads its own. */
function createServer(): FastifyInstance {
  const server = fastify({ bodyLimit: bodyLimitBytes, forceCloseConnections: true, exposeHeadRoutes: false });
  server.removeAllContentTypeParsers();
  server.addContentTypeParser('*', { parseAs: 'string' }, (_request, body, done) => done(null, body));
  return server;
}

function addPage(
  server: FastifyInstance,
  guard: ReturnType<typeof createPageGuard>,
  assets: PageAssets,
): void {
  server.get('/*', { onRequest: guard }, async (request, reply) => {
    // React Aria writes a few style elements of its own.
    const nonce = randomBytes(16).toString('base64');
    const asset = await assets.read(new URL(request.url, 'http://localhost').pathname, nonce);
    reply.headers(pageHeaders(nonce));
    if (!asset) return reply.code(404).type('text/plain; charset=utf-8').send('Not found');
    return reply.type(asset.contentType).send(asset.content);
  });
}

function createStop(parts: {
  stopping: AbortController;
  appRequests: AppRequests;
  socketMode: { stop(): Promise<void> };
  server: FastifyInstance;
}): () => Promise<void> {
  let stopped: Promise<void> | undefined;
  return () => {
    stopped ??= (async () => {
      parts.stopping.abort();
      parts.appRequests.stop();
      await parts.socketMode.stop();
      await parts.server.close();
    })();
    return stopped;
  };
}
