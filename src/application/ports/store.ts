import type { ApiKeyRecord, ServiceAccount } from '../../domain/accounts/service-account.ts';
import type { AuditEvent, AuditRecord } from '../../domain/audit/audit-event.ts';
import type { DesiredOrganization, DesiredTeam } from '../../domain/organization/organization-changes.ts';
import type { Role, Team, TeamAccess, TeamMember } from '../../domain/organization/team.ts';
import type {
  AccountDelivery,
  BeginCollectionResult,
  Collection,
  CollectionNotification,
  EarlierSubmission,
  InsertAccountResult,
  ListedAccount,
  NewAccount,
  NotifiedCollection,
  PendingDelivery,
  SettleDelivery,
  SettleDeliveryResult,
} from './account-records.ts';
import type { AuthorityStore } from './authority-store.ts';
import type { OperationStore } from './operation-store.ts';

export type { DesiredOrganization, DesiredTeam };

/** How long the process that minted a key may take to deliver it; afterwards anybody cuts the key off. */
export const DELIVERY_LEASE_MS = 60_000;

/** How long a person may collect a key that could not be delivered. */
export const COLLECTION_LIFETIME_MS = 24 * 60 * 60 * 1000;

/** The organizations that share one database. Every method may throw {@link StoreUnavailableError}. */
export interface Stores {
  /** Returns the name of the oldest organization; undefined in a new database. */
  organizationName(): Promise<string | undefined>;
  /** Creates the organization unless it exists, and returns its store. */
  openOrganization(name: string, nowMs: number): Promise<Store>;
  /** Throws where the database can't be read. */
  ping(): Promise<void>;
  close(): Promise<void>;
}

/**
 * Where everything of one organization is kept; no method reads or writes another one's rows. Each method is one unit of
 * work: all of it happens, its audit event included, or none. Every method may throw {@link StoreUnavailableError}; nothing
 * was written then.
 */
export interface Store extends OperationStore, AuthorityStore {
  readonly organizationId: string;

  /** Merges by name: who left loses the role, a team that left is archived, one that came back is restored. */
  applyOrganization(desired: DesiredOrganization, nowMs: number): Promise<{ changes: number }>;

  organizationAdmins(): Promise<string[]>;
  /** Undefined where no active team has this name. */
  teamAccess(email: string, teamName: string): Promise<TeamAccess | undefined>;
  /** Active teams that the person administers (all, for an organization admin), by name; `total` ignores the limit. */
  administeredTeams(
    email: string,
    options: { query?: string; limit: number },
  ): Promise<{ teams: Team[]; total: number }>;
  /** Active teams that the person belongs to in any role, by name. */
  teamsOf(email: string): Promise<{ team: Team; role: Role }[]>;
  teamAdmins(teamName: string): Promise<TeamMember[]>;
  issuers(): Promise<string[]>;

  insertAccount(account: NewAccount): Promise<InsertAccountResult>;
  /** The account that this form made, if any. */
  earlierSubmission(submissionId: string): Promise<EarlierSubmission | undefined>;
  findAccount(accountId: string): Promise<ServiceAccount | undefined>;
  /** Active accounts of this name in the active teams that the person administers; in one team where it is named. */
  findAccountsByName(email: string, name: string, teamName: string | undefined): Promise<ServiceAccount[]>;
  /** Active accounts of the active teams that the person administers, by team and name. `total` ignores limit and offset. */
  listAccounts(
    email: string,
    options: { teamName?: string; limit: number; offset?: number },
  ): Promise<{ accounts: ListedAccount[]; total: number }>;
  /** Revokes the account and its keys, and closes what waits to be collected. */
  revokeAccount(
    accountId: string,
    nowMs: number,
    auditEvent: AuditEvent,
  ): Promise<'revoked' | 'already_revoked' | 'not_found'>;

  /** Accepted: done. Else the key is revoked and a collection opened (or opened again), in the same write. */
  settleDelivery(settlement: SettleDelivery): Promise<SettleDeliveryResult>;
  /** Deliveries whose lease ended before `nowMs` and that nobody settled. */
  lapsedDeliveries(nowMs: number): Promise<AccountDelivery[]>;

  findCollection(collectionId: string): Promise<Collection | undefined>;
  /** Open, unexpired collections of this person. */
  openCollections(slackUserId: string, nowMs: number): Promise<Collection[]>;
  /** Takes the collection and writes the key and its delivery, once. */
  beginCollection(
    collectionId: string,
    key: { record: ApiKeyRecord; delivery: PendingDelivery },
    nowMs: number,
    auditEvent: AuditEvent,
  ): Promise<BeginCollectionResult>;
  /**
   * Takes the telling of open, unexpired collections, or of one, whose person must still be told: those that have waited
   * longest. Nobody else gets them for a pause that grows with every try.
   */
  claimCollectionNotifications(
    nowMs: number,
    which: { limit: number } | { collectionId: string },
  ): Promise<CollectionNotification[]>;
  /** The person was told that this key is dead: nothing is left to tell, unless another one died meanwhile. */
  markCollectionNotified(told: NotifiedCollection): Promise<void>;

  appendAuditEvent(event: AuditEvent): Promise<void>;
  /** The whole chain, oldest first. */
  auditRecords(): Promise<AuditRecord[]>;

  /** Sealed peppers, the newest version last. */
  sealedPeppers(): Promise<{ version: number; sealed: string }[]>;
  /** False where this version exists already. */
  insertSealedPepper(version: number, sealed: string, nowMs: number): Promise<boolean>;
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
