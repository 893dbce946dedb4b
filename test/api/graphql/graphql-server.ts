import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type Database from 'better-sqlite3';
import { pino } from 'pino';
import { afterAll, beforeAll } from 'vitest';
import { addGraphqlRoute, type GraphqlRouteDependencies } from '../../../src/api/graphql/graphql-route.ts';
import { sendError } from '../../../src/api/server/api-error.ts';
import type { Authenticate } from '../../../src/api/server/authenticate.ts';
import { createHttpServer } from '../../../src/api/server/http-server.ts';
import type { VerifiedCredential } from '../../../src/application/authority/verify-credential.ts';
import type { Store } from '../../../src/application/ports/store.ts';
import type { ServiceAccount } from '../../../src/domain/accounts/service-account.ts';
import { openSqliteDatabase } from '../../../src/store/database/open-database.ts';
import {
  federatedAccount,
  type KeyAccount,
  keyAccount,
  NOW_MS,
  seedOrganization,
  teamOf,
  type World,
} from '../../store/contract/world.ts';
import { quickFolder } from '../../store/database/migrated-database.ts';
import { storesOver } from '../../store/database/temporary-database.ts';
import { admitAll, collectLog } from '../test-server.ts';

type SqliteWorld = Pick<World, 'store'> & { client: Database.Database };

export interface GraphqlServer {
  url: string;
  world: SqliteWorld;
  log: ReturnType<typeof collectLog>;
  /** An account of the team `ml-platform` with a key. */
  nightly: ServiceAccount;
  nightlyKeyId: string;
  /** A federated account of the team `ml-platform`. */
  deployer: ServiceAccount;
  /** An account of organization scope; its default team is `vision`. */
  everywhere: ServiceAccount;
  /** The credentials that verify. */
  verified: VerifiedCredential[];
  close(): Promise<void>;
}

export interface GraphqlResponse {
  status: number;
  headers: Headers;
  json: {
    data?: Record<string, unknown> | null;
    errors?: { message: string; path?: unknown; extensions?: unknown }[];
    error?: string;
    reference?: string;
  };
}

/** Starts one server for all tests of a file, which may only read. */
export function sharedGraphql(): () => GraphqlServer {
  let server: GraphqlServer | undefined;
  beforeAll(async () => {
    server = await startGraphql();
  });
  afterAll(() => server?.close());
  return () => {
    if (server === undefined) throw new Error('the server has not started');
    return server;
  };
}

/** Starts the route over a real store. The Bearer token is the ID of the calling account. */
export async function startGraphql(
  wrapStore: (store: Store) => Store = (store) => store,
  options: Partial<Pick<GraphqlRouteDependencies, 'loadExecutor' | 'admit'>> = {},
): Promise<GraphqlServer> {
  const folder = mkdtempSync(join(quickFolder(), 'keysmith-graphql-'));
  const client = openSqliteDatabase({
    file: join(folder, 'keysmith.db'),
    mode: 'sandbox',
    busyTimeoutMs: 100,
  });
  const store = await seedOrganization(storesOver(client), 'acme');
  const accounts = await insertAccounts(store);
  const ports = {
    store: wrapStore(store),
    logger: pino({ enabled: false }),
  };
  const log = collectLog();
  const server = createHttpServer({
    slack: { path: '/slack/events', listener: () => undefined },
    isReady: async () => {},
    logger: log.logger,
    register: (scope) =>
      addGraphqlRoute(scope, {
        ports,
        authenticate: authenticateAsOneOf(accounts.verified),
        admit: admitAll,
        ...options,
      }),
  });
  return {
    url: await server.listen({ host: '127.0.0.1', port: 0 }),
    world: { store, client },
    log,
    ...accounts,
    close: async () => {
      await server.close();
      client.close();
      rmSync(folder, { recursive: true });
    },
  };
}

async function insertAccounts(store: Store) {
  const { organizationId } = store;
  const mlPlatform = await teamOf(store, 'ml-platform');
  const vision = await teamOf(store, 'vision');
  const nightly = keyAccount(organizationId, mlPlatform, { name: 'nightly-eval' });
  const everywhere = keyAccount(organizationId, vision, { name: 'mirror', scope: 'organization' });
  const deployer = federatedAccount(organizationId, mlPlatform, 'repo:acme/deploy', { name: 'deployer' });
  for (const account of [nightly, everywhere, deployer]) {
    const inserted = await store.insertAccount(account);
    if (!inserted.ok) throw new Error(inserted.reason);
  }
  const token = {
    kind: 'access_token',
    tokenId: 'tok_1',
    issuedAtMs: NOW_MS,
    expiresAtMs: NOW_MS + 1,
  } as const;
  return {
    nightly: nightly.account,
    nightlyKeyId: nightly.key.record.keyId,
    everywhere: everywhere.account,
    deployer: deployer.account,
    verified: [ofKey(nightly), ofKey(everywhere), { account: deployer.account, credential: token }],
  };
}

export function ask(
  { url }: Pick<GraphqlServer, 'url'>,
  account: ServiceAccount,
  body: { query: string; [more: string]: unknown },
): Promise<GraphqlResponse> {
  return post(url, account, JSON.stringify(body));
}

export async function post(
  url: string,
  account: ServiceAccount,
  body: string | Uint8Array<ArrayBuffer>,
  contentType = 'application/json',
): Promise<GraphqlResponse> {
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { authorization: `Bearer ${account.id}`, 'content-type': contentType },
    body,
  });
  const json = (await response.json()) as GraphqlResponse['json'];
  return { status: response.status, headers: response.headers, json };
}

function ofKey({ account, key: { record } }: KeyAccount): VerifiedCredential {
  const { keyId, createdAtMs, expiresAtMs } = record;
  return { account, credential: { kind: 'api_key', keyId, createdAtMs, expiresAtMs } };
}

function authenticateAsOneOf(all: VerifiedCredential[]): Authenticate {
  return async (request, reply) => {
    const found = all.find(({ account }) => request.headers.authorization === `Bearer ${account.id}`);
    if (found === undefined) {
      sendError(reply, { reason: 'credential_rejected', reference: request.id });
    }
    return found;
  };
}
