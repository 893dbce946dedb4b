import { readFileSync } from 'node:fs';
import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import {
  exportJWK,
  type GenerateKeyPairOptions,
  generateKeyPair,
  type JWK,
  type JWTPayload,
  SignJWT,
} from 'jose';
import { onTestFinished } from 'vitest';

/** A CA for tests, and its certificate for `localhost`, `issuer.test` and 127.0.0.1. Both are valid from 2020 to 2120. */
const pem = (name: string) => readFileSync(new URL(`./tls/${name}.pem`, import.meta.url), 'utf8');
export const TEST_CA = pem('ca');

export interface SigningPair {
  kid: string;
  alg: string;
  publicJwk: JWK;
  privateKey: CryptoKey;
}

export async function generateSigningPair(
  alg: string,
  kid = `${alg}-1`,
  options: GenerateKeyPairOptions = {},
): Promise<SigningPair> {
  const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true, ...options });
  return { kid, alg, publicJwk: { ...(await exportJWK(publicKey)), kid, use: 'sig' }, privateKey };
}

const shared = new Map<string, Promise<SigningPair>>();
/** Returns the same pair to all tests of a file, as RSA keys take long to generate. */
export function sharedSigningPair(alg: string): Promise<SigningPair> {
  const pair = shared.get(alg) ?? generateSigningPair(alg);
  shared.set(alg, pair);
  return pair;
}

/** Signs a JWT as an issuer does. `header` adds fields to the protected header or replaces them. */
export function signJwt(
  pair: SigningPair,
  claims: JWTPayload,
  header: Record<string, unknown> = {},
): Promise<string> {
  return new SignJWT(claims)
    .setProtectedHeader({ alg: pair.alg, kid: pair.kid, typ: 'JWT', ...header })
    .sign(pair.privateKey);
}

type Responder = (request: IncomingMessage, response: ServerResponse) => void;

export interface IssuerServer {
  url: string;
  /** The paths of all requests, in order. */
  requestedPaths: string[];
  publish(...keys: JWK[]): void;
  /** Sets the response of a path. */
  respond(path: string, responder: Responder): void;
  /** Responds to every path while it is defined. */
  respondEverywhere: Responder | undefined;
}

export const DISCOVERY = '/.well-known/openid-configuration';
export const JWKS = '/keys';

/** Starts an OpenID Connect issuer until the test ends. It publishes keys, and its responses can be replaced. */
export async function startIssuer(options: { tls?: boolean; host?: string } = {}): Promise<IssuerServer> {
  const { tls = false, host = '127.0.0.1' } = options;
  const responders = new Map<string, Responder>();
  let keys: JWK[] = [];
  const handler: Responder = (request, response) => {
    const path = request.url ?? '';
    issuer.requestedPaths.push(path);
    const responder = issuer.respondEverywhere ?? responders.get(path);
    if (responder !== undefined) return responder(request, response);
    response.writeHead(404).end();
  };
  const server = tls
    ? createHttpsServer({ cert: pem('server'), key: pem('server-key') }, handler)
    : createHttpServer(handler);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const issuer: IssuerServer = {
    url: `http${tls ? 's' : ''}://${host}:${(server.address() as AddressInfo).port}`,
    requestedPaths: [],
    publish: (...published) => {
      keys = published;
    },
    respond: (path, responder) => void responders.set(path, responder),
    respondEverywhere: undefined,
  };
  issuer.respond(
    DISCOVERY,
    json(() => ({ issuer: issuer.url, jwks_uri: `${issuer.url}${JWKS}` })),
  );
  issuer.respond(
    JWKS,
    json(() => ({ keys })),
  );
  return issuer;
}

/** Returns a responder that sends what `body` returns at the time of the request. */
export function json(body: () => unknown): Responder {
  return (_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body()));
  };
}
