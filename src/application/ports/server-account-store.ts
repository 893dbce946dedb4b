import type { KeyExpiry } from '../../domain/accounts/key-expiry.ts';
import type { AdminProblem, WantedAccount } from '../../domain/accounts/reconciliation.ts';
import type { ExternalKeyRecord, ServiceAccount } from '../../domain/accounts/service-account.ts';
import type { AuditEvent } from '../../domain/audit/audit-event.ts';
import type { Team } from '../../domain/organization/team.ts';
import type { AccountOfRequest } from '../requests/request-store.ts';
import type {
  AccountPage,
  AccountPageOptions,
  BeginCollectionResult,
  Collection,
  CollectionOffer,
  InsertAccountResult,
  ListedAccount,
  NewCollection,
  PendingDelivery,
} from './account-records.ts';
import type { HeldNotification, NewNotification, ServerAccountJob } from './job-store.ts';

/** An account's IDs on the server; all undefined until the server has returned one. */
export type ServerIdentity = Pick<WantedAccount, 'memberId' | 'clientId' | 'scimId'>;

/** One account that Keysmith requested from the W&B server. Each attempt to create an account has a server account and tag of its own. */
export interface ServerAccount extends WantedAccount {
  id: string;
  account: ServiceAccount;
  /** When the attempt was abandoned with an unknown outcome, or the account was first missing. For a day, the account may still appear. */
  abandonedAtMs: number | undefined;
  /** When a read last showed that the server doesn't have the account; undefined while it may have it. */
  goneAtMs: number | undefined;
  problem: AdminProblem | undefined;
}

/** How long a request may work on a server account before the job takes over: longer than its calls can take together. */
export const SERVER_REQUEST_MS = 90_000;

export interface NewServerAccount extends Pick<ServerAccount, 'id' | 'name' | 'tag'> {
  job: Omit<ServerAccountJob, 'serverAccountId'>;
}

interface AuditedWrite {
  nowMs: number;
  auditEvent: AuditEvent;
}

export interface BeginCreation extends AuditedWrite {
  account: ServiceAccount;
  submissionId: string;
  server: NewServerAccount;
  /** Set if a member requested the account. */
  ofRequest?: AccountOfRequest | undefined;
}

export interface BeginRecreation extends AuditedWrite {
  collectionId: string;
  server: NewServerAccount;
}

export interface CompleteCreation extends AuditedWrite {
  serverAccountId: string;
  /** Undefined for an account whose key Keysmith doesn't have. */
  key: { record: ExternalKeyRecord; expiry: KeyExpiry; delivery: PendingDelivery } | undefined;
  /** The collection that a key was created for. Without a key, the collection ends as well. */
  collectionId: string | undefined;
  notification?: NewNotification | undefined;
}

/** `completed`: by this call. `already`: by another process. `abandoned`: the account must be deleted from the server. */
export type CompleteCreationResult = 'completed' | 'already' | 'abandoned';

export interface AbandonCreation extends AuditedWrite {
  serverAccountId: string;
  /** Whether it is certain that the server didn't and won't create the account. */
  isCertain: boolean;
  /** The collection to reopen, if the attempt was for one. */
  collectionId: string | undefined;
  /** Opened for a new account, which becomes active without a key. Without it, a new account fails. */
  newCollection: (NewCollection & Pick<Collection, 'person' | 'keyName' | 'keyExpiry'>) | undefined;
  /** Undefined if the person sees the outcome of their click. */
  offer: CollectionOffer | undefined;
  /** Deletes what the attempt may have created. */
  job: Omit<ServerAccountJob, 'serverAccountId' | 'key'>;
  /** Queued if nothing can be collected. */
  notification?: NewNotification | undefined;
}

export interface BeginRemoval extends AuditedWrite {
  accountId: string;
  job: Omit<ServerAccountJob, 'serverAccountId'>;
  /** Written if nothing is left on the server: the account is then revoked at once. */
  revokedEvent: AuditEvent;
  /** For the person who asked; sent once the account is revoked. */
  notification: HeldNotification;
  /** Queued if this call revokes the account or begins to. */
  alsoNotify?: readonly NewNotification[] | undefined;
}

export type BeginRemovalResult =
  /** The server accounts to delete. */
  { kind: 'begun'; serverAccountIds: string[] } | { kind: 'revoked' | 'already_revoked' | 'not_found' };

export interface RecordGone {
  serverAccountId: string;
  nowMs: number;
  /** Whether the account can't appear anymore. Ends the job. */
  isFinal: boolean;
  /** When the checks for a late appearance start; they go on for a day. Ignored if a time is already stored. */
  recheckedFromMs: number | undefined;
  /** Written if this ends the account's revocation. Everyone who asked for it is then notified, unless their request is still running. */
  revokedEvent: AuditEvent;
  /** Written if it was deleted just now. */
  deletedEvent: AuditEvent | undefined;
}

export interface KnownOnServer {
  /** The names with tags, including those of abandoned attempts. */
  names: ReadonlySet<string>;
  memberIds: ReadonlySet<string>;
}

export type ClaimedBackend =
  | { kind: 'builtin' }
  /** `address`: normalized by `serverAddress`. `movedFrom`: the server's earlier address, set by the operator. */
  | { kind: 'wandb'; address: string; movedFrom?: string | undefined };

export type ClaimBackendResult =
  | { ok: true }
  /** `address`: the server of the accounts in the database. */
  | { ok: false; reason: 'other_server'; address: string }
  | { ok: false; reason: 'other_backend' };

/** The units of work of the W&B backend. */
export interface ServerAccountStore {
  /** Binds the organization to the backend and address of its first claim, and compares later claims with it. */
  claimBackend(backend: ClaimedBackend): Promise<ClaimBackendResult>;
  /** Returns when the server last withheld a new key; undefined if it returned the newest one. */
  keysNotShownAtMs(): Promise<number | undefined>;
  recordKeysNotShown(atMs: number | undefined): Promise<void>;
  /** Finds or creates the row of one of the server's teams. */
  ensureTeam(name: string, nowMs: number): Promise<Team>;
  /** Lists the names of the teams that ever had an account. */
  teamNames(): Promise<string[]>;

  /** Lists the accounts of these teams. */
  accountsOfTeams(
    teamNames: readonly string[],
    options: AccountPageOptions,
    nowMs: number,
  ): Promise<AccountPage<ListedAccount & { server: ServerAccount | undefined }>>;
  /** Finds the accounts of these teams by name that haven't ended, at most one in each. */
  accountsOfTeamsByName(teamNames: readonly string[], name: string): Promise<ServiceAccount[]>;
  /** Returns what identifies Keysmith's accounts among the members on the server. All others are unmanaged. */
  knownOnServer(teamNames: readonly string[]): Promise<KnownOnServer>;
  serverAccount(serverAccountId: string): Promise<ServerAccount | undefined>;
  /** Returns the server account of an account that should be on the server, else one that is still being deleted from it. */
  currentServerAccount(accountId: string): Promise<ServerAccount | undefined>;

  /** Writes the hidden account, which reserves its name, identity and form, with its server account and job. */
  beginCreation(creation: BeginCreation): Promise<InsertAccountResult>;
  /** Takes the collection and writes another server account of its account, with its job. */
  beginRecreation(recreation: BeginRecreation): Promise<BeginCollectionResult>;
  /**
   * Stores the IDs that the server returned or shows. `abandoned`: the account must be deleted; `ifAbandoned` schedules the job that
   * does so, because an earlier job may have ended.
   */
  recordServerIdentity(
    recorded: {
      serverAccountId: string;
      ifAbandoned?: { deletion: ServerAccountJob; nowMs: number };
    } & ServerIdentity,
  ): Promise<'recorded' | 'abandoned'>;
  /** Activates the account, writes its key, and ends the job. */
  completeCreation(completion: CompleteCreation): Promise<CompleteCreationResult>;
  /**
   * Abandons an attempt. For a day, its job deletes whatever appears on the server under its tag. Returns the collection that is
   * open now, if any. Does nothing for an attempt that was completed or abandoned.
   */
  abandonCreation(
    abandoned: AbandonCreation,
  ): Promise<{ abandoned: boolean; collection: Collection | undefined }>;
  /** Replaces the tag before another attempt, because the server may still carry out the earlier one. */
  renewTag(renewed: { serverAccountId: string; server: NewServerAccount; nowMs: number }): Promise<boolean>;

  /** Starts deleting the account from the server; closes its collections. May be repeated. */
  beginRemoval(removal: BeginRemoval): Promise<BeginRemovalResult>;
  /** Records that the server doesn't show the account, and ends the account if it is being revoked. */
  recordGone(gone: RecordGone): Promise<'revoked' | 'recorded'>;
  /** Records once why an admin has to act, and queues the notifications. Returns false if a problem is recorded already. */
  recordProblem(
    problem: {
      serverAccountId: string;
      problem: AdminProblem;
      notifications: readonly NewNotification[];
    } & AuditedWrite,
  ): Promise<boolean>;
  /** Makes the job of a server account due at this time, in milliseconds since 1970. Queues another one if it has ended. */
  scheduleServerAccount(job: ServerAccountJob, runAtMs: number): Promise<void>;
}
