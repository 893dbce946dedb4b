import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { pino } from 'pino';
import { expect, onTestFinished } from 'vitest';
import { collectKey } from '../../../../src/application/accounts/collect-key.ts';
import { createServiceAccount } from '../../../../src/application/accounts/create-service-account.ts';
import { createRefusalRecord } from '../../../../src/application/accounts/refusal-record.ts';
import { revokeServiceAccount } from '../../../../src/application/accounts/revoke-service-account.ts';
import { jobHandlers } from '../../../../src/application/jobs/job-handlers.ts';
import { createJobWorker, type JobHandlers } from '../../../../src/application/jobs/job-worker.ts';
import { endNotification } from '../../../../src/application/jobs/notification-jobs.ts';
import type { Ports } from '../../../../src/application/ports/account-ports.ts';
import type { Backend } from '../../../../src/application/ports/backend.ts';
import type { HeldJob } from '../../../../src/application/ports/job-store.ts';
import type { DueAccountNotification } from '../../../../src/application/ports/notifications.ts';
import type { DeliveryAttempt, FailedDelivery } from '../../../../src/application/ports/slack.ts';
import type { Store } from '../../../../src/application/ports/store.ts';
import { createWandbBackend } from '../../../../src/backends/wandb/backend/wandb-backend.ts';
import { createWandbClient } from '../../../../src/backends/wandb/client/wandb-client.ts';
import { createScimClient } from '../../../../src/backends/wandb/scim/scim-client.ts';
import type { ServiceAccount } from '../../../../src/domain/accounts/service-account.ts';
import { Secret } from '../../../../src/domain/keys/secret.ts';
import type { LocalWandbOptions } from '../../../../src/sandbox/wandb/local-wandb.ts';
import type { DrivenWandb } from '../../../driver/driven-wandb.ts';
import { startWandb } from '../../../sandbox/wandb/wandb-calls.ts';
import { installed, memberProfile, withoutCards } from '../../../slack-profile.ts';
import { draw, NOW_MS } from '../../../store/contract/world.ts';
import { placeMigratedDatabase } from '../../../store/database/migrated-database.ts';
import { openDatabase, storesOver, temporaryFolder } from '../../../store/database/temporary-database.ts';

export const TEAM = 'ml-platform';
export const NAME = 'nightly-eval';
/** Its name on the server. */
export const TAGGED_NAME = expect.stringMatching(/^nightly-eval-ks[a-z2-7]{13}$/);
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
  runJobs(): Promise<void>;
  query(sql: string): unknown[];
}

/** A W&B server, and a database with as many replicas as the test starts. */
export interface WandbWorld {
  wandb: DrivenWandb;
  /** Keys that Slack accepted for delivery. */
  delivered: string[];
  /** The direct messages that Slack accepted, with their recipients. */
  notified: (DueAccountNotification & { to: string })[];
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

/** @param file of an existing database to continue with; by default a new one */
export async function openWandbWorld(
  options: LocalWandbOptions = {},
  file = join(temporaryFolder(), 'keysmith.db'),
): Promise<WandbWorld> {
  const wandb = await startWandb(options);
  const world: Omit<WandbWorld, 'replica'> = { wandb, delivered: [], notified: [], lines: [] };
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
  const { baseUrl } = wandb;
  const common = { client, scim, store, now, monotonicMs, newId: draw, randomBytes, logger, baseUrl };
  const backend = createWandbBackend({ ...common, organizationName: name, organizationAdmins });
  const attempts: Replica['attempts'] = [];
  const ports: Ports = {
    ...common,
    backend,
    workloadUrl: 'https://wandb.acme.test',
    organization: { name },
    writingRuns: undefined,
    assertionRules: undefined,
    auditChannel: undefined,
    wakeJobs: () => {},
    flushUses: async () => {},
    runAccess: async () => 'available',
    refusals: createRefusalRecord({ ...common, organization: { name } }),
    installation: installed,
    cards: withoutCards,
    findGenuineKey: async () => undefined,
    ...slackSide(world, attempts),
  };
  let ended = 0;
  const count = () => {
    ended += 1;
  };
  const worker = createJobWorker({ ...ports, handlers: withoutReminders(jobHandlers(ports)), count });
  return {
    backend,
    store,
    ports,
    clock,
    attempts,
    async runJobs() {
      do {
        ended = 0;
        await worker.startDue();
        await worker.settled();
        // Jobs queue others, such as notifications.
      } while (ended > 0);
    },
    query: (sql) => database.prepare(sql).all(),
  };
}

/** Ends reminders, which have tests of their own: the admins of W&B have no Slack here. */
export function withoutReminders(handlers: JobHandlers): JobHandlers {
  return { ...handlers, reminder: { ...handlers.reminder, run: async () => 'done' } };
}

/** Returns the name of a GraphQL operation, or the first part of another API's path: `scim`. */
function operationOf(url: string, init: RequestInit | undefined): string {
  return url.endsWith('/graphql')
    ? JSON.parse(String(init?.body)).operationName
    : (new URL(url).pathname.split('/')[1] ?? '');
}

/** The ports to Slack: profiles, deliveries and notifications. */
function slackSide(
  { delivered, notified }: Omit<WandbWorld, 'replica'>,
  attempts: Replica['attempts'],
): Pick<Ports, 'directory' | 'delivery' | 'notifications'> {
  return {
    directory: {
      workspace: { workspaceId: 'T1', enterpriseId: undefined },
      profile: async (slackUserId) =>
        memberProfile(slackUserId, `${slackUserId.slice(2).toLowerCase()}@acme.test`),
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
      async send(to, notification) {
        if (!('account' in notification)) throw new Error(notification.message);
        notified.push({ ...notification, to });
        return true;
      },
    },
  };
}

const route = { kind: 'response_url', url: new Secret('https://hooks.slack.com/x') } as const;

/** Submits the form for an account, by default with a key, as Ada. */
export function create(
  replica: Replica,
  overrides: { name?: string; submissionId?: string; method?: string } = {},
) {
  const { name = NAME, submissionId = draw('sub'), method = 'api_key' } = overrides;
  return shown(replica, createServiceAccount, {
    slackUserId: 'U0ADA',
    submissionId,
    route,
    requestId: 'req_1',
    form: {
      teamName: TEAM,
      name,
      method,
      expiry: undefined,
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
  return shown(replica, createServiceAccount, {
    slackUserId: 'U0ADA',
    submissionId: draw('sub'),
    route,
    requestId: 'req_1',
    form: {
      teamName: TEAM,
      name,
      method: 'federated',
      expiry: undefined,
      issuer: ISSUER,
      subject,
      purpose: undefined,
      usedBy: undefined,
      contact: 'U0ADA',
    },
  });
}

/** Asks a use case; Slack shows the outcome. */
async function shown<Asked, Result extends { kind: string }>(
  { ports }: Replica,
  ask: (ports: Ports, asked: Asked) => Promise<Result>,
  asked: Asked,
): Promise<Result> {
  const result: Result & { notice?: HeldJob } = await ask(ports, asked);
  if (result.notice !== undefined) await endNotification(ports, result.notice, { wasNotified: true });
  return result;
}

export { route };

/** Returns the kinds of the direct messages, in their order. */
export const messages = ({ notified }: WandbWorld) => notified.map(({ message }) => message);

/** Clicks the newest *Collect key*, as Ada. */
export function collect({ notified }: WandbWorld, replica: Replica) {
  const offer = notified.findLast(({ message }) => message === 'key_collectable');
  const collectionId = offer?.message === 'key_collectable' ? offer.collectionId : '';
  return shown(replica, collectKey, { slackUserId: 'U0ADA', collectionId, route, requestId: 'req_2' });
}

/** Revokes an account, as Ada if nobody else is named, who sees the response. */
export function revoke(replica: Replica, accountId: string, slackUserId = 'U0ADA') {
  return shown(replica, revokeServiceAccount, { slackUserId, accountId, requestId: 'req_2' });
}

/** Returns the account of a creation that succeeded. */
export function createdAccount(result: Awaited<ReturnType<typeof create>>): ServiceAccount {
  if (result.kind !== 'created' && result.kind !== 'created_federated') throw new Error(result.kind);
  return result.account;
}
