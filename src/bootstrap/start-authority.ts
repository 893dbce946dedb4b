import type { FastifyInstance } from 'fastify';
import { addGraphqlRoute } from '../api/graphql/graphql-route.ts';
import { addForwardAuthRoute } from '../api/routes/forward-auth-route.ts';
import { addIntrospectionRoute } from '../api/routes/introspection-route.ts';
import { addRunsAuthorizeRoute } from '../api/routes/runs-authorize-route.ts';
import { addTokenRoute } from '../api/routes/token-route.ts';
import { addWellKnownRoutes } from '../api/routes/well-known-routes.ts';
import { createAuthenticate } from '../api/server/authenticate.ts';
import { createFailureLimit } from '../api/server/failure-limit.ts';
import { createAccessTokens } from '../application/authority/access-tokens.ts';
import type { AuthorityCounts, AuthorityPorts } from '../application/authority/authority-context.ts';
import { createIssuerKeys } from '../application/authority/issuer-keys.ts';
import { createLastUses } from '../application/authority/last-uses.ts';
import type { Store } from '../application/ports/store.ts';
import type { AuthorityConfig } from '../config/configuration.ts';
import { createSealer, deriveKey } from '../domain/keys/sealed.ts';
import type { Secret } from '../domain/keys/secret.ts';
import { createIssuerDocuments } from '../net/issuer-documents.ts';
import { startRepeating } from './background-jobs.ts';

export interface StartAuthorityOptions {
  authority: AuthorityConfig;
  store: Store;
  organization: { id: string; name: string };
  peppers: ReadonlyMap<number, Uint8Array>;
  secret: Secret<Uint8Array>;
  /** Where workloads reach Keysmith; known once it listens. */
  publicUrl: () => string;
  counts: AuthorityCounts;
  noProxy: string | undefined;
  now: () => number;
  newId: (prefix: string) => string;
  logger: AuthorityPorts['logger'];
}

/** Keysmith answering for the credentials that it handed out. */
export interface Authority {
  addRoutes(server: FastifyInstance): void;
  /** Uses of credentials that wait to be written. */
  usesWaiting(): number;
  /** Writes what was gathered; to be called when no request is served any more. */
  stop(): Promise<void>;
}

/** Half of what is promised, for a run that meets a locked database. */
const WRITE_USES_EVERY_MS = 30_000;

/** @throws StoreUnavailableError, UnreadableSigningKeyError */
export async function startAuthority(options: StartAuthorityOptions): Promise<Authority> {
  const { authority, store, organization, now, logger, publicUrl } = options;
  const organizationId = organization.id;
  const accessTokens = createAccessTokens({
    ...options,
    organizationId,
    sealer: createSealer(deriveKey(options.secret.reveal(), 'signing-key'), 'signing-key-1'),
    issuerUrl: publicUrl,
    lifetimeSeconds: authority.accessTokenSeconds,
  });
  // Under a secret that is not the database's own this fails now, and not at the first exchange.
  await accessTokens.prepare();
  const documents = createIssuerDocuments({
    allowInsecure: authority.allowsInsecureIssuers,
    noProxy: options.noProxy,
  });
  const lastUses = createLastUses({ store, organizationId, logger });
  const ports: AuthorityPorts = {
    store,
    organization,
    peppers: options.peppers,
    accessTokens,
    issuerKeys: createIssuerKeys({ store, organizationId, documents, now, logger }),
    lastUses,
    counts: options.counts,
    audiences: [organization.name, ...authority.audiences],
    now,
    logger,
  };
  const writing = startRepeating(() => lastUses.flush(), {
    everyMs: WRITE_USES_EVERY_MS,
    onError: (error) => logger.error({ err: error }, 'uses of credentials were not written'),
  });
  return {
    addRoutes: (server) => addRoutes(server, { ports, authority, publicUrl }),
    usesWaiting: () => lastUses.waiting,
    async stop() {
      await writing.stop();
      await lastUses.flush();
    },
  };
}

function addRoutes(
  server: FastifyInstance,
  {
    ports,
    authority,
    publicUrl,
  }: { ports: AuthorityPorts; authority: AuthorityConfig; publicUrl: () => string },
): void {
  const failureLimit = createFailureLimit({ perMinute: authority.failuresPerMinute });
  const authenticate = createAuthenticate({ ports, failureLimit });
  addTokenRoute(server, { ports, failureLimit });
  addWellKnownRoutes(server, { ports, publicUrl });
  addIntrospectionRoute(server, { ports, clients: authority.introspectionClients, failureLimit });
  addForwardAuthRoute(server, { ports, authenticate });
  addGraphqlRoute(server, { ports, authenticate });
  addRunsAuthorizeRoute(server, { ports, authenticate });
}
