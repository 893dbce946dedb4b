import type {
  ExternalKeyRecord,
  KeyLifetimeDays,
  ServiceAccount,
} from '../../domain/accounts/service-account.ts';
import type { AuditEvent } from '../../domain/audit/audit-event.ts';
import type { Person } from '../../domain/organization/person.ts';
import type { Team } from '../../domain/organization/team.ts';
import type {
  BeginCollectionResult,
  Collection,
  InsertAccountResult,
  ListedAccount,
  PendingDelivery,
} from './account-records.ts';
import type { NewNotification } from './job-store.ts';

/** A change on the W&B server, stored before the request is sent. */
export interface BackendOperation {
  id: string;
  /** `create`: a new account. `recreate`: the account of a collection, created again. `remove`: requested by a person. */
  kind: 'create' | 'recreate' | 'remove';
  account: ServiceAccount;
  /** The person who is notified of the outcome. */
  person: Person;
  /** The member IDs of the team before the operation; empty for a removal. */
  membersBefore: readonly string[];
  /** The account on the server, once known. */
  memberId: string | undefined;
  clientId: string | undefined;
  /** Must be undone, because its key can't be delivered. */
  isAbandoned: boolean;
  /** The person was notified that the outcome is unknown or the account still exists, and that an admin has to act. */
  needsManualAction: boolean;
  /** The end of the lease, which also identifies the process that has it. */
  leaseUntilMs: number;
  /** The number of claims so far. */
  tries: number;
  collectionId: string | undefined;
  requestId: string | null;
}

/** The lease of an operation: longer than its calls may take. */
export const OPERATION_LEASE_MS = 90_000;

/** An outcome that a person must be notified of. */
export type EndingKind =
  /** A federated account whose creation was unknown does exist. */
  | 'created_late'
  | 'not_made'
  /** The account that the server created was deleted. */
  | 'removed_again'
  /** Several new accounts on the server have the name. None was touched. */
  | 'several_candidates'
  | 'revoked_late'
  | 'not_revoked'
  /** The account that the server created couldn't be deleted for a long time. Retries go on. */
  | 'still_there'
  /** It has been unknown for a long time what the server created. Retries go on. */
  | 'still_unclear'
  /** A requested removal couldn't be confirmed for a long time. Retries go on. */
  | 'still_not_revoked'
  /** After the creation was reported as failed or unknown, an account of the name appeared. It wasn't touched. */
  | 'appeared_late';

/** Reported while the operation goes on. Its final outcome is reported afterwards. */
export const STALLED_ENDINGS = ['still_there', 'still_unclear', 'still_not_revoked'] as const;

export type StalledEnding = (typeof STALLED_ENDINGS)[number];

/** An account's IDs on the server. */
export interface ServerIdentity {
  /** Its membership in the team; undefined if the server shows none. */
  memberId: string | undefined;
  /** Only for a federated account. */
  clientId: string | undefined;
}

export interface KnownOnServer {
  memberIds: string[];
  /** Accounts in creation, which may be on the server before their IDs are known. */
  beingCreated: { teamName: string; name: string }[];
}

export interface BeginCreation {
  operationId: string;
  account: ServiceAccount;
  submissionId: string;
  keyLifetimeDays: KeyLifetimeDays | undefined;
  membersBefore: readonly string[];
  leaseUntilMs: number;
  auditEvent: AuditEvent;
}

export interface BeginRecreation {
  operationId: string;
  collectionId: string;
  membersBefore: readonly string[];
  leaseUntilMs: number;
  nowMs: number;
  auditEvent: AuditEvent;
}

/** An operation and the lease that proves the writer still holds it. */
export interface HeldOperation {
  operationId: string;
  leaseUntilMs: number;
}

interface AuditedWrite {
  nowMs: number;
  auditEvent: AuditEvent;
}

export interface CompleteCreation extends HeldOperation, AuditedWrite {
  server: ServerIdentity;
  /** Undefined for a federated account. */
  key: { record: ExternalKeyRecord; delivery: PendingDelivery } | undefined;
  ending?: EndingKind;
  /** Queued with the account. */
  notification?: NewNotification | undefined;
}

export interface FailCreation extends HeldOperation, AuditedWrite {
  /** `unclear`: several accounts match. */
  state: 'failed' | 'unclear';
  ending?: EndingKind;
  /** When to check first whether the server carried it out later; undefined if it can't. */
  lookFromMs?: number | undefined;
}

export interface UndoCreation extends HeldOperation, AuditedWrite {
  /** Opened for a new account. The collection of a recreated account is reopened instead. */
  newCollection: { id: string; expiresAtMs: number };
  /** As in `FailCreation`. */
  lookFromMs?: number | undefined;
}

export interface BeginRemoval extends AuditedWrite {
  operationId: string;
  accountId: string;
  person: Person;
  leaseUntilMs: number;
  requestId: string;
  /** Written instead when the server has no such account, which is then revoked immediately. */
  revokedEvent: AuditEvent;
  /** Queued with an immediate revocation. */
  notification?: NewNotification;
}

export type BeginRemovalResult =
  | { kind: 'begun'; operation: HeldOperation; server: ServerIdentity }
  | { kind: 'revoked' | 'already_revoked' | 'not_found' };

export interface EndingNotification {
  operationId: string;
  kind: EndingKind;
  account: ServiceAccount;
  slackUserId: string;
  requestId: string | null;
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

/** The units of work of the W&B backend. Nothing is written for an operation that another process has claimed meanwhile. */
export interface OperationStore {
  /** Binds the organization to the backend and address of its first claim, and compares later claims with it. */
  claimBackend(backend: ClaimedBackend): Promise<ClaimBackendResult>;
  /** Returns when the server last didn't return a new key; undefined if the last one was returned. */
  keysNotShownAtMs(): Promise<number | undefined>;
  recordKeysNotShown(atMs: number | undefined): Promise<void>;
  /** Finds or creates the row of one of the server's teams. */
  ensureTeam(name: string, nowMs: number): Promise<Team>;
  /** Lists the names of the teams that ever had an account. */
  teamNames(): Promise<string[]>;

  /** Lists active accounts of these teams, by team and name. `total` ignores limit and offset. */
  accountsOfTeams(
    teamNames: readonly string[],
    options: { name?: string; limit: number; offset?: number },
  ): Promise<{ accounts: (ListedAccount & { server: ServerIdentity })[]; total: number }>;
  /** Returns which members on the server Keysmith created or is creating. All others are unmanaged. */
  knownOnServer(teamNames: readonly string[]): Promise<KnownOnServer>;

  /** Writes the hidden account, which reserves its name, identity and form, and starts the operation. */
  beginCreation(creation: BeginCreation): Promise<InsertAccountResult>;
  /** Takes the collection and starts the operation that creates its account again. */
  beginRecreation(recreation: BeginRecreation): Promise<BeginCollectionResult>;
  /**
   * Stores what the server created. `reopened`: the operation had been given up, and continues as abandoned under the new
   * lease. `completed`: another process found and completed it.
   */
  recordServerIdentity(created: {
    operationId: string;
    server: ServerIdentity;
    nowMs: number;
    leaseUntilMs: number;
  }): Promise<'recorded' | 'reopened' | 'completed'>;
  /** Completes the account and writes its key. `account_revoked`: nothing was written, and the server's account must be deleted. */
  completeCreation(completion: CompleteCreation): Promise<'completed' | 'not_held' | 'account_revoked'>;
  /** Marks the operation as to be undone, by any process. */
  abandonCreation(abandoned: HeldOperation & AuditedWrite): Promise<boolean>;
  /** Records that nothing is on the server: frees name, identity and form, and reopens a collection. */
  failCreation(failure: FailCreation): Promise<boolean>;
  /** Records that nothing is on the server, but keeps the account: the person can collect its key. */
  undoCreation(undone: UndoCreation): Promise<Collection | undefined>;

  /**
   * Queues a notification if the operation has ended. Called when its last write may have failed and the person saw that
   * the outcome is unknown; an operation that hasn't ended is settled later.
   */
  queueEndingNotification(operationId: string): Promise<void>;

  beginRemoval(removal: BeginRemoval): Promise<BeginRemovalResult>;
  /**
   * Revokes the account after `server` was deleted, whichever process holds the operation. `recreated`: the account now has
   * another identity on the server, with which the operation continues; nothing was revoked.
   */
  completeRemoval(
    removed: {
      operationId: string;
      server: ServerIdentity;
      ending?: EndingKind;
      /** Queued with the revocation. */
      notification?: NewNotification;
    } & AuditedWrite,
  ): Promise<'revoked' | 'already_revoked' | 'recreated'>;
  /** Ends a removal that changed nothing. */
  failRemoval(failed: HeldOperation & AuditedWrite & { ending?: EndingKind }): Promise<boolean>;

  /** Claims operations whose lease ended before `nowMs`, longest waiting first, for another lease. */
  claimLapsedOperations(nowMs: number, options: { limit: number }): Promise<BackendOperation[]>;
  /** Postpones an operation for a pause that grows with every attempt. `stalled`: reported to the person once. */
  postponeOperation(
    held: HeldOperation & { nowMs: number; stalled?: { ending: StalledEnding; auditEvent: AuditEvent } },
  ): Promise<void>;
  /**
   * Claims given-up operations whose next check is due, longest waiting first. Each check is claimed once, even if it fails.
   */
  claimLateChecks(nowMs: number, options: { limit: number }): Promise<BackendOperation[]>;
  /** Returns all members ever created under this name in the team, and whether an operation on it is open. */
  createdUnderName(query: {
    teamId: string;
    name: string;
    exceptOperationId?: string;
  }): Promise<{ memberIds: string[]; isUnderWay: boolean }>;
  /** Records that the account of a given-up operation appeared, queues its notification and ends the checks. */
  recordLateEffect(effect: { operationId: string } & AuditedWrite): Promise<boolean>;
  /**
   * Claims the revocation of an undelivered key, for a pause that grows with every attempt. Returns the identity of its
   * account at this moment: later the account may have another one, whose key is in use. Returns undefined if another
   * process has claimed it.
   *
   * @param claim.leaseUntilMs the delivery's lease, as it was read
   * @param claim.stalled reported to the person once, after many attempts
   */
  claimKeyRevocation(
    claim: {
      deliveryId: string;
      leaseUntilMs: number;
      stalled: { operationId: string; auditEvent: AuditEvent };
    } & AuditedWrite,
  ): Promise<ServerIdentity | undefined>;
  /** Returns whether the revocation of the delivery's key was started and isn't finished. */
  isKeyRevocationUnderWay(deliveryId: string): Promise<boolean>;

  /** Claims notifications as `claimCollectionNotifications` does. */
  claimEndingNotifications(nowMs: number, options: { limit: number }): Promise<EndingNotification[]>;
  /** Completes a notification. `kind`: the reported ending. */
  markEndingNotified(notified: { operationId: string; kind: EndingKind; nowMs: number }): Promise<void>;
}
