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

/** A CA, and a certificate of it for `localhost`, `issuer.test` and 127.0.0.1; from 2020 to 2120, good for nothing else. */
const pem = (name: string) => readFileSync(new URL(`./tls/${name}.pem`, import.meta.url), 'utf8');
export const TEST_CA = pem('ca');

export interface SigningPair {
  kid: string;
  alg: string;
  publicJwk: JWK;
  privateKey: CryptoKey;
}

export async function makePair(
  alg: string,
  kid = `${alg}-1`,
  options: GenerateKeyPairOptions = {},
): Promise<SigningPair> {
  const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true, ...options });
  return { kid, alg, publicJwk: { ...(await exportJWK(publicKey)), kid, use: 'sig' }, privateKey };
}

const shared = new Map<string, Promise<SigningPair>>();
/** The same for every test of a file that asks: RSA keys take long to make. */
export function sharedPair(alg: string): Promise<SigningPair> {
  const pair = shared.get(alg) ?? makePair(alg);
  shared.set(alg, pair);
  return pair;
}

/** Signs as an issuer does; the header may say more, or less. */
export function signJwt(
  pair: SigningPair,
  claims: JWTPayload,
  header: Record<string, unknown> = {},
): Promise<string> {
  return new SignJWT(claims)
    .setProtectedHeader({ alg: pair.alg, kid: pair.kid, typ: 'JWT', ...header })
    .sign(pair.privateKey);
}

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

export interface IssuerServer {
  url: string;
  /** Paths that were asked for. */
  asked: string[];
  publish(...keys: JWK[]): void;
  /** Answers this path otherwise. */
  answer(path: string, answer: Answer): void;
  /** Every answer is this one, until it is undefined. */
  everywhere: Answer | undefined;
}

export const DISCOVERY = '/.well-known/openid-configuration';
export const JWKS = '/keys';

/** An issuer as workloads' platforms run them, with its keys and its moods. */
export async function startIssuer(options: { tls?: boolean; host?: string } = {}): Promise<IssuerServer> {
  const { tls = false, host = '127.0.0.1' } = options;
  const answers = new Map<string, Answer>();
  let keys: JWK[] = [];
  const handler: Answer = (request, response) => {
    const path = request.url ?? '';
    issuer.asked.push(path);
    const answer = issuer.everywhere ?? answers.get(path);
    if (answer !== undefined) return answer(request, response);
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
    asked: [],
    publish: (...published) => {
      keys = published;
    },
    answer: (path, answer) => void answers.set(path, answer),
    everywhere: undefined,
  };
  issuer.answer(
    DISCOVERY,
    json(() => ({ issuer: issuer.url, jwks_uri: `${issuer.url}${JWKS}` })),
  );
  issuer.answer(
    JWKS,
    json(() => ({ keys })),
  );
  return issuer;
}

export function json(body: () => unknown): Answer {
  return (_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body()));
  };
}
