import type { ApiKeyRecord, ServiceAccount } from '../../domain/accounts/service-account.ts';
import type { AuditEvent, AuditRecord } from '../../domain/audit/audit-event.ts';
import type { DesiredOrganization } from '../../domain/organization/organization-changes.ts';
import type { Role, Team, TeamAccess, TeamMember } from '../../domain/organization/team.ts';
import type { AccountStore } from '../accounts/revocation/account-store.ts';
import type { AuditStore } from '../audit/audit-store.ts';
import type { CardStore } from '../cards/card.ts';
import type { CareStore } from '../care/care-store.ts';
import type { HomeStore } from '../home/home-store.ts';
import type { KeyStore } from '../keys/key-store.ts';
import type { RotationStore } from '../keys/rotation-store.ts';
import type { LeakStore } from '../leaks/leak-store.ts';
import type { OutsideChangeStore } from '../outside-changes/outside-change-store.ts';
import type { KeyReportStore } from '../reported-keys/key-report-store.ts';
import type { RequestStore } from '../requests/request-store.ts';
import type { TeamStore } from '../teams/team-store.ts';
import type {
  AccountDelivery,
  AccountListOptions,
  AccountPage,
  BeginCollectionResult,
  Collection,
  EarlierSubmission,
  InsertAccountResult,
  NewAccount,
  PendingDelivery,
  SentKey,
  SettleDelivery,
  SettleDeliveryResult,
} from './account-records.ts';
import type { AuthorityStore } from './authority-store.ts';
import type { JobStore, NewNotification } from './job-store.ts';
import type { ServerAccountStore } from './server-account-store.ts';
import type { UpstreamStore } from './upstream-store.ts';

/** How long a process may take to deliver a key it created. Afterwards any process revokes the key. */
export const DELIVERY_LEASE_MS = 60_000;

/** How long a person can collect a key that couldn't be delivered. */
export const COLLECTION_LIFETIME_MS = 24 * 60 * 60 * 1000;

/** `ofSlack`: teams in the file that were created in Slack, because of which nothing was changed. */
export type ApplyOrganizationResult = { changes: number; ofSlack?: readonly string[] };

/** The organizations that share one database. Every method may throw {@link StoreUnavailableError}. */
export interface Stores {
  /** Returns the name of the oldest organization; undefined in a new database. */
  organizationName(): Promise<string | undefined>;
  /** Creates the organization unless it exists, and returns its store. */
  openOrganization(name: string, nowMs: number): Promise<Store>;
  /** Throws if the database can't be read or written. Can be called often: it writes at most every few seconds. */
  ping(): Promise<void>;
  close(): Promise<void>;
}

/**
 * The rows of one organization; no method reads or writes another organization's rows. Each method is one unit of work: everything
 * is written, including its audit event, or nothing. Every method may throw {@link StoreUnavailableError}, and then nothing
 * was written.
 */
export interface Store
  extends AccountStore,
    ServerAccountStore,
    CareStore,
    OutsideChangeStore,
    KeyStore,
    CardStore,
    RotationStore,
    LeakStore,
    AuditStore,
    AuthorityStore,
    JobStore,
    UpstreamStore,
    TeamStore,
    HomeStore,
    RequestStore,
    KeyReportStore {
  readonly organizationId: string;

  /** Merges by name: absent members lose their role, absent teams are archived, returning teams are restored. */
  applyOrganization(desired: DesiredOrganization, nowMs: number): Promise<ApplyOrganizationResult>;

  organizationAdmins(): Promise<string[]>;
  /** Returns undefined if no active team has this name. */
  teamAccess(email: string, teamName: string): Promise<TeamAccess | undefined>;
  /**
   * Lists the active teams that the person administers, or all for an organization admin, by name. `total` ignores the limit
   * and is at most 1,001, or one more than the limit.
   */
  administeredTeams(
    email: string,
    options: { query?: string; limit: number },
  ): Promise<{ teams: Team[]; total: number }>;
  /** Lists the active teams in which the person has any role, by name. */
  teamsOf(email: string): Promise<{ team: Team; role: Role }[]>;
  teamAdmins(teamName: string): Promise<TeamMember[]>;
  issuers(): Promise<string[]>;

  insertAccount(account: NewAccount): Promise<InsertAccountResult>;
  /** Returns the account that this form created, if any. */
  earlierSubmission(submissionId: string): Promise<EarlierSubmission | undefined>;
  /** Returns an account that is or was active. */
  findAccount(accountId: string): Promise<ServiceAccount | undefined>;
  /** Also returns an account that failed or is being created: for messages about it. */
  findAnyAccount(accountId: string): Promise<ServiceAccount | undefined>;
  /**
   * Finds accounts that haven't ended by name, in the active teams that the person administers, or in one of them.
   *
   * @param includesMemberTeams also in those where they have any other role
   */
  findAccountsByName(
    email: string,
    name: string,
    teamName: string | undefined,
    includesMemberTeams?: boolean,
  ): Promise<ServiceAccount[]>;
  /** Lists accounts of the active teams that the person administers. */
  listAccounts(email: string, options: AccountListOptions, nowMs: number): Promise<AccountPage>;
  /** Lists the newest keys of an account, whatever became of them, newest first. */
  keysOfAccount(accountId: string): Promise<SentKey[]>;
  /**
   * Revokes the account and its keys, closes its collections, and queues the notifications.
   *
   * @param onlyKeyId set to revoke nothing while a key other than this one, or any key if null, works or is being sent
   */
  revokeAccount(
    accountId: string,
    nowMs: number,
    auditEvent: AuditEvent,
    notifications?: readonly NewNotification[],
    onlyKeyId?: string | null,
  ): Promise<'revoked' | 'already_revoked' | 'not_found' | 'has_other_keys'>;

  /** Settles a delivery. Unless it was accepted, revokes the key and opens or reopens its collection in the same write. */
  settleDelivery(settlement: SettleDelivery): Promise<SettleDeliveryResult>;
  /** Returns a delivery that isn't settled. */
  openDelivery(deliveryId: string): Promise<AccountDelivery | undefined>;

  findCollection(collectionId: string): Promise<Collection | undefined>;
  /**
   * Closes a collection that has expired. Returns when to call it again: the expiry of one that hasn't, which starts a new lifetime
   * if the clock was set back since it was opened.
   */
  expireCollection(collectionId: string, nowMs: number): Promise<number | undefined>;
  /** Lists the person's open, unexpired collections. */
  openCollections(slackUserId: string, nowMs: number): Promise<Collection[]>;
  /** Takes an open collection and writes the key and its delivery, once. */
  beginCollection(
    collectionId: string,
    key: { record: ApiKeyRecord; delivery: PendingDelivery },
    nowMs: number,
    auditEvent: AuditEvent,
  ): Promise<BeginCollectionResult>;

  appendAuditEvent(event: AuditEvent): Promise<void>;
  /** Returns the whole chain as stored, oldest first. */
  auditRecords(): Promise<AuditRecord[]>;

  /** Returns the sealed peppers, newest version last. */
  sealedPeppers(): Promise<{ version: number; sealed: string }[]>;
  /** Returns false if this version exists. */
  insertSealedPepper(version: number, sealed: string, nowMs: number): Promise<boolean>;
}

export type StoreFault =
  | 'read_only'
  | 'full'
  | 'locked'
  | 'damaged'
  | 'unreadable'
  /** Its file was deleted, moved or replaced while it was open. Only a restart helps. */
  | 'replaced';

/** The database is unavailable and nothing was written. The message is for the log, `fault` for the person. */
export class StoreUnavailableError extends Error {
  override name = 'StoreUnavailableError';
  readonly fault: StoreFault;

  constructor(fault: StoreFault, options: { cause: unknown }) {
    super(`The database is unavailable: ${fault}.`, options);
    this.fault = fault;
  }
}
