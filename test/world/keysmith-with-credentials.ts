import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { connect } from 'node:net';
import type { FastifyInstance, RouteOptions } from 'fastify';
import { chooseMethod } from '../journeys/steps.ts';
import { FORM, send } from '../send-request.ts';
import { basic } from './credential-world.ts';
import { type SigningPair, sharedSigningPair, signJwt } from './issuer-server.ts';
import { createAccount, keyIn, openForm } from './new-account-form.ts';
import {
  INTROSPECTION_CLIENT,
  startWorkspace,
  type Transport,
  type WorkspaceOptions,
} from './running-workspace.ts';

export const ISSUER = 'https://issuer.acme.test';
export const SUBJECT = 'repo:acme/eval:ref:refs/heads/main';
export const JWT_BEARER = 'urn:ietf:params:oauth:grant-type:jwt-bearer';
export const SLACK_PATH = '/slack/events';

export interface Route {
  /** A pattern, in which `*` matches any path. */
  url: string;
  methods: readonly string[];
}

/** Starts a complete Keysmith with a local Slack. Returns its routes and one credential of each kind. */
export async function startKeysmithWithCredentials({
  transport = 'http',
  ...options
}: WorkspaceOptions & { transport?: Transport } = {}) {
  const pair = await sharedSigningPair('ES256');
  const collected = collectRoutes();
  const workspace = await startWorkspace({
    transport,
    organization: {
      issuers: [{ url: ISSUER, jwks: { keys: [pair.publicJwk] } }],
    },
    ...options,
  });
  const routes = collected.end();
  const { url } = workspace.keysmith;
  const ada = workspace.slack.as('Ada');
  const key = keyIn(await createAccount(ada, 'random', 'nightly-eval')) ?? '';
  await openForm(ada, 'random', '/wandb sa new nightly-federated');
  await chooseMethod(ada, 'federated');
  await ada.fill('subject', SUBJECT);
  await ada.submit();
  await ada.waitForMessage('random', 'nightly-federated');
  const assertion = await signAssertion(pair);
  const exchanged = await exchange(url, assertion);
  return {
    workspace,
    url,
    routes,
    pair,
    key,
    assertion,
    token: String(JSON.parse(exchanged.body).access_token),
    introspection: basic(INTROSPECTION_CLIENT.id, INTROSPECTION_CLIENT.secret),
  };
}

export type KeysmithWithCredentials = Awaited<ReturnType<typeof startKeysmithWithCredentials>>;

export function exchange(url: string, assertion: string) {
  const body = new URLSearchParams({ grant_type: JWT_BEARER, assertion }).toString();
  return send(`${url}/oidc/token`, { headers: { 'content-type': FORM }, body });
}

export function assertionClaims() {
  const now = Math.floor(Date.now() / 1000);
  return { iss: ISSUER, sub: SUBJECT, aud: 'acme', iat: now, exp: now + 600 };
}

export function signAssertion(pair: SigningPair): Promise<string> {
  return signJwt(pair, assertionClaims());
}

/** Returns the secret parts of the credentials. */
export function secretsOf({ key, token, assertion }: KeysmithWithCredentials): string[] {
  return [key.slice(-40, -6), String(token.split('.')[2]), String(assertion.split('.')[2])];
}

/** Sends bytes over a connection, ends the sending side, and returns what the server sends until it closes. */
export function sendBytesAndEnd(url: string, bytes: string | Uint8Array): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>();
  const socket = connect({ port: Number(new URL(url).port), host: '127.0.0.1', allowHalfOpen: true });
  let response = '';
  socket.setEncoding('latin1');
  socket.on('error', () => {});
  socket.on('data', (text) => {
    response += text;
  });
  socket.on('end', () => socket.destroy());
  socket.on('close', () => resolve(response));
  socket.end(bytes);
  return promise;
}

/** Collects the routes of every Fastify server that starts in this process. Keysmith's is the last one with `/healthz`. */
function collectRoutes(): { end(): Route[] } {
  const servers: RouteOptions[][] = [];
  const onServer = (message: unknown) => {
    const routes: RouteOptions[] = [];
    servers.push(routes);
    (message as { fastify: FastifyInstance }).fastify.addHook('onRoute', (route) => void routes.push(route));
  };
  subscribe('fastify.initialization', onServer);
  return {
    end() {
      unsubscribe('fastify.initialization', onServer);
      const own = servers.findLast((routes) => routes.some(({ url }) => url === '/healthz')) ?? [];
      return [...Map.groupBy(own, ({ url }) => url)].map(([url, of]) => ({
        url,
        methods: of.flatMap(({ method }) => method),
      }));
    },
  };
}
