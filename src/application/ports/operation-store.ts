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

/** What Keysmith does on another system, written before it is asked. */
export interface BackendOperation {
  id: string;
  /** `create`: a new account; `recreate`: a collected one anew on the server; `remove`: by a person's wish. */
  kind: 'create' | 'recreate' | 'remove';
  account: ServiceAccount;
  /** Who is told how it ends. */
  person: Person;
  /** The service accounts and people of the team before it; none for a removal. */
  membersBefore: readonly string[];
  /** The account on the server, once known. */
  memberId: string | undefined;
  clientId: string | undefined;
  /** Must be undone, whatever is found: its key could not be had. */
  isAbandoned: boolean;
  /** People were told that it is unclear or stands there still, and to see to it by hand. */
  needsManualAction: boolean;
  /** Until here whoever began or claimed it has it alone; the token of that right. */
  leaseUntilMs: number;
  /** Claims so far. */
  tries: number;
  collectionId: string | undefined;
  requestId: string | null;
}

/** How long whoever began or claimed an operation has it alone: longer than its calls may take. */
export const OPERATION_LEASE_MS = 90_000;

/** How an operation ended that a person must hear of. */
export type EndingKind =
  /** A federated account: it was made after all. */
  | 'created_late'
  | 'not_made'
  /** What the server had made was removed again. */
  | 'removed_again'
  /** Several accounts of the name are new on the server: none was touched. */
  | 'several_candidates'
  | 'revoked_late'
  | 'not_revoked'
  /** What the server had made could not be removed for long; it is tried on. */
  | 'still_there'
  /** Nobody could say for long what the server made; it is tried on. */
  | 'still_unclear'
  /** A removal that somebody wished could not be seen to be done for long; it is tried on. */
  | 'still_not_revoked'
  /** It was told not to be made, or to be unclear still, and then an account of the name was there. It was left alone. */
  | 'appeared_late';

/** Told while the operation goes on; how it ends is told after it. */
export const STALLED_ENDINGS = ['still_there', 'still_unclear', 'still_not_revoked'] as const;

export type StalledEnding = (typeof STALLED_ENDINGS)[number];

/** An account as the server knows it. */
export interface ServerIdentity {
  /** Its membership of the team; undefined where the server shows none. */
  memberId: string | undefined;
  /** Of a federated account. */
  clientId: string | undefined;
}

export interface KnownOnServer {
  memberIds: string[];
  /** Accounts that are being made, whose members may stand there before they are known. */
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

/** Names an operation and proves that whoever writes still has it: the lease that it was begun or claimed with. */
export interface HeldOperation {
  operationId: string;
  leaseUntilMs: number;
}

interface Written {
  nowMs: number;
  auditEvent: AuditEvent;
}

export interface CompleteCreation extends HeldOperation, Written {
  server: ServerIdentity;
  /** `delivery` of a federated account there is none. */
  key: { record: ExternalKeyRecord; delivery: PendingDelivery } | undefined;
  ending?: EndingKind;
}

export interface FailCreation extends HeldOperation, Written {
  /** `unclear`: several accounts may be the one. */
  state: 'failed' | 'unclear';
  ending?: EndingKind;
  /** Where the server may still carry it out: the first time to look for that. */
  lookFromMs?: number | undefined;
}

export interface UndoCreation extends HeldOperation, Written {
  /** Opened for a new account; that of a collected one opens again. */
  newCollection: { id: string; expiresAtMs: number };
  /** As of `FailCreation`. */
  lookFromMs?: number | undefined;
}

export interface BeginRemoval extends Written {
  operationId: string;
  accountId: string;
  person: Person;
  leaseUntilMs: number;
  requestId: string;
  /** Where the server has no such account: revoked at once, with this event instead. */
  revokedEvent: AuditEvent;
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
  /** `address` of the server, as `serverAddress` writes it; `movedFrom`: where it was before, by the operator's word. */
  | { kind: 'wandb'; address: string; movedFrom?: string | undefined };

export type ClaimBackendResult =
  | { ok: true }
  /** `address`: of the server whose accounts the database holds. */
  | { ok: false; reason: 'other_server'; address: string }
  | { ok: false; reason: 'other_backend' };

/** The units of work of a backend on another system. None is written for an operation that somebody else has meanwhile. */
export interface OperationStore {
  /** Whether the organization's accounts live there; the first claim decides, and the first address. */
  claimBackend(backend: ClaimedBackend): Promise<ClaimBackendResult>;
  /** Undefined where the server showed its keys when last one was made. */
  keysNotShownAtMs(): Promise<number | undefined>;
  recordKeysNotShown(atMs: number | undefined): Promise<void>;
  /** The row of a team of the server, made where it is missing, for accounts to belong to. */
  ensureTeam(name: string, nowMs: number): Promise<Team>;
  /** Of the organization's teams, by name: those that accounts were ever made in. */
  teamNames(): Promise<string[]>;

  /** Active accounts of these teams, by team and name. `total` ignores limit and offset. */
  accountsOfTeams(
    teamNames: readonly string[],
    options: { name?: string; limit: number; offset?: number },
  ): Promise<{ accounts: (ListedAccount & { server: ServerIdentity })[]; total: number }>;
  /** What on the server is not made elsewhere: of the active accounts of these teams, and of what is under way there. */
  knownOnServer(teamNames: readonly string[]): Promise<KnownOnServer>;

  /** Writes the account, still hidden, with its name, identity and form taken, and that its creation is under way. */
  beginCreation(creation: BeginCreation): Promise<InsertAccountResult>;
  /** Takes the collection, and writes that the account is made on the server anew. */
  beginRecreation(recreation: BeginRecreation): Promise<BeginCollectionResult>;
  /**
   * What the server has made. Where the operation was given up meanwhile it goes on, abandoned, under the new lease;
   * `completed`: somebody else has found just this and completed it.
   */
  recordServerIdentity(noted: {
    operationId: string;
    server: ServerIdentity;
    nowMs: number;
    leaseUntilMs: number;
  }): Promise<'noted' | 'reopened' | 'completed'>;
  /** Account, key, delivery and audit event. `account_revoked`: nothing was written, what was made must be removed. */
  completeCreation(completion: CompleteCreation): Promise<'completed' | 'not_held' | 'account_revoked'>;
  /** From now on it is undone whoever has it. */
  abandonCreation(abandoned: HeldOperation & Written): Promise<boolean>;
  /** Nothing is left on the server: name, identity and form are free again; a collection opens again. */
  failCreation(failure: FailCreation): Promise<boolean>;
  /** Nothing is left on the server, and the person may collect the key: the account stands. */
  undoCreation(undone: UndoCreation): Promise<Collection | undefined>;

  /**
   * Of an operation whose last write nobody knows to have succeeded: where it did, and it has ended, the person must hear
   * how, because they were told that it is not known. Where it has not, it will be settled.
   */
  queueEndingNotification(operationId: string): Promise<void>;

  beginRemoval(removal: BeginRemoval): Promise<BeginRemovalResult>;
  /**
   * `server` is gone from the server: revokes the account here, whoever has the operation. `recreated`: the account is
   * another one there by now, which the operation goes on with; nothing was revoked.
   */
  completeRemoval(
    removed: { operationId: string; server: ServerIdentity; ending?: EndingKind } & Written,
  ): Promise<'revoked' | 'already_revoked' | 'recreated'>;
  /** The account is as it was. */
  failRemoval(failed: HeldOperation & Written & { ending?: EndingKind }): Promise<boolean>;

  /** Takes operations whose lease ended before `nowMs`, the longest waiting first: nobody else gets them for a lease. */
  claimLapsedOperations(nowMs: number, options: { limit: number }): Promise<BackendOperation[]>;
  /** Puts it off, for a pause that grows with every try. `stalled`: what the person hears of it, once. */
  postponeOperation(
    held: HeldOperation & { nowMs: number; stalled?: { ending: StalledEnding; auditEvent: AuditEvent } },
  ): Promise<void>;
  /**
   * Takes operations that were given up and whose next look is due, the longest waiting first: nobody else gets them for
   * this look, also where it comes to nothing.
   */
  claimLateChecks(nowMs: number, options: { limit: number }): Promise<BackendOperation[]>;
  /** Whatever was ever made of this name in the team, and whether something is under way there. */
  createdUnderName(named: {
    teamId: string;
    name: string;
    exceptOperationId?: string;
  }): Promise<{ memberIds: string[]; isUnderWay: boolean }>;
  /** Of an operation that was given up: what the person must hear. It is looked for no more. */
  recordLateEffect(late: { operationId: string } & Written): Promise<boolean>;
  /**
   * Takes the cutting off of an undelivered key, for a pause that grows with every try. Answers its account on the server:
   * read later, it may be another one, whose key is in use. Undefined where somebody else has it.
   *
   * @param claim.leaseUntilMs of the delivery, as it was read
   * @param claim.stalled what is written where it has been tried for long: that is told once, as an ending
   */
  claimKeyRevocation(
    claim: {
      deliveryId: string;
      leaseUntilMs: number;
      stalled: { operationId: string; auditEvent: AuditEvent };
    } & Written,
  ): Promise<ServerIdentity | undefined>;
  /** Whether somebody has begun to cut the delivery's key off and nobody has finished. */
  isKeyRevocationUnderWay(deliveryId: string): Promise<boolean>;

  /** As `claimCollectionNotifications`. */
  claimEndingNotifications(nowMs: number, options: { limit: number }): Promise<EndingNotification[]>;
  /** `kind`: the ending that was told. */
  markEndingNotified(told: { operationId: string; kind: EndingKind; nowMs: number }): Promise<void>;
}
