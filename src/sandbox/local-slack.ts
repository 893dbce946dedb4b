import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import fastify, { type FastifyInstance } from 'fastify';
import { acmeWorkspace } from './acme-workspace.ts';
import type { AppAnswer } from './app-answer.ts';
import { type AppRequests, createAppRequests } from './app-requests.ts';
import { type Deliverable, type Delivery, deliver } from './deliver.ts';
import { createFailures, type Failures } from './failures.ts';
import { addPageApi } from './page-api.ts';
import { readPageAsset } from './page-assets.ts';
import { createPageGuard, pageHeaders } from './page-guard.ts';
import { createSlackPerson } from './person.ts';
import type { SlackPerson } from './slack-person.ts';
import { addSlackRoutes } from './slack-routes.ts';
import { createSlackState, type InstalledApp } from './slack-state.ts';
import { createSocketMode } from './socket-mode.ts';
import { createTraffic, type TrafficRecord } from './traffic.ts';
import { createWhatPeopleDo } from './what-people-do.ts';
import type { PersonSeed, WorkspaceSeed } from './workspace-seed.ts';

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
  /** Milliseconds since the epoch; moves the expiry of triggers and response URLs, and what is signed. */
  now?: () => number;
  /** Default 3000. */
  acknowledgeWithinMs?: number;
  /** Where the page's files stand; default `page/` beside this file. */
  pageDirectory?: string;
}

export interface LocalSlack {
  /** `http://127.0.0.1:1234`, where the page is. */
  url: string;
  /** What `SLACK_API_URL` has to be: `http://127.0.0.1:1234/api/`. */
  apiUrl: string;
  sendRequestsTo(requestUrl: string | undefined): void;
  /** From now on; see {@link LocalSlackOptions.acknowledgeWithinMs}. */
  acknowledgeWithin(ms: number): void;
  /** What that person can see and do. */
  as(personNameOrId: string): SlackPerson;
  /** Sends the app any request, also such as Slack never sends. */
  deliver(request: Deliverable, delivery?: Delivery): Promise<AppAnswer>;
  failures: Failures;
  /** The last 1000 requests in both directions, raw. */
  traffic: TrafficRecord[];
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
  addRoutes(server, parts, { address, stopped: stopping.signal, pageDirectory: options.pageDirectory });
  await server.listen({ host, port });
  address.port = (server.server.address() as AddressInfo).port;
  return {
    url: parts.origin(),
    apiUrl: `${parts.origin()}/api/`,
    sendRequestsTo: appRequests.sendTo,
    acknowledgeWithin: appRequests.acknowledgeWithin,
    as: (personNameOrId) => createSlackPerson({ state, people, personNameOrId }),
    deliver: (request, delivery) => deliver({ state, appRequests }, request, delivery),
    failures,
    traffic: traffic.records,
    setAppMembership(conversationId, isMember) {
      const conversation = state.workspace.conversation(conversationId);
      if (!conversation) throw new Error(`There is no conversation ${conversationId}`);
      conversation.hasApp = isMember;
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
  const socketMode = createSocketMode({ appId: state.workspace.app.id, now, origin: originOf('ws') });
  const appRequests = createAppRequests({
    signingSecret: app.signingSecret,
    acknowledgeWithinMs,
    now,
    traffic,
    socketMode,
    requestUrl: options.requestUrl,
  });
  const people = createWhatPeopleDo(state, appRequests);
  return { state, socketMode, appRequests, people, failures: createFailures(), traffic, origin };
}

function addRoutes(
  server: FastifyInstance,
  { state, socketMode, people, failures, traffic, origin }: ReturnType<typeof createParts>,
  how: { address: Address; stopped: AbortSignal; pageDirectory: string | undefined },
): void {
  const guard = createPageGuard(() => how.address.port);
  const context = { ...state, socketMode, origin };
  addSlackRoutes(server, { context, failures, traffic, stopped: how.stopped });
  addPageApi(server, { state, people, guard, stopped: how.stopped });
  addPage(server, guard, how.pageDirectory ?? fileURLToPath(new URL('./page/', import.meta.url)));
  server.server.on('upgrade', socketMode.handleUpgrade);
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
  directory: string,
): void {
  server.get('/*', { onRequest: guard }, async (request, reply) => {
    const asset = await readPageAsset(directory, new URL(request.url, 'http://localhost').pathname);
    reply.headers(pageHeaders);
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
