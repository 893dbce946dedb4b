import { createServer } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import fastify, { type FastifyInstance } from 'fastify';
import { buildSchema } from 'graphql';
import { type Capabilities, defaultCapabilities } from './capabilities.ts';
import { addGraphqlRoute } from './graphql/graphql-route.ts';
import { schemaText } from './graphql/schema-text.ts';
import { createHolds, type Holds } from './graphql/send-answer.ts';
import { addConfiguredCaller, type ConfiguredCaller } from './permissions.ts';
import { createRequestLog, type WandbRequest } from './request-log.ts';
import { addTeamPage, createTeamDriver, type TeamDriver } from './team-driver.ts';
import { createWandbFailures, type WandbFailures } from './wandb-failures.ts';
import { acmeOrganization, createWandbState, type OrganizationSeed, type WandbState } from './wandb-state.ts';

export interface LocalWandbOptions {
  /** Loopback only; default 127.0.0.1. */
  host?: string;
  /** Default 0: any free one. */
  port?: number;
  /** For a server under a path: `/wandb`. */
  basePath?: string;
  /** Serves HTTPS, PEM. */
  https?: { key: string; cert: string };
  /** Default: Acme. */
  organization?: OrganizationSeed;
  /** Default `organization_admin`. */
  caller?: ConfiguredCaller;
  /** The caller's key, for one that outlives the server; default: a new one. */
  apiKey?: string;
  capabilities?: Partial<Capabilities>;
  /** Milliseconds since the epoch. */
  now?: () => number;
}

/** An API key that works now, and who would be calling with it. */
interface ActiveKey {
  id: string;
  secret: string;
  description: string | null;
  owner: { id: string; username: string; name: string; accountType: string };
}

export interface LocalWandb {
  /** What `WANDB_BASE_URL` has to be: `http://127.0.0.1:1234/wandb`. */
  baseUrl: string;
  /** What `WANDB_API_KEY` has to be. */
  apiKey: string;
  organization: { id: string; name: string };
  team(name: string): TeamDriver;
  /** A key of that person, by e-mail address or username, to call as them. */
  keyOf(person: string): string;
  activeKeys(): ActiveKey[];
  /** As if its owner had deleted it in the page. */
  deleteKey(secret: string): void;
  /** The last 1000 calls. */
  requests: WandbRequest[];
  failures: WandbFailures;
  hold: Holds['hold'];
  /** From the next call on. */
  switch<Name extends keyof Capabilities>(capability: Name, value: Capabilities[Name]): void;
  /** What the configured caller may, from the next call on. */
  changeCaller(caller: ConfiguredCaller): void;
  /** Also cuts what is under way. A second call does nothing. */
  stop(): Promise<void>;
}

const loopback = ['127.0.0.1', '::1', 'localhost'];

/** A stand-in for a W&B server on this machine. It speaks the wire and knows nothing of the app that calls. */
export async function startLocalWandb(options: LocalWandbOptions = {}): Promise<LocalWandb> {
  const { host = '127.0.0.1', port = 0, basePath: path = '', caller = 'organization_admin' } = options;
  refuseToStart(host);
  const basePath = path.replace(/\/+$/, '');
  const state = createWandbState(options.organization ?? acmeOrganization);
  const account = addConfiguredCaller(state, { caller, apiKey: options.apiKey });
  const parts = createParts(state, options);
  const server = createLocalServer(options.https);
  const stopping = new AbortController();
  addGraphqlRoute(server, `${basePath}/graphql`, { ...parts, stopped: stopping.signal });
  const listeningPort = () => (server.server.address() as AddressInfo).port;
  addTeamPage(server, { basePath, state, port: listeningPort });
  await server.listen({ host, port });
  const hostname = host.includes(':') ? `[${host}]` : host;
  return {
    baseUrl: `${options.https ? 'https' : 'http'}://${hostname}:${listeningPort()}${basePath}`,
    apiKey: account.apiKey,
    organization: state.organization,
    team: (name) => createTeamDriver(state, name),
    ...keyDriver(state),
    requests: parts.log.records,
    failures: parts.failures,
    hold: parts.holds.hold,
    switch: parts.switch,
    changeCaller: account.become,
    stop: createStop(server, stopping),
  };
}

function createParts(state: WandbState, { capabilities: own, now = Date.now }: LocalWandbOptions) {
  const capabilities: Capabilities = { ...defaultCapabilities, ...own };
  let schema = buildSchema(schemaText(capabilities));
  return {
    state,
    capabilities,
    schema: () => schema,
    failures: createWandbFailures(),
    holds: createHolds(),
    log: createRequestLog(now),
    now,
    switch<Name extends keyof Capabilities>(capability: Name, value: Capabilities[Name]) {
      capabilities[capability] = value;
      schema = buildSchema(schemaText(capabilities));
    },
  };
}

function keyDriver(state: WandbState): Pick<LocalWandb, 'keyOf' | 'activeKeys' | 'deleteKey'> {
  return {
    keyOf(person) {
      const user = state.person(person);
      const key = user && state.keysOf(user)[0];
      if (!key) throw new Error(`${person} has no key`);
      return key.secret;
    },
    activeKeys: () =>
      state.keys.map(({ id, secret, description, user }) => {
        const { id: ownerId, username, name, accountType } = user;
        return { id, secret, description, owner: { id: ownerId, username, name, accountType } };
      }),
    deleteKey(secret) {
      const at = state.keys.findIndex((key) => key.secret === secret);
      if (at < 0) throw new Error('There is no such key');
      state.keys.splice(at, 1);
    },
  };
}

function refuseToStart(host: string): void {
  if (process.env.NODE_ENV === 'production') {
    throw new Error(
      'The local W&B does not start with NODE_ENV=production: its keys and people are made up.',
    );
  }
  if (!loopback.includes(host)) {
    throw new Error(`The local W&B listens on this machine only (${loopback.join(', ')}), not on ${host}.`);
  }
}

/** Bodies stay as they came. */
function createLocalServer(https: LocalWandbOptions['https']): FastifyInstance {
  const server = fastify({
    exposeHeadRoutes: false,
    serverFactory: (handler) => (https ? createSecureServer(https, handler) : createServer(handler)),
  });
  server.removeAllContentTypeParsers();
  server.addContentTypeParser('*', { parseAs: 'string' }, (_request, body, done) => done(null, body));
  return server;
}

function createStop(server: FastifyInstance, stopping: AbortController): () => Promise<void> {
  let stopped: Promise<void> | undefined;
  return () => {
    stopped ??= (async () => {
      stopping.abort();
      server.server.closeAllConnections();
      await server.close();
    })();
    return stopped;
  };
}
