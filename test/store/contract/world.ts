import type {
  NewAccount,
  PendingDelivery,
  SettleDelivery,
} from '../../../src/application/ports/account-records.ts';
import type { JobKind } from '../../../src/application/ports/job-store.ts';
import { DELIVERY_LEASE_MS, type Store, type Stores } from '../../../src/application/ports/store.ts';
import { expiryMs } from '../../../src/domain/accounts/key-expiry.ts';
import type { ApiKeyRecord, ServiceAccount } from '../../../src/domain/accounts/service-account.ts';
import type { AuditAction } from '../../../src/domain/audit/audit-actions.ts';
import type { AuditEvent } from '../../../src/domain/audit/audit-event.ts';
import type { DesiredOrganization } from '../../../src/domain/organization/organization-changes.ts';
import type { Person } from '../../../src/domain/organization/person.ts';
import type { Team } from '../../../src/domain/organization/team.ts';

/** A new database. `another` opens it again, as a second replica does. */
export interface OpenedStore {
  stores: Stores;
  another(): Stores;
  /** When a key was revoked, read without the port; null while it is active. */
  keyRevokedAtMs(keyId: string): number | null;
  /** The latest use of a key or an account, read without the port. */
  lastUse(of: { keyId: string } | { accountId: string }): LastUse;
  close(): Promise<void>;
}

export interface LastUse {
  atMs: number | null;
  address: string | null;
  userAgent: string | null;
}

/**
 * Opens stores whose audit events are chained under {@link AUDIT_KEY}. With a `seed`, the database may be one that other tests
 * filled with organizations of other names, and only one test at a time uses it. Without one, it is new and empty.
 */
export type OpenStore = (seed?: Seed) => Promise<OpenedStore>;
export type Seed = (stores: Stores) => Promise<unknown>;

export const AUDIT_KEY = new Uint8Array(32).fill(7);
export const DAY_MS = 24 * 60 * 60 * 1000;
export const NOW_MS = Date.UTC(2026, 0, 15, 12);
export const ISSUER = 'https://token.actions.githubusercontent.com';

export const ada: Person = { slackUserId: 'U0ADA', email: 'ada@acme.test' };
export const ben: Person = { slackUserId: 'U0BEN', email: 'ben@acme.test' };
export const cy: Person = { slackUserId: 'U0CY', email: 'cy@acme.test' };
export const dee: Person = { slackUserId: 'U0DEE', email: 'dee@acme.test' };

export const DESIRED: DesiredOrganization = {
  admins: [cy.email],
  issuers: [{ url: ISSUER }],
  teams: [
    {
      name: 'ml-platform',
      subjects: ['repo:acme/*'],
      members: [
        { email: ada.email, username: 'ada', role: 'admin' },
        { email: ben.email, username: 'benj', role: 'member' },
      ],
      projects: [{ name: 'benchmarks', visibility: 'open', serviceAccounts: ['nightly-eval'] }],
    },
    {
      name: 'vision',
      subjects: [],
      members: [{ email: ben.email, username: 'benj', role: 'admin' }],
      projects: [],
    },
  ],
};

export function withoutTeam(name: string): DesiredOrganization {
  return { ...DESIRED, teams: DESIRED.teams.filter((team) => team.name !== name) };
}

let drawn = 0;
/** Returns an ID that is unique in this test run. */
export function draw(prefix: string): string {
  drawn += 1;
  return `${prefix}_${String(drawn).padStart(6, '0')}`;
}

export function auditEvent(action: AuditAction, details: AuditEvent['details'] = {}): AuditEvent {
  const actor = { type: 'person', ...ada } as const;
  return { atMs: NOW_MS, actor, action, subject: 'test:subject', details, requestId: 'req_1' };
}

/** Returns an event that can't be chained, because canonical JSON has no NaN. */
export function impossibleEvent(action: AuditAction): AuditEvent {
  return auditEvent(action, { broken: Number.NaN });
}

export interface World extends Omit<OpenedStore, 'another'> {
  /** The store of {@link organizationId}. */
  store: Store;
  /** The same organization's store, as opened by another replica. */
  another(): Promise<Store>;
  organizationId: string;
  mlPlatform: Team;
  vision: Team;
}

/** Opens a database with the organization `acme` as in {@link DESIRED}, and a pepper. */
export async function openWorld(openStore: OpenStore): Promise<World> {
  const opened = await openStore(seedAcme);
  return { ...opened, ...(await settledWorld(opened)) };
}

export const seedAcme: Seed = (stores) => seedOrganization(stores, 'acme');

/** Returns what a world adds to the opened stores of a database that {@link seedAcme} filled. */
export async function settledWorld({ stores, another }: Pick<OpenedStore, 'stores' | 'another'>) {
  const store = await stores.openOrganization('acme', NOW_MS);
  return {
    store,
    organizationId: store.organizationId,
    another: () => another().openOrganization('acme', NOW_MS),
    mlPlatform: await teamOf(store, 'ml-platform'),
    vision: await teamOf(store, 'vision'),
  };
}

/** Creates an organization as in {@link DESIRED}, with a pepper. */
export async function seedOrganization(stores: Stores, name: string): Promise<Store> {
  const store = await stores.openOrganization(name, NOW_MS);
  await store.applyOrganization(DESIRED, NOW_MS);
  await store.insertSealedPepper(1, 'sealed-1', NOW_MS);
  return store;
}

export async function teamOf(store: Store, name: string): Promise<Team> {
  const access = await store.teamAccess(cy.email, name);
  if (access === undefined) throw new Error(`no team ${name}`);
  return access.team;
}

export interface KeyAccount extends NewAccount {
  key: NonNullable<NewAccount['key']>;
}

export function keyAccount(
  organizationId: string,
  team: Team,
  overrides: Partial<ServiceAccount> & { submissionId?: string; person?: Person } = {},
): KeyAccount {
  const { submissionId = draw('sub'), person = ada, ...fields } = overrides;
  const account = serviceAccount(organizationId, team, fields);
  const record = keyRecord(account.createdAtMs);
  return {
    account,
    submissionId,
    key: { record, expiry: { days: 90 }, delivery: pendingDelivery(record, person) },
    auditEvent: auditEvent('service_account.created', { account: account.id }),
  };
}

export function federatedAccount(
  organizationId: string,
  team: Team,
  subject: string,
  overrides: Partial<ServiceAccount> = {},
): NewAccount {
  const account = serviceAccount(organizationId, team, {
    method: 'federated',
    externalIdentity: { issuer: ISSUER, subject },
    ...overrides,
  });
  return {
    account,
    submissionId: draw('sub'),
    key: undefined,
    auditEvent: auditEvent('service_account.created', { account: account.id }),
  };
}

function serviceAccount(
  organizationId: string,
  team: Team,
  overrides: Partial<ServiceAccount>,
): ServiceAccount {
  return {
    id: draw('sa'),
    organizationId,
    scope: 'team',
    teamId: team.id,
    teamName: team.name,
    name: draw('nightly').replace('_', '-'),
    method: 'api_key',
    externalIdentity: undefined,
    purpose: 'Evaluates the model every night',
    usedBy: undefined,
    contact: 'U0BEN',
    createdBy: ada,
    createdAtMs: NOW_MS,
    state: 'active',
    revokedAtMs: undefined,
    ...overrides,
  };
}

export function keyRecord(createdAtMs: number): ApiKeyRecord {
  return {
    keyId: draw('key'),
    name: draw('name'),
    secretHash: 'f'.repeat(64),
    pepperVersion: 1,
    createdAtMs,
    expiresAtMs: expiryMs(createdAtMs, { days: 90 }),
  };
}

export function pendingDelivery(
  record: ApiKeyRecord,
  person: Person,
  collectionId: string | undefined = undefined,
): PendingDelivery {
  return {
    id: draw('dlv'),
    keyId: record.keyId,
    person,
    route: 'response_url',
    leaseUntilMs: record.createdAtMs + DELIVERY_LEASE_MS,
    collectionId,
  };
}

/** Inserts an account whose key's delivery is open. */
export async function insertSending(
  { store, organizationId }: World,
  team: Team,
  overrides: Parameters<typeof keyAccount>[2] = {},
): Promise<KeyAccount> {
  const inserted = keyAccount(organizationId, team, overrides);
  const result = await store.insertAccount(inserted);
  if (!result.ok) throw new Error(result.reason);
  return inserted;
}

export function settlement(
  deliveryId: string,
  outcome: 'accepted' | 'rejected' | 'unknown',
  nowMs = NOW_MS,
): SettleDelivery {
  return {
    deliveryId,
    outcome,
    nowMs,
    auditEvent: auditEvent(outcome === 'accepted' ? 'api_key.delivered' : 'api_key.delivery_failed'),
    newCollection: { id: draw('col'), expiresAtMs: nowMs + DAY_MS },
    offer: { requestId: 'req_1', start: { atMs: nowMs } },
    deletionEvent: auditEvent('service_account.deletion_started'),
  };
}

/** The longest delay of each kind, as in its handler. */
const LONGEST_DELAY_MS: Record<JobKind, number | undefined> = {
  notification: 60 * 60 * 1000,
  delivery: DELIVERY_LEASE_MS,
  collection: DAY_MS,
  server_account: DAY_MS,
  audit_log: 60 * 60 * 1000,
  audit_head: 60 * 60 * 1000,
  reminder: undefined,
  rotation: 30 * 60 * 1000,
  card: 60 * 60 * 1000,
  access_request: 7 * DAY_MS,
  expiry_notice: 15 * DAY_MS,
  near_match: 60 * 60 * 1000,
  unused_review: DAY_MS,
  contact_check: DAY_MS,
  contact_recheck: 60 * 60 * 1000,
  unowned_reminder: 14 * DAY_MS,
};

/** Claims all due jobs of a kind. */
export function claimDue<Kind extends JobKind>(store: Store, kind: Kind, nowMs = NOW_MS) {
  return store.claimJobs({ kind, nowMs, limit: 100, except: [], longestDelayMs: LONGEST_DELAY_MS[kind] });
}

/** Claims all due jobs of a kind and returns their subjects. */
export async function dueSubjects(store: Store, kind: JobKind, nowMs = NOW_MS): Promise<string[]> {
  return (await claimDue(store, kind, nowMs)).map(({ subject }) => subject);
}

/** Claims all due notifications and returns their payloads. */
export async function claimNotifications(store: Store, nowMs = NOW_MS) {
  return (await claimDue(store, 'notification', nowMs)).map(({ payload }) => payload);
}

/** Inserts an account whose key wasn't delivered, so that its person can collect another one. */
export async function insertCollectable(world: World, team: Team, nowMs = NOW_MS) {
  const inserted = await insertSending(world, team);
  const settled = await world.store.settleDelivery(settlement(inserted.key.delivery.id, 'unknown', nowMs));
  if (!settled.settled || settled.collection === undefined) throw new Error('no collection');
  return { inserted, collection: settled.collection };
}
