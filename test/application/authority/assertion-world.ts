import { type ExchangeWorld, openExchangeWorld, SUBJECT } from '../../world/exchange-world.ts';
import {
  type IssuerServer,
  type SigningPair,
  sharedSigningPair,
  signJwt,
  startIssuer,
} from '../../world/issuer-server.ts';

export const ISSUER = 'https://issuer.acme.test';

/** An issuer with keys in the teams file, and its account. */
export async function openStatedWorld(
  options: { isSingleUse?: boolean; alg?: string; failuresPerMinute?: number } = {},
) {
  const { isSingleUse = false, alg = 'ES256', ...rest } = options;
  const world = await openExchangeWorld(rest);
  const pair = await sharedSigningPair(alg);
  const stated = { url: ISSUER, isSingleUse, maxLifetimeSeconds: 3600, jwks: { keys: [pair.publicJwk] } };
  await world.register(stated);
  return { ...world, pair, stated, account: await world.addAccount(ISSUER) };
}

export const nowSeconds = ({ clock }: ExchangeWorld) =>
  Math.floor((clock.nowMs + (clock.steppedMs ?? 0)) / 1000);

export function claimsOf(world: ExchangeWorld, more: Record<string, unknown> = {}) {
  const now = nowSeconds(world);
  return { iss: ISSUER, sub: SUBJECT, aud: 'acme', iat: now, exp: now + 600, ...more };
}

export const encode = (value: unknown) =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');

/** Signs claims that `JSON.stringify` can't produce. */
export async function signText(pair: SigningPair, claims: string): Promise<string> {
  const input = `${encode({ alg: pair.alg, kid: pair.kid })}.${encode(claims)}`;
  const algorithm = { name: 'ECDSA', hash: 'SHA-256' };
  const signature = await crypto.subtle.sign(algorithm, pair.privateKey, Buffer.from(input));
  return `${input}.${Buffer.from(signature).toString('base64url')}`;
}

/** A registered issuer with an account and a published key. */
export async function openIssuerWorld(options: Parameters<typeof openExchangeWorld>[0] = {}) {
  const world = await openExchangeWorld(options);
  const issuer = await startIssuer();
  const pair = await sharedSigningPair('ES256');
  issuer.publish(pair.publicJwk);
  await world.register({ url: issuer.url });
  await world.addAccount(issuer.url);
  return { ...world, issuer, pair };
}

export function jwtOf(
  world: ExchangeWorld,
  issuer: IssuerServer,
  pair: SigningPair,
  header = {},
): Promise<string> {
  const now = nowSeconds(world);
  return signJwt(pair, { iss: issuer.url, sub: SUBJECT, aud: 'acme', iat: now, exp: now + 600 }, header);
}
