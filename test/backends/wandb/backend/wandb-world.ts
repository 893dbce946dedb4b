import { join } from 'node:path';
import { pino } from 'pino';
import { onTestFinished } from 'vitest';
import { createServiceAccount } from '../../../../src/application/accounts/create-service-account.ts';
import { createRefusalRecord } from '../../../../src/application/accounts/refusal-record.ts';
import { notifyCollections, notifyEndings } from '../../../../src/application/jobs/notify-people.ts';
import {
  checkForLateEffects,
  settleDeliveries,
  settleOperations,
} from '../../../../src/application/jobs/settle-lapsed.ts';
import type { Ports } from '../../../../src/application/ports/account-ports.ts';
import type { Collection } from '../../../../src/application/ports/account-records.ts';
import type { Backend } from '../../../../src/application/ports/backend.ts';
import type {
  DeliveryAttempt,
  FailedDelivery,
  OperationEnding,
} from '../../../../src/application/ports/slack.ts';
import type { Store } from '../../../../src/application/ports/store.ts';
import { createWandbBackend } from '../../../../src/backends/wandb/backend/wandb-backend.ts';
import { createWandbClient } from '../../../../src/backends/wandb/client/wandb-client.ts';
import { createScimClient } from '../../../../src/backends/wandb/scim/scim-client.ts';
import { Secret } from '../../../../src/domain/keys/secret.ts';
import type { LocalWandbOptions } from '../../../../src/sandbox/wandb/local-wandb.ts';
import type { DrivenWandb } from '../../../driver/driven-wandb.ts';
import { startWandb } from '../../../sandbox/wandb/wandb-calls.ts';
import { draw, NOW_MS } from '../../../store/contract/world.ts';
import { placeMigratedDatabase } from '../../../store/database/migrated-database.ts';
import { openDatabase, storesOver, temporaryFolder } from '../../../store/database/temporary-database.ts';

export const TEAM = 'ml-platform';
export const NAME = 'nightly-eval';
export const ISSUER = 'https://token.actions.githubusercontent.com';
export const MINUTE_MS = 60_000;

/** A delivery attempt, without the tag that only chooses a text. */
export type SlackAttempt = Exclude<DeliveryAttempt, FailedDelivery> | Omit<FailedDelivery, 'failure'>;

/** A running Keysmith, reduced to what its backend needs. */
export interface Replica {
  backend: Backend;
  store: Store;
  ports: Ports;
  clock: { nowMs: number };
  /** Outcomes of the next deliveries; all further ones are accepted. */
  attempts: (SlackAttempt | Promise<SlackAttempt>)[];
  /** Runs the background jobs once. */
  sweep(): Promise<void>;
  query(sql: string): unknown[];
}

/** A W&B server, and a database with as many replicas as the test starts. */
export interface WandbWorld {
  wandb: DrivenWandb;
  /** Keys that Slack accepted for delivery. */
  delivered: string[];
  offers: { collection: Collection; revokedKeyId: string | undefined }[];
  endings: OperationEnding[];
  /** Log lines of every level. */
  lines: string[];
  replica(options?: ReplicaOptions): Promise<Replica>;
}

interface ReplicaOptions {
  laterMs?: number;
  organizationAdmins?: readonly string[];
  timeoutMs?: number;
  /** Wraps the store. */
  over?: (store: Store) => Store;
  /** Intercepts the requests to the server. */
  wire?: Wire;
}

/** Sees each request and its response, and may replace the response. */
export type Wire = (operationName: string, ask: () => Promise<Response>) => Promise<Response>;

/** Replaces the server's responses to one operation. */
export function replacingResponse(
  operation: string,
  change: (response: { data: Record<string, never> }) => unknown,
): Wire {
  return async (operationName, ask) => {
    const response = await ask();
    if (operationName !== operation) return response;
    return Response.json(change((await response.json()) as { data: Record<string, never> }));
  };
}

export async function openWandbWorld(options: LocalWandbOptions = {}): Promise<WandbWorld> {
  const wandb = await startWandb(options);
  const file = join(temporaryFolder(), 'keysmith.db');
  const world: Omit<WandbWorld, 'replica'> = { wandb, delivered: [], offers: [], endings: [], lines: [] };
  return { ...world, replica: (settings) => startReplica(world, file, settings ?? {}) };
}

async function startReplica(
  world: Omit<WandbWorld, 'replica'>,
  file: string,
  {
    laterMs = 0,
    organizationAdmins = [],
    timeoutMs = 10_000,
    over = (store) => store,
    wire = (_, ask) => ask(),
  }: ReplicaOptions,
): Promise<Replica> {
  const { wandb } = world;
  placeMigratedDatabase(file, 'sandbox');
  const database = openDatabase(file);
  const name = wandb.organization.name;
  const store = over(await storesOver(database).openOrganization(name, NOW_MS));
  const clock = { nowMs: NOW_MS + laterMs };
  const now = () => clock.nowMs;
  const monotonicMs = () => clock.nowMs;
  const logger = pino({ level: 'trace', base: null }, { write: (line) => void world.lines.push(line) });
  const stopping = new AbortController();
  onTestFinished(() => stopping.abort());
  const server = {
    baseUrl: wandb.baseUrl,
    apiKey: new Secret(wandb.apiKey),
    fetch: (input: RequestInfo | URL, init?: RequestInit) =>
      wire(operationOf(String(input), init), () =>
        fetch(input, {
          ...init,
          signal: AbortSignal.any([stopping.signal, ...(init?.signal ? [init.signal] : [])]),
        }),
      ),
    now,
    monotonicMs,
    random: () => 0.5,
    sleep: async () => {},
    logger,
    limits: { timeoutMs },
  };
  const client = createWandbClient(server);
  const scim = createScimClient(server);
  const common = { client, scim, store, now, monotonicMs, newId: draw, logger, baseUrl: wandb.baseUrl };
  const backend = createWandbBackend({ ...common, organizationName: name, organizationAdmins });
  const attempts: Replica['attempts'] = [];
  const ports: Ports = {
    ...common,
    backend,
    organization: { name },
    writingRuns: undefined,
    runAccess: async () => 'available',
    refusals: createRefusalRecord({ ...common, organization: { name } }),
    ...slackSide(world, attempts),
  };
  return {
    backend,
    store,
    ports,
    clock,
    attempts,
    async sweep() {
      await settleDeliveries(ports);
      await settleOperations(ports);
      await checkForLateEffects(ports);
      await notifyCollections(ports);
      await notifyEndings(ports);
    },
    query: (sql) => database.prepare(sql).all(),
  };
}

/** Returns the name of a GraphQL operation, or the first part of another API's path: `scim`. */
function operationOf(url: string, init: RequestInit | undefined): string {
  return url.endsWith('/graphql')
    ? JSON.parse(String(init?.body)).operationName
    : (new URL(url).pathname.split('/')[1] ?? '');
}

/** The ports to Slack: profiles, deliveries and notifications. */
function slackSide(
  { delivered, offers, endings }: Omit<WandbWorld, 'replica'>,
  attempts: Replica['attempts'],
): Pick<Ports, 'directory' | 'delivery' | 'notifications'> {
  return {
    directory: {
      workspace: { workspaceId: 'T1', enterpriseId: undefined },
      profile: async (slackUserId) => ({
        slackUserId,
        workspaceId: 'T1',
        enterpriseId: undefined,
        email: `${slackUserId.slice(2).toLowerCase()}@acme.test`,
        isEmailConfirmed: true,
        isBot: false,
        isDeactivated: false,
        isGuest: false,
        isStranger: false,
      }),
      findByEmail: async () => undefined,
    },
    delivery: {
      async deliverKey({ key }) {
        const attempt = (await attempts.shift()) ?? { outcome: 'accepted' };
        if (attempt.outcome !== 'accepted') return { ...attempt, failure: { reason: 'slack_unavailable' } };
        delivered.push(key.reveal());
        return attempt;
      },
      deliverFederatedAccount: async () => ({ outcome: 'accepted' }),
    },
    notifications: {
      async offerCollection(collection, _account, revokedKeyId) {
        offers.push({ collection, revokedKeyId });
        return true;
      },
      send: async () => true,
      async reportEnding(ending) {
        endings.push(ending);
        return true;
      },
    },
  };
}

const route = { kind: 'response_url', url: new Secret('https://hooks.slack.com/x') } as const;

/** Submits the form for an account with a key, as Ada. */
export function create(replica: Replica, overrides: { name?: string; submissionId?: string } = {}) {
  const { name = NAME, submissionId = draw('sub') } = overrides;
  return createServiceAccount(replica.ports, {
    slackUserId: 'U0ADA',
    submissionId,
    route,
    requestId: 'req_1',
    form: {
      teamName: TEAM,
      name,
      method: 'api_key',
      lifetimeDays: undefined,
      issuer: undefined,
      subject: undefined,
      purpose: undefined,
      usedBy: undefined,
      contact: 'U0ADA',
    },
  });
}

/** Submits the form for a federated account, as Ada. */
export function createFederated(replica: Replica, subject = 'repo:acme/web', name = NAME) {
  return createServiceAccount(replica.ports, {
    slackUserId: 'U0ADA',
    submissionId: draw('sub'),
    route,
    requestId: 'req_1',
    form: {
      teamName: TEAM,
      name,
      method: 'federated',
      lifetimeDays: undefined,
      issuer: ISSUER,
      subject,
      purpose: undefined,
      usedBy: undefined,
      contact: 'U0ADA',
    },
  });
}

export { route };
