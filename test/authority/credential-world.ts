import { randomBytes } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import { exportJWK, generateKeyPair, jwtVerify, SignJWT } from 'jose';
import { createAuthenticate } from '../../src/api/authenticate.ts';
import { createFailureLimit } from '../../src/api/failure-limit.ts';
import { addForwardAuthRoute } from '../../src/api/forward-auth-route.ts';
import { addIntrospectionRoute } from '../../src/api/introspection-route.ts';
import type { AccessTokens, VerifyAccessTokenResult } from '../../src/application/authority/access-tokens.ts';
import { createLastUses } from '../../src/application/authority/last-uses.ts';
import type { VerificationOutcome } from '../../src/application/authority/verify-credential.ts';
import type { AuthorityPorts } from '../../src/application/ports/authority.ts';
import type { Store } from '../../src/application/ports/store.ts';
import { drawApiKey, formatApiKey, hashApiKeySecret } from '../../src/domain/api-key.ts';
import { Secret } from '../../src/domain/secret.ts';
import type { ServiceAccount } from '../../src/domain/service-account.ts';
import { auditEvent, DAY_MS, keyAccount, NOW_MS, type World } from '../store/contract/world.ts';
import { openSqliteWorld } from '../store/temporary-database.ts';
import { collectLog, listen } from './api-edge.ts';

export const INTROSPECTION_CLIENT = { id: 'gateway', secret: 'a+b%2F:c&d=e 0123456789' };

export interface AddedKey {
  /** The whole key, as a workload holds it. */
  key: string;
  keyId: string;
  deliveryId: string;
  account: ServiceAccount;
}

/** The real store under the authority's ports, with a clock that stands, and what was asked, counted and logged. */
export async function openCredentialWorld() {
  const world = await openSqliteWorld();
  const { organizationId } = world;
  const clock = { nowMs: NOW_MS };
  const log = collectLog();
  const asked: string[] = [];
  const counted: VerificationOutcome[] = [];
  const store = watched(world.store, asked);
  const peppers = new Map([[1, randomBytes(32)]]);
  const accessTokens = await signingTokens(() => clock.nowMs);
  const ports: AuthorityPorts = {
    store,
    organization: { id: organizationId, name: 'acme' },
    peppers,
    accessTokens,
    issuerKeys: { find: async () => ({ ok: false, reason: 'no_such_key' }) },
    lastUses: createLastUses({ store, organizationId, logger: log.logger }),
    counts: { verification: (outcome) => void counted.push(outcome), exchange: () => {} },
    audiences: ['acme'],
    now: () => clock.nowMs,
    logger: log.logger,
  };
  return { ...world, store, clock, log, asked, counted, peppers, ports };
}

export type CredentialWorld = Awaited<ReturnType<typeof openCredentialWorld>>;

/** An account with a real key, which ends after 90 days. */
export async function addKey(
  { store, organizationId, mlPlatform, peppers }: CredentialWorld,
  overrides: Partial<ServiceAccount> & { pepperVersion?: number; team?: World['mlPlatform'] } = {},
): Promise<AddedKey> {
  const { pepperVersion = 1, team = mlPlatform, ...fields } = overrides;
  const made = keyAccount(organizationId, team, fields);
  const { keyId, secret } = drawApiKey(randomBytes);
  const [pepper = randomBytes(32)] = peppers.values();
  const { record, delivery } = made.key;
  Object.assign(record, { keyId, secretHash: hashApiKeySecret(secret, pepper), pepperVersion });
  Object.assign(delivery, { keyId });
  const inserted = await store.insertAccount(organizationId, made);
  if (!inserted.ok) throw new Error(inserted.reason);
  return {
    key: formatApiKey({ keyId, secret }),
    keyId,
    deliveryId: delivery.id,
    account: made.account,
  };
}

export async function revoke({ store, organizationId, clock }: CredentialWorld, accountId: string) {
  await store.revokeAccount(
    organizationId,
    accountId,
    clock.nowMs,
    auditEvent('service_account.revoked', { account: accountId }),
  );
}

/** The server with the routes that look at credentials; answers where it listens. */
export function serve(
  { ports, log }: CredentialWorld,
  {
    perMinute = 1_000,
    clients = [{ id: INTROSPECTION_CLIENT.id, secret: new Secret(INTROSPECTION_CLIENT.secret) }],
    trustedProxies = [] as string[],
  } = {},
): Promise<string> {
  const failureLimit = createFailureLimit({ perMinute });
  const authenticate = createAuthenticate({ ports, failureLimit });
  const register = (server: FastifyInstance) => {
    addForwardAuthRoute(server, { ports, authenticate });
    addIntrospectionRoute(server, { ports, clients, failureLimit });
  };
  return listen(register, { logger: log.logger, trustedProxies });
}

export function basic(username: string, password: string): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
}

function watched(store: Store, asked: string[]): Store {
  return new Proxy(store, {
    get(target, name) {
      const method = Reflect.get(target, name);
      if (typeof method !== 'function') return method;
      return (...given: unknown[]) => {
        asked.push(String(name));
        return method.apply(target, given);
      };
    },
  });
}

/** Tokens that are signed and verified, and no more: those of Keysmith have tests of their own. */
async function signingTokens(now: () => number): Promise<AccessTokens> {
  const { publicKey, privateKey } = await generateKeyPair('EdDSA');
  let drawn = 0;
  return {
    async issue(account) {
      drawn += 1;
      const token = await new SignJWT({})
        .setProtectedHeader({ alg: 'EdDSA' })
        .setSubject(account.id)
        .setJti(`token-${drawn}`)
        .setIssuedAt(now() / 1000)
        .setExpirationTime((now() + DAY_MS / 24) / 1000)
        .sign(privateKey);
      return { token: new Secret(token), expiresInSeconds: 3600 };
    },
    async verify(token): Promise<VerifyAccessTokenResult> {
      try {
        const { payload } = await jwtVerify(token, publicKey, { currentDate: new Date(now()) });
        const { sub = '', jti = '', iat = 0, exp = 0 } = payload;
        const times = { issuedAtMs: iat * 1000, expiresAtMs: exp * 1000 };
        return { ok: true, claims: { accountId: sub, tokenId: jti, ...times } };
      } catch (error) {
        const code = error instanceof Error && 'code' in error ? error.code : undefined;
        if (code === 'ERR_JWT_EXPIRED') return { ok: false, reason: 'token_expired' };
        const isSignature = code === 'ERR_JWS_SIGNATURE_VERIFICATION_FAILED';
        return { ok: false, reason: isSignature ? 'bad_signature' : 'malformed' };
      }
    },
    jwks: async () => ({ keys: [await exportJWK(publicKey)] }),
  };
}
