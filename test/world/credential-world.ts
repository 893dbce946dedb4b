import { createSecretKey, randomBytes } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import { addForwardAuthRoute } from '../../src/api/routes/forward-auth-route.ts';
import { addIntrospectionRoute } from '../../src/api/routes/introspection-route.ts';
import { createAuthenticate } from '../../src/api/server/authenticate.ts';
import { createFailureLimit } from '../../src/api/server/failure-limit.ts';
import { createAccessTokens } from '../../src/application/authority/access-tokens.ts';
import type {
  AuthorityPorts,
  VerificationOutcome,
} from '../../src/application/authority/authority-context.ts';
import { createLastUses } from '../../src/application/authority/last-uses.ts';
import type { Store } from '../../src/application/ports/store.ts';
import type { ServiceAccount } from '../../src/domain/accounts/service-account.ts';
import { drawApiKey, formatApiKey, hashApiKeySecret } from '../../src/domain/keys/api-key.ts';
import { createSealer } from '../../src/domain/keys/sealed.ts';
import { Secret } from '../../src/domain/keys/secret.ts';
import { collectLog, listen } from '../api/test-server.ts';
import { auditEvent, draw, keyAccount, NOW_MS, settlement, type World } from '../store/contract/world.ts';
import { openSqliteWorld, type SqliteWorld } from '../store/database/temporary-database.ts';
import { nextTestSigningKey } from './signing-keys.ts';

/** Issuer and audience of access tokens. */
export const PUBLIC_URL = 'https://keysmith.acme.test';

export const INTROSPECTION_CLIENT = { id: 'gateway', secret: 'a+b%2F:c&d=e 0123456789' };

export interface AddedKey {
  /** The whole API key, as a workload holds it. */
  key: string;
  keyId: string;
  deliveryId: string;
  account: ServiceAccount;
}

/**
 * Opens the authority's ports over a real store, with a fixed clock. `storeCalls`, `counted` and `log` record the store methods
 * that were called, the outcomes that were counted, and the log lines.
 */
export async function openCredentialWorld(opened?: SqliteWorld) {
  const world = opened ?? (await openSqliteWorld());
  const clock = { nowMs: NOW_MS };
  const log = collectLog();
  const storeCalls: string[] = [];
  const counted: VerificationOutcome[] = [];
  const store = recordCalls(world.store, storeCalls);
  const peppers = new Map([[1, createSecretKey(randomBytes(32))]]);
  const accessTokens = createAccessTokens({
    store: world.store,
    sealer: createSealer(randomBytes(32), 'signing-key-1'),
    issuerUrl: () => PUBLIC_URL,
    generateKey: nextTestSigningKey,
    now: () => clock.nowMs,
    monotonicMs: () => clock.nowMs,
    newId: draw,
    logger: log.logger,
  });
  const ports: AuthorityPorts = {
    store,
    peppers,
    accessTokens,
    ownIssuer: () => PUBLIC_URL,
    issuerKeys: { find: async () => ({ ok: false, reason: 'no_such_key' }) },
    lateUses: { note: () => {} },
    lastUses: createLastUses({ store, now: () => clock.nowMs, logger: log.logger }),
    counts: {
      verification: (outcome) => void counted.push(outcome),
      exchange: () => {},
      nearMatch: () => {},
    },
    audiences: ['acme'],
    statedUsernames: new Map(),
    now: () => clock.nowMs,
    logger: log.logger,
  };
  return { ...world, store, clock, log, storeCalls, counted, peppers, ports };
}

export type CredentialWorld = Awaited<ReturnType<typeof openCredentialWorld>>;

/** Adds an account with a real key that expires after 90 days, and whose delivery is settled unless `isDelivered` is false. */
export async function addKey(
  { store, organizationId, mlPlatform, peppers }: CredentialWorld,
  overrides: Partial<ServiceAccount> & {
    pepperVersion?: number;
    team?: World['mlPlatform'];
    isDelivered?: boolean;
    neverExpires?: true;
  } = {},
): Promise<AddedKey> {
  const { pepperVersion = 1, team = mlPlatform, isDelivered = true, neverExpires, ...fields } = overrides;
  const added = keyAccount(organizationId, team, fields);
  const { keyId, secret } = drawApiKey(randomBytes);
  const [pepper = createSecretKey(randomBytes(32))] = peppers.values();
  const { record, delivery } = added.key;
  Object.assign(record, { keyId, secretHash: hashApiKeySecret(secret, pepper), pepperVersion });
  Object.assign(delivery, { keyId });
  if (neverExpires) record.expiresAtMs = undefined;
  const inserted = await store.insertAccount(added);
  if (!inserted.ok) throw new Error(inserted.reason);
  if (isDelivered) await store.settleDelivery(settlement(delivery.id, 'accepted'));
  return {
    key: formatApiKey({ keyId, secret }),
    keyId,
    deliveryId: delivery.id,
    account: added.account,
  };
}

export async function revoke({ store, clock }: CredentialWorld, accountId: string) {
  await store.revokeAccount(
    accountId,
    clock.nowMs,
    auditEvent('service_account.revoked', { account: accountId }),
  );
}

/** Starts a server with the routes that verify credentials, and returns its URL. */
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

function recordCalls(store: Store, calls: string[]): Store {
  return new Proxy(store, {
    get(target, name) {
      const method = Reflect.get(target, name);
      if (typeof method !== 'function') return method;
      return (...parameters: unknown[]) => {
        calls.push(String(name));
        return method.apply(target, parameters);
      };
    },
  });
}
