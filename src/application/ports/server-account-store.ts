import type { AdminProblem, WantedAccount } from '../../domain/accounts/reconciliation.ts';
import type {
  ExternalKeyRecord,
  KeyLifetimeDays,
  ServiceAccount,
} from '../../domain/accounts/service-account.ts';
import type { AuditEvent } from '../../domain/audit/audit-event.ts';
import type { Team } from '../../domain/organization/team.ts';
import type {
  BeginCollectionResult,
  Collection,
  CollectionOffer,
  InsertAccountResult,
  ListedAccount,
  NewCollection,
  PendingDelivery,
} from './account-records.ts';
import type { HeldNotification, NewNotification, ServerAccountJob } from './job-store.ts';

/** An account's IDs on the server; all undefined before the server returned one. */
export type ServerIdentity = Pick<WantedAccount, 'memberId' | 'clientId' | 'scimId'>;

/** One account that Keysmith asked the W&B server for. Each attempt to create one is an account of its own, with its own tag. */
export interface ServerAccount extends WantedAccount {
  id: string;
  account: ServiceAccount;
  /** When an attempt with an unknown outcome was given up, or the account was first missing: for a day, it may still appear. */
  abandonedAtMs: number | undefined;
  /** When the server last didn't show the account; undefined while it may be there. */
  goneAtMs: number | undefined;
  problem: AdminProblem | undefined;
}

/** How long a request may take with the server before its job takes over: longer than its calls may take together. */
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
}

export interface BeginRecreation extends AuditedWrite {
  collectionId: string;
  server: NewServerAccount;
}

export interface CompleteCreation extends AuditedWrite {
  serverAccountId: string;
  /** Undefined for an account whose key Keysmith doesn't have. */
  key: { record: ExternalKeyRecord; lifetimeDays: KeyLifetimeDays; delivery: PendingDelivery } | undefined;
  /** The collection that a key was created for. Without a key, there is nothing to collect anymore. */
  collectionId: string | undefined;
  notification?: NewNotification | undefined;
}

/** `completed`: by this call. `already`: by another process. `abandoned`: the account must be deleted from the server. */
export type CompleteCreationResult = 'completed' | 'already' | 'abandoned';

export interface AbandonCreation extends AuditedWrite {
  serverAccountId: string;
  /** Whether the server certainly doesn't have the account, now and later. */
  isCertain: boolean;
  /** The collection of the attempt, which is reopened. */
  collectionId: string | undefined;
  /** Opened for a new account, which then waits for its key. Without it, a new account has failed. */
  newCollection: (NewCollection & Pick<Collection, 'person' | 'keyLifetimeDays'>) | undefined;
  /** Undefined if the person sees the outcome of their click. */
  offer: CollectionOffer | undefined;
  /** Deletes what may be on the server. */
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
}

export type BeginRemovalResult =
  /** The server accounts to delete. */
  { kind: 'begun'; serverAccountIds: string[] } | { kind: 'revoked' | 'already_revoked' | 'not_found' };

export interface RecordGone {
  serverAccountId: string;
  nowMs: number;
  /** Whether it can't appear anymore: the job ends. */
  isFinal: boolean;
  /** From when it is looked for again, for a day. Stored unless a time is. */
  recheckedFromMs: number | undefined;
  /** Written if this ends the revocation of the account. Everyone who asked for it is then notified, unless their request still runs. */
  revokedEvent: AuditEvent;
  /** Written if it was deleted just now. */
  deletedEvent: AuditEvent | undefined;
}

export interface KnownOnServer {
  /** The names with tags, also of attempts that were given up. */
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
  /** Returns when the server last didn't return a new key; undefined if the last one was returned. */
  keysNotShownAtMs(): Promise<number | undefined>;
  recordKeysNotShown(atMs: number | undefined): Promise<void>;
  /** Finds or creates the row of one of the server's teams. */
  ensureTeam(name: string, nowMs: number): Promise<Team>;
  /** Lists the names of the teams that ever had an account. */
  teamNames(): Promise<string[]>;

  /** Lists the accounts of these teams that haven't ended, by team and name. `total` ignores limit and offset. */
  accountsOfTeams(
    teamNames: readonly string[],
    options: { name?: string; limit: number; offset?: number },
  ): Promise<{ accounts: (ListedAccount & { server: ServerAccount | undefined })[]; total: number }>;
  /** Returns which members on the server are Keysmith's. All others are unmanaged. */
  knownOnServer(teamNames: readonly string[]): Promise<KnownOnServer>;
  serverAccount(serverAccountId: string): Promise<ServerAccount | undefined>;

  /** Writes the hidden account, which reserves its name, identity and form, with its server account and job. */
  beginCreation(creation: BeginCreation): Promise<InsertAccountResult>;
  /** Takes the collection and writes another server account of its account, with its job. */
  beginRecreation(recreation: BeginRecreation): Promise<BeginCollectionResult>;
  /**
   * Stores what the server returned or shows. `abandoned`: the account must be deleted. `ifAbandoned`: the job that does so then, which
   * may have ended before.
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
   * Gives an attempt up: whatever appears on the server under its tag is deleted by its job, for a day. Returns the collection that
   * is open now, if any. Does nothing for an attempt that was completed or given up.
   */
  abandonCreation(
    abandoned: AbandonCreation,
  ): Promise<{ abandoned: boolean; collection: Collection | undefined }>;
  /** Replaces the tag of an account that isn't on the server before another attempt: the earlier one may still be carried out. */
  renewTag(renewed: { serverAccountId: string; server: NewServerAccount; nowMs: number }): Promise<boolean>;

  /** Starts deleting the account from the server; closes its collections. May be repeated. */
  beginRemoval(removal: BeginRemoval): Promise<BeginRemovalResult>;
  /** Records that the server doesn't show the account, and ends the account if it is being revoked. */
  recordGone(gone: RecordGone): Promise<'revoked' | 'recorded'>;
  /** Records once why only an admin can go on, and queues the notifications. */
  recordProblem(
    problem: {
      serverAccountId: string;
      problem: AdminProblem;
      notifications: readonly NewNotification[];
    } & AuditedWrite,
  ): Promise<boolean>;
  /** Makes the job of a server account due at a time, or queues it again. */
  scheduleServerAccount(job: ServerAccountJob, runAtMs: number): Promise<void>;
}
