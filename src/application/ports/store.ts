import type { AuditEvent, AuditRecord } from '../../domain/audit-event.ts';
import type { DesiredOrganization, DesiredTeam } from '../../domain/organization-changes.ts';
import type { Person } from '../../domain/person.ts';
import type { ApiKeyRecord, KeyLifetimeDays, ServiceAccount } from '../../domain/service-account.ts';
import type { Role, Standing, Team, TeamMember } from '../../domain/team.ts';
import type { AuthorityStore } from './authority-store.ts';
import type { OperationStore } from './operation-store.ts';

export type { DesiredOrganization, DesiredTeam };

/** How a secret goes to a person: the way that was taken, for the record. */
export type DeliveryRoute = 'response_url' | 'post_ephemeral';

/** How long the process that minted a key may take to deliver it; afterwards anybody cuts the key off. */
export const DELIVERY_LEASE_MS = 60_000;

/** How long a person may collect a key that could not be delivered. */
export const COLLECTION_LIFETIME_MS = 24 * 60 * 60 * 1000;

/** The passing of one new key to one person, under way until it is settled. */
export interface PendingDelivery {
  id: string;
  keyId: string;
  person: Person;
  route: DeliveryRoute;
  /** Until here only the process that began it may settle it; afterwards whoever finds it. */
  leaseUntilMs: number;
  /** Set when the key is minted at the click on *Collect key*. */
  collectionId: string | undefined;
}

/** The right of one person to have a key of an account minted at a click, once. */
export interface Collection {
  id: string;
  accountId: string;
  person: Person;
  /** The key's life, counted from the click. */
  keyLifetimeDays: KeyLifetimeDays;
  expiresAtMs: number;
  /** `open`: waits for the click. `collecting`: a delivery is under way. Else over. */
  state: 'open' | 'collecting' | 'collected' | 'closed';
}

/** A collection whose person has not been told of it yet; whoever got it tells, and nobody else for a while. */
export interface ClaimedTelling {
  collection: Collection;
  account: ServiceAccount;
  /** The key that was cut off because nobody can say whether it arrived; undefined where none was sent. */
  deadKeyId: string | undefined;
}

export interface ToldCollection {
  collectionId: string;
  deadKeyId: string | undefined;
  nowMs: number;
}

export interface NewAccount {
  account: ServiceAccount;
  /** Until here a revoked account's name stays taken, as jobs may still hold its keys. */
  nameReservedUntilMs: number;
  /** The form that asked for it; the same one never makes a second account. */
  submissionId: string;
  key:
    | {
        record: ApiKeyRecord;
        lifetimeDays: KeyLifetimeDays;
        delivery: PendingDelivery;
      }
    | undefined;
  auditEvent: AuditEvent;
}

/** What became of a form that had been submitted before. */
export interface EarlierSubmission {
  account: ServiceAccount;
  keyId: string | undefined;
  /** `creating`: not known yet whether the account was made; `failed`: the key may be collected. */
  delivery: 'creating' | 'none' | 'sending' | 'delivered' | 'failed';
}

export type InsertAccountResult =
  | { ok: true }
  | { ok: false; reason: 'submitted_before'; earlier: EarlierSubmission }
  | { ok: false; reason: 'name_taken' | 'subject_taken' | 'team_archived' };

export type SettleDeliveryResult =
  /**
   * `collection` is set where the key was cut off and another one may be collected: not where the account was revoked
   * meanwhile, nor where the key was itself collected and the time for that is over. `isBeingRevoked`: nobody knows yet
   * how that ends; where it fails, the person is told that a key may be collected.
   */
  | { settled: true; collection: Collection | undefined; isBeingRevoked?: true }
  /** Somebody else settled it before. */
  | { settled: false };

export interface SettleDelivery {
  deliveryId: string;
  outcome: 'accepted' | 'refused' | 'unknown';
  nowMs: number;
  auditEvent: AuditEvent;
  /** The collection to open where the key is cut off and none exists yet. */
  newCollection: { id: string; expiresAtMs: number };
}

export interface AccountDelivery {
  delivery: PendingDelivery;
  account: ServiceAccount;
}

export type BeginCollectionResult =
  | { ok: true }
  /** `account_revoked` also where its team is archived. */
  | { ok: false; reason: 'not_open' | 'expired' | 'account_revoked' | 'being_revoked' };

export interface ListedAccount {
  account: ServiceAccount;
  /** The newest key; undefined for a federated account and where none was ever delivered. */
  key: { keyId: string; expiresAtMs: number | undefined; revokedAtMs: number | undefined } | undefined;
  /** The newest use of any of its credentials that Keysmith itself checked. */
  lastUsedAtMs: number | undefined;
}

/**
 * Where everything is kept. Each method is one whole unit of work: it happens altogether, its audit event included, or not
 * at all. Every method may throw {@link StoreUnavailableError}; nothing was written then.
 */
export interface Store extends OperationStore, AuthorityStore {
  /** The name of the one organization in this database; undefined in a new one. */
  organizationName(): Promise<string | undefined>;
  /** Finds or makes the organization; answers its ID. */
  openOrganization(name: string, nowMs: number): Promise<string>;

  /** Merges by name: who left loses the role, a team that left is archived, one that came back is restored. */
  applyOrganization(
    organizationId: string,
    desired: DesiredOrganization,
    nowMs: number,
  ): Promise<{ changes: number }>;

  isOrganizationAdmin(organizationId: string, email: string): Promise<boolean>;
  organizationAdmins(organizationId: string): Promise<string[]>;
  /** Undefined where no active team has this name. */
  standing(organizationId: string, email: string, teamName: string): Promise<Standing | undefined>;
  /** Active teams that the person administers (all, for an organization admin), by name; `total` ignores the limit. */
  administeredTeams(
    organizationId: string,
    email: string,
    options: { query?: string; limit: number },
  ): Promise<{ teams: Team[]; total: number }>;
  /** Active teams that the person belongs to in any role, by name. */
  teamsOf(organizationId: string, email: string): Promise<{ team: Team; role: Role }[]>;
  teamAdmins(organizationId: string, teamName: string): Promise<TeamMember[]>;
  issuers(organizationId: string): Promise<string[]>;

  insertAccount(organizationId: string, account: NewAccount): Promise<InsertAccountResult>;
  /** The account that this form made, if any. */
  earlierSubmission(organizationId: string, submissionId: string): Promise<EarlierSubmission | undefined>;
  findAccount(organizationId: string, accountId: string): Promise<ServiceAccount | undefined>;
  /** Active accounts of this name in the active teams that the person administers; in one team where it is named. */
  findAccountsByName(
    organizationId: string,
    email: string,
    name: string,
    teamName: string | undefined,
  ): Promise<ServiceAccount[]>;
  /** Active accounts of the active teams that the person administers, by team and name. `total` ignores limit and offset. */
  listAccounts(
    organizationId: string,
    email: string,
    options: { teamName?: string; limit: number; offset?: number },
  ): Promise<{ accounts: ListedAccount[]; total: number }>;
  /** Revokes the account and its keys, and closes what waits to be collected. */
  revokeAccount(
    organizationId: string,
    accountId: string,
    nowMs: number,
    auditEvent: AuditEvent,
  ): Promise<'revoked' | 'revoked_before' | 'not_found'>;

  /** Accepted: done. Else the key is revoked and a collection opened (or opened again), in the same write. */
  settleDelivery(organizationId: string, settlement: SettleDelivery): Promise<SettleDeliveryResult>;
  /** Deliveries whose lease ended before `nowMs` and that nobody settled. */
  lapsedDeliveries(organizationId: string, nowMs: number): Promise<AccountDelivery[]>;

  findCollection(organizationId: string, collectionId: string): Promise<Collection | undefined>;
  /** Open, unexpired collections of this person. */
  openCollections(organizationId: string, slackUserId: string, nowMs: number): Promise<Collection[]>;
  /** Takes the collection and writes the key and its delivery, once. */
  beginCollection(
    organizationId: string,
    collectionId: string,
    key: { record: ApiKeyRecord; delivery: PendingDelivery },
    nowMs: number,
    auditEvent: AuditEvent,
  ): Promise<BeginCollectionResult>;
  /**
   * Takes the telling of open, unexpired collections, or of one, whose person must still be told: those that have waited
   * longest. Nobody else gets them for a pause that grows with every try.
   */
  claimTellings(
    organizationId: string,
    nowMs: number,
    which: { limit: number } | { collectionId: string },
  ): Promise<ClaimedTelling[]>;
  /** The person was told that this key is dead: nothing is left to tell, unless another one died meanwhile. */
  markCollectionTold(organizationId: string, told: ToldCollection): Promise<void>;

  appendAuditEvent(organizationId: string, event: AuditEvent): Promise<void>;
  /** The whole chain, oldest first. */
  auditRecords(organizationId: string): Promise<AuditRecord[]>;

  /** Sealed peppers, the newest version last. */
  sealedPeppers(organizationId: string): Promise<{ version: number; sealed: string }[]>;
  /** False where this version exists already. */
  insertSealedPepper(
    organizationId: string,
    version: number,
    sealed: string,
    nowMs: number,
  ): Promise<boolean>;

  /** Throws where the database can't be read. */
  ping(): Promise<void>;
  close(): Promise<void>;
}

export type StoreFault = 'read_only' | 'full' | 'locked' | 'damaged' | 'unreadable';

/** The database could not do its part; nothing was written. The message is for the log, `fault` for the person. */
export class StoreUnavailableError extends Error {
  override name = 'StoreUnavailableError';
  readonly fault: StoreFault;

  constructor(fault: StoreFault, options: { cause: unknown }) {
    super(`The database is unavailable: ${fault}.`, options);
    this.fault = fault;
  }
}
