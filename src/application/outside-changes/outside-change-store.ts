import type { OutsideChange, TeamChanges } from '../../domain/accounts/outside-change.ts';
import type { ServiceAccount } from '../../domain/accounts/service-account.ts';
import type { AuditEvent } from '../../domain/audit/audit-event.ts';
import type { Person } from '../../domain/organization/person.ts';
import type { AccountPage, EarlierSubmission, VisibleAccount } from '../ports/account-records.ts';
import type { Recipient, Reminder } from '../ports/notifications.ts';

/** Where reading the server's audit log continues. `cursor` is the server's, for a page of that day. */
export interface LogPosition {
  /** In UTC: `2026-11-30`. */
  day: string;
  cursor?: string | undefined;
}

/** A native key was created or deleted, by anyone. */
export interface NativeKeyEvent {
  kind: 'created' | 'deleted';
  /** The owner's ID on the server. */
  userId: string;
  atMs: number;
  /** By Keysmith's own credential. */
  isOwn: boolean;
}

/** One page of the log, with what it says about teams that Keysmith serves. */
export interface LogPage {
  /** Both by time. */
  changes: OutsideChange[];
  keyEvents: NativeKeyEvent[];
  /** The time of the newest entry; undefined if the page has none. */
  newestAtMs: number | undefined;
  /** Undefined after today's last page. */
  next: LogPosition | undefined;
}

/** The audit log of a W&B server. */
export interface OutsideChangeSource {
  /**
   * Reads a page. `failure`: the reason of a `BackendFailure`.
   *
   * @throws BackendUnavailableError if the server's teams can't be read
   */
  read(from: LogPosition): Promise<{ ok: true; page: LogPage } | { ok: false; failure: string }>;
}

export interface RecordLogPage {
  page: Pick<LogPage, 'changes' | 'keyEvents' | 'newestAtMs'>;
  /** Where to read next. */
  position: LogPosition;
  nowMs: number;
  eventOf: (recorded: RecordedFromLog) => AuditEvent;
}

/** What is written to Keysmith's own record. */
export type RecordedFromLog =
  | { kind: 'change'; change: OutsideChange }
  /** No more changes of the team and day are stored. */
  | { kind: 'limit_reached'; teamName: string; day: string }
  /** The only key of a deleted account was deleted. */
  | { kind: 'keys_deleted'; account: ServiceAccount; serverAccountId: string };

/** A service account on the server, also one that was deleted. */
export interface KnownUser {
  userId: string;
  teamName: string;
  name: string;
  /** Whether Keysmith manages it. */
  isManaged: boolean;
}

export interface AdoptAccount {
  /** Active. */
  account: ServiceAccount;
  submissionId: string;
  server: { id: string; name: string; memberId: string; clientId: string | undefined };
  reviewAtMs: number;
  nowMs: number;
  auditEvent: AuditEvent;
}

export type AdoptAccountResult =
  | { ok: true }
  | { ok: false; reason: 'already_submitted'; earlier: EarlierSubmission }
  | { ok: false; reason: 'name_taken' | 'subject_taken' | 'team_archived' | 'already_managed' };

/** A deleted account whose native keys may still work. */
export interface LeftKeys {
  serverAccountId: string;
  account: ServiceAccount;
  /** On the server. */
  serverName: string;
  goneAtMs: number;
}

/** Changes on a W&B server that others made outside Keysmith, and accounts that were adopted from there. */
export interface OutsideChangeStore {
  /** Starts reading the audit log from now, or continues where it stopped, and queues the job. */
  startAuditLog(nowMs: number): Promise<void>;
  /** Returns undefined before the first start. */
  auditLogPosition(): Promise<LogPosition | undefined>;
  /** Stores a page's changes once, with their audit events and a digest for the admins of each team; deletes old changes. */
  recordLogPage(page: RecordLogPage): Promise<{ recorded: number }>;
  /** Finds service accounts by their users on the server. */
  usersOnServer(userIds: readonly string[]): Promise<KnownUser[]>;
  /** Returns who created these users and when, as far as the log has shown it. */
  outsideCreations(userIds: readonly string[]): Promise<Map<string, Pick<OutsideChange, 'actor' | 'atMs'>>>;
  /** Returns the changes of a team that were recorded in a time. */
  changesOfTeam(
    teamName: string,
    recorded: { sinceMs: number; untilMs: number; limit: number },
  ): Promise<TeamChanges>;

  /** Takes over an account that was created on the server, once per form. */
  adoptAccount(adoption: AdoptAccount): Promise<AdoptAccountResult>;
  /** Returns undefined if no keys are left, or an admin has confirmed that. */
  leftKeys(serverAccountId: string): Promise<LeftKeys | undefined>;
  /** Lists the deleted accounts of these teams whose keys may be left, the newest first. */
  leftKeysOfTeams(
    teamNames: readonly string[],
    options: { limit: number },
  ): Promise<{ accounts: LeftKeys[]; total: number }>;
  /** Records once that an admin has deleted all keys of a deleted account. */
  confirmKeysDeleted(confirmed: {
    serverAccountId: string;
    nowMs: number;
    auditEvent: AuditEvent;
  }): Promise<boolean>;
  /** Queues a reminder's messages. Repeating it with the same job has no effect. */
  sendReminder(reminder: {
    jobId: string;
    /** The number of this reminder of the job. */
    round: number;
    message: Reminder;
    to: readonly Recipient[];
    nowMs: number;
  }): Promise<void>;
}

/** An account that Keysmith didn't create. */
export interface UnmanagedAccount {
  teamName: string;
  name: string;
  /** The member's ID on the server. */
  memberId: string;
  /** Who created it, where the server's audit log says so. */
  created?: Pick<OutsideChange, 'actor' | 'atMs'>;
  /** Whether the person may adopt it. */
  isAdoptable: boolean;
}

/** An account on the server that Keysmith doesn't manage, to be adopted. */
export interface AdoptableAccount {
  teamName: string;
  /** The member's ID on the server. */
  memberId: string;
  /** The name there. */
  name: string;
  /** Of a federated account, where the server shows its client. */
  subject: string | undefined;
}

/** A validated form *Adopt service account*. */
export interface AdoptRequest {
  teamName: string;
  memberId: string;
  name: string;
  purpose: string | undefined;
  usedBy: string | undefined;
  contact: string;
  reviewAtMs: number;
  requestedBy: Person;
  submissionId: string;
  requestId: string;
}

export type AdoptResult =
  | { ok: true; account: ServiceAccount }
  /** `gone`: the team doesn't have the account, or no longer has it. */
  | Exclude<AdoptAccountResult, { ok: true }>
  | { ok: false; reason: 'not_admin' | 'gone' };

/** The part of a backend for accounts that Keysmith didn't create. The built-in backend doesn't have it. */
export interface OutsideAccounts {
  /** Changes on the server from its audit log; undefined unless Keysmith follows the log. */
  readonly outsideChanges: OutsideChangeSource | undefined;
  /** Reads a team's unmanaged account now. Returns undefined for every other account. */
  adoptableAccount(teamName: string, memberId: string): Promise<AdoptableAccount | undefined>;
  /** Takes over an unmanaged account, after checking the person's role again. */
  adoptAccount(request: AdoptRequest): Promise<AdoptResult>;
}

/** `isMissing`: someone deleted the account on the server. `serverName`: its name there. */
export type JoinedAccount = VisibleAccount & AccountOnServer;

export interface AccountOnServer {
  isMissing?: true;
  serverName?: string;
}

export interface AccountList extends AccountPage<JoinedAccount> {
  /** Whether the backend sees credentials being used. If not, a missing last use means nothing. */
  tracksUsage: boolean;
  /** Some of the same teams' accounts that Keysmith didn't create, on the last page only. */
  unmanaged: { accounts: UnmanagedAccount[]; total: number };
  /** Deleted accounts of the teams that the person administers, whose native keys may still work; on the last page only. */
  leftKeys?: { accounts: LeftKeys[]; total: number };
}
