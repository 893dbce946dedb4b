import type { FastifyInstance } from 'fastify';
import { addTokenRoute } from '../../src/api/routes/token-route.ts';
import { addWellKnownRoutes } from '../../src/api/routes/well-known-routes.ts';
import type { OAuthClient } from '../../src/api/server/authenticate-client.ts';
import { createFailureLimit } from '../../src/api/server/failure-limit.ts';
import { createAccessTokens } from '../../src/application/authority/access-tokens.ts';
import type {
  AuthorityPorts,
  ExchangeOutcome,
  NearMatchOutcome,
} from '../../src/application/authority/authority-context.ts';
import {
  createIssuerKeys,
  type IssuerKeysDependencies,
} from '../../src/application/authority/issuer-keys.ts';
import { createFederationIssuer } from '../../src/application/gateway/federation-issuer.ts';
import type { CredentialUse } from '../../src/application/ports/authority-store.ts';
import type { Clock } from '../../src/application/ports/clock.ts';
import type { ServiceAccount } from '../../src/domain/accounts/service-account.ts';
import type { DesiredIssuer } from '../../src/domain/federation/issuer.ts';
import { createSealer, deriveKey } from '../../src/domain/keys/sealed.ts';
import { createIssuerDocuments } from '../../src/net/issuer-documents.ts';
import { admitAll, collectLog, listen } from '../api/test-server.ts';
import { DESIRED, draw, federatedAccount, NOW_MS, type World } from '../store/contract/world.ts';
import { openSqliteWorld } from '../store/database/temporary-database.ts';
import { nextTestSigningKey } from './signing-keys.ts';

export const PUBLIC_URL = 'https://keysmith.acme.test';
export const SUBJECT = 'repo:acme/models:ref:refs/heads/main';

export interface TokenResponse {
  status: number;
  headers: Headers;
  body: { access_token?: string; error?: string; error_description?: string; [name: string]: unknown };
}

interface AuthorityOptions {
  /** Whether Keysmith is an issuer that the W&B server trusts. */
  hasFederation?: boolean;
  failuresPerMinute?: number;
  clients?: readonly OAuthClient[];
  timeoutMs?: number;
  waits?: IssuerKeysDependencies['waits'];
}

/** Time passes where a test adds to `nowMs`; it sets the clock forward or back with `steppedMs`. */
export interface TestClock {
  nowMs: number;
  steppedMs?: number;
}

function timesOf(clock: TestClock): Clock {
  return { now: () => clock.nowMs + (clock.steppedMs ?? 0), monotonicMs: () => clock.nowMs };
}

/** Starts the token exchange over HTTP with a real store and real keys. Time only moves when a test sets the clock. */
export async function openExchangeWorld(options: AuthorityOptions = {}) {
  const world = await openSqliteWorld();
  const clock: TestClock = { nowMs: NOW_MS, steppedMs: 0 };
  const started = await startAuthority(world, clock, options);
  const issuers: DesiredIssuer[] = [...DESIRED.issuers];
  return {
    ...world,
    clock,
    ...started,
    /** Starts a second authority on the same database, as another process would. */
    startAnother: () => startAuthority(world, clock, options),
    /** Registers issuers as the teams file does. */
    async register(...added: DesiredIssuer[]): Promise<void> {
      const urls = added.map(({ url }) => url);
      issuers.splice(0, issuers.length, ...issuers.filter(({ url }) => !urls.includes(url)), ...added);
      await world.store.applyOrganization({ ...DESIRED, issuers }, clock.nowMs);
    },
    async addAccount(
      issuer: string,
      subject = SUBJECT,
      team = world.mlPlatform,
      scope: ServiceAccount['scope'] = 'team',
    ): Promise<ServiceAccount> {
      const added = federatedAccount(world.organizationId, team, subject, {
        externalIdentity: { issuer, subject },
        scope,
      });
      const inserted = await world.store.insertAccount(added);
      if (!inserted.ok) throw new Error(inserted.reason);
      return added.account;
    },
  };
}

export type ExchangeWorld = Awaited<ReturnType<typeof openExchangeWorld>>;

export function createTestAccessTokens(
  { store }: Pick<World, 'store'>,
  clock: TestClock,
  logger = collectLog().logger,
  generateKey = nextTestSigningKey,
) {
  return createAccessTokens({
    store,
    sealer: createSealer(deriveKey(new Uint8Array(32).fill(1), 'signing-key'), 'signing-1'),
    issuerUrl: () => PUBLIC_URL,
    generateKey,
    ...timesOf(clock),
    newId: draw,
    logger,
  });
}

export function createTestFederationIssuer(
  { store }: Pick<World, 'store'>,
  clock: TestClock,
  logger = collectLog().logger,
) {
  return createFederationIssuer({
    store,
    sealer: createSealer(deriveKey(new Uint8Array(32).fill(1), 'federation-key'), 'federation-key-1'),
    issuerUrl: () => PUBLIC_URL,
    organizationName: 'acme',
    generateKey: nextTestSigningKey,
    ...timesOf(clock),
    newId: draw,
    logger,
  });
}

async function startAuthority(
  world: World,
  clock: TestClock,
  { failuresPerMinute, timeoutMs = 2_000, waits = {}, clients = [], hasFederation = false }: AuthorityOptions,
) {
  const { store } = world;
  const log = collectLog();
  const counted: ExchangeOutcome[] = [];
  const nearMatches: NearMatchOutcome[] = [];
  const uses: CredentialUse[] = [];
  const { now, monotonicMs } = timesOf(clock);
  const documents = createIssuerDocuments({ allowInsecure: true, noProxy: undefined, timeoutMs });
  const ports: AuthorityPorts = {
    store,
    peppers: new Map(),
    accessTokens: createTestAccessTokens(world, clock),
    ownIssuer: () => PUBLIC_URL,
    issuerKeys: createIssuerKeys({ store, documents, now, monotonicMs, waits, logger: log.logger }),
    lateUses: { note: () => {} },
    lastUses: { note: (use) => void uses.push(use), flush: async () => {}, waiting: 0 },
    counts: {
      verification: () => {},
      exchange: (outcome) => void counted.push(outcome),
      nearMatch: (outcome) => void nearMatches.push(outcome),
    },
    audiences: ['acme', 'wandb'],
    statedUsernames: new Map(),
    now,
    logger: log.logger,
  };
  const federation = hasFederation ? createTestFederationIssuer(world, clock) : undefined;
  const failureLimit = createFailureLimit(
    failuresPerMinute === undefined ? {} : { perMinute: failuresPerMinute },
  );
  const register = (server: FastifyInstance) => {
    addTokenRoute(server, { ports, clients, failureLimit, admit: admitAll });
    const hasClients = clients.length > 0;
    addWellKnownRoutes(server, { ports, federation, publicUrl: () => PUBLIC_URL, hasClients });
  };
  const url = await listen(register, { logger: log.logger });
  return {
    url,
    ports,
    log,
    counted,
    nearMatches,
    uses,
    exchange: (assertion: string) => exchange(url, assertion),
  };
}

function exchange(url: string, assertion: string): Promise<TokenResponse> {
  const grant = 'urn:ietf:params:oauth:grant-type:jwt-bearer';
  return postForm(url, new URLSearchParams({ grant_type: grant, assertion }).toString());
}

export async function postForm(
  url: string,
  body: string,
  headers: Record<string, string> = {},
): Promise<TokenResponse> {
  const sent = new Headers({ 'content-type': 'application/x-www-form-urlencoded' });
  for (const [name, value] of Object.entries(headers)) sent.set(name, value);
  const response = await fetch(`${url}/oidc/token`, {
    method: 'POST',
    headers: sent,
    body,
  });
  return {
    status: response.status,
    headers: response.headers,
    body: (await response.json()) as TokenResponse['body'],
  };
}
