import type { KeyObject } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import { addGraphqlRoute } from '../api/graphql/graphql-route.ts';
import { addForwardAuthRoute } from '../api/routes/forward-auth-route.ts';
import { addIntrospectionRoute } from '../api/routes/introspection-route.ts';
import { addLeaksRoute } from '../api/routes/leaks-route.ts';
import { addRunsAuthorizeRoute } from '../api/routes/runs-authorize-route.ts';
import { addTokenRoute } from '../api/routes/token-route.ts';
import { addWellKnownRoutes } from '../api/routes/well-known-routes.ts';
import { createAdmission } from '../api/server/admission.ts';
import { createAuthenticate } from '../api/server/authenticate.ts';
import { createFailureLimit } from '../api/server/failure-limit.ts';
import { createWorkLimit } from '../api/server/work-limit.ts';
import { createAccessTokens } from '../application/authority/access-tokens.ts';
import type { AuthorityCounts, AuthorityPorts } from '../application/authority/authority-context.ts';
import { createIssuerKeys } from '../application/authority/issuer-keys.ts';
import type { AssertionRules } from '../application/authority/jwt/examine-jwt.ts';
import { createLastUses } from '../application/authority/last-uses.ts';
import { createLateUses } from '../application/authority/late-use.ts';
import { createFederationIssuer, type FederationIssuer } from '../application/gateway/federation-issuer.ts';
import type { WritingRuns } from '../application/gateway/writing-runs.ts';
import type { Clock } from '../application/ports/clock.ts';
import type { Store } from '../application/ports/store.ts';
import type { AuthorityConfig, GatewayConfig } from '../config/configuration.ts';
import { createSealer, deriveKey } from '../domain/keys/sealed.ts';
import type { Secret } from '../domain/keys/secret.ts';
import type { DesiredTeam } from '../domain/organization/organization-changes.ts';
import { createIssuerDocuments } from '../net/issuer-documents.ts';
import { startRepeating } from './background-jobs.ts';
import { type Gateway, type StartGatewayOptions, startGateway } from './start-gateway.ts';

export interface StartAuthorityOptions extends Clock {
  authority: AuthorityConfig;
  store: Store;
  organizationName: string;
  teams: readonly Pick<DesiredTeam, 'members'>[];
  peppers: ReadonlyMap<number, KeyObject>;
  secret: Secret<Uint8Array>;
  /** The URL workloads use. Empty until the HTTP server listens. */
  publicUrl: () => string;
  counts: AuthorityCounts;
  gatewayCounts: StartGatewayOptions['gatewayCounts'];
  outboundRules: StartGatewayOptions['outboundRules'];
  /** Goes through HTTPS_PROXY if it is set. */
  fetch: typeof globalThis.fetch;
  /** Takes the place of Keysmith's own `/graphql`. */
  gateway?: GatewayConfig | undefined;
  /** Defined with a gateway. */
  writingRuns?: WritingRuns | undefined;
  upstreamCredentials?: StartGatewayOptions['upstreamCredentials'];
  newId: (prefix: string) => string;
  logger: AuthorityPorts['logger'];
}

/** The routes that check the credentials Keysmith issued. */
export interface Authority {
  /** What a JWT is checked against outside an exchange. */
  assertionRules: AssertionRules;
  addRoutes(server: FastifyInstance): Promise<void>;
  /** Returns the number of credential uses in memory that aren't in the database yet. */
  usesWaiting(): number;
  /** Stores the uses that are only in memory. Never rejects. */
  flushUses(): Promise<void>;
  /** Writes those uses. Call it after the last request was served. */
  stop(): Promise<void>;
}

/** Last uses are promised within a minute; half of that leaves room for one run that finds the database locked. */
const WRITE_USES_EVERY_MS = 30_000;

/** Often within the hour for which a key is published before it signs. */
const ROTATE_KEYS_EVERY_MS = 5 * 60_000;

/**
 * Opens the signing keys and starts writing last uses.
 *
 * @throws StoreUnavailableError, UnreadableSigningKeyError
 */
export async function startAuthority(options: StartAuthorityOptions): Promise<Authority> {
  const { authority, store, now, monotonicMs, logger, publicUrl } = options;
  const accessTokens = createAccessTokens({
    ...options,
    sealer: createSealer(deriveKey(options.secret.reveal(), 'signing-key'), 'signing-key-1'),
    issuerUrl: publicUrl,
    lifetimeSeconds: authority.accessTokenSeconds,
  });
  // Fails now, rather than at the first exchange, if KEYSMITH_SECRET isn't the one this database was created with.
  await accessTokens.open();
  const federation = options.gateway?.auth === 'federation' ? await startFederation(options) : undefined;
  const documents = createIssuerDocuments({
    allowInsecure: authority.allowsInsecureIssuers,
    ...options.outboundRules,
  });
  const lastUses = createLastUses({ store, now, logger });
  const ports: AuthorityPorts = {
    store,
    peppers: options.peppers,
    accessTokens,
    ownIssuer: publicUrl,
    issuerKeys: createIssuerKeys({ store, documents, now, monotonicMs, logger }),
    lastUses,
    lateUses: createLateUses({ store, now, monotonicMs, logger }),
    counts: options.counts,
    audiences: [options.organizationName, ...authority.audiences],
    statedUsernames: new Map(
      options.teams
        .flatMap(({ members }) => members)
        .filter(({ isUsernameStated }) => isUsernameStated)
        .map(({ email, username }) => [email, username]),
    ),
    now,
    logger,
  };
  const flushing = startRepeating(() => lastUses.flush(), {
    everyMs: WRITE_USES_EVERY_MS,
    onError: (error) => logger.error({ err: error }, 'writing credential uses failed'),
  });
  const rotation = startRepeating(() => accessTokens.prepare(), {
    everyMs: ROTATE_KEYS_EVERY_MS,
    // The first key takes a quarter of a second of one core, so it isn't part of the start.
    startsLater: true,
    onError: (error) => logger.error({ err: error }, 'signing keys not prepared'),
  });
  const { gateway: config, writingRuns } = options;
  const gateway =
    config &&
    writingRuns &&
    startGateway({ ...options, gateway: config, writingRuns, issuer: federation?.issuer });
  return {
    assertionRules: ports,
    addRoutes: (server) => addRoutes(server, { ...options, ports, federation: federation?.issuer, gateway }),
    usesWaiting: () => lastUses.waiting,
    flushUses: () => lastUses.flush(),
    async stop() {
      await Promise.all([flushing.stop(), rotation.stop(), federation?.rotation.stop()]);
      await lastUses.flush();
      await gateway?.stop();
    },
  };
}

/**
 * Creates the first key at once: the W&B server reads it before the first exchange, and no request waits for it.
 *
 * @throws StoreUnavailableError, UnreadableSigningKeyError
 */
async function startFederation(options: StartAuthorityOptions) {
  const { logger, publicUrl, organizationName, secret } = options;
  const issuer = createFederationIssuer({
    ...options,
    organizationName,
    sealer: createSealer(deriveKey(secret.reveal(), 'federation-key'), 'federation-key-1'),
    issuerUrl: publicUrl,
  });
  await issuer.open();
  const rotation = startRepeating(() => issuer.prepare(), {
    everyMs: ROTATE_KEYS_EVERY_MS,
    onError: (error) => logger.error({ err: error }, 'federation keys not prepared'),
  });
  return { issuer, rotation };
}

/**
 * A sweep may start hundreds of runs with one key. A waiting request keeps its body of at most 256 KiB in memory, and a response
 * with all members of a large team takes about a megabyte.
 */
const QUERY_BOUNDS = {
  perCaller: { running: 2, waiting: 250, unreadBytes: 8e6 },
  overall: { running: 8, waiting: 500, unreadBytes: 64e6 },
};
/** Each request keeps at most 64 KiB and verifies a signature. A caller is a network, so all clients behind a proxy may be one. */
const EXCHANGE_BOUNDS = {
  perCaller: { running: 16, waiting: 500, unreadBytes: 8e6 },
  overall: { running: 16, waiting: 1_000, unreadBytes: 64e6 },
};

async function addRoutes(
  server: FastifyInstance,
  {
    ports,
    authority,
    federation,
    gateway,
    publicUrl,
    monotonicMs,
  }: Pick<StartAuthorityOptions, 'authority' | 'publicUrl' | 'monotonicMs'> & {
    ports: AuthorityPorts;
    federation: FederationIssuer | undefined;
    gateway: Gateway | undefined;
  },
): Promise<void> {
  const failureLimit = createFailureLimit({ perMinute: authority.failuresPerMinute, monotonicMs });
  const authenticate = createAuthenticate({ ports, failureLimit });
  const { logger } = ports;
  const admitExchange = createAdmission({ limit: createWorkLimit(EXCHANGE_BOUNDS), logger });
  const admitQuery = createAdmission({ limit: createWorkLimit(QUERY_BOUNDS), logger });
  const { introspectionClients: clients } = authority;
  addTokenRoute(server, { ports, clients, failureLimit, admit: admitExchange });
  addWellKnownRoutes(server, { ports, federation, publicUrl, hasClients: clients.length > 0 });
  if (authority.leakKeys.length > 0) {
    addLeaksRoute(server, { ports, keys: authority.leakKeys, failureLimit });
  }
  addIntrospectionRoute(server, { ports, clients, failureLimit });
  addForwardAuthRoute(server, { ports, authenticate });
  addRunsAuthorizeRoute(server, { ports, authenticate });
  if (gateway === undefined) addGraphqlRoute(server, { ports, authenticate, admit: admitQuery });
  else await gateway.addRoutes(server, { ports, failureLimit });
}
