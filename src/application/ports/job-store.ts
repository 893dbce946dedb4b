import type { KeyExpiry } from '../../domain/accounts/key-expiry.ts';
import type { AuditActor } from '../../domain/audit/audit-event.ts';
import type { Person } from '../../domain/organization/person.ts';
import type { CardAbout, CardPlace } from '../cards/card.ts';
import type { LeftContact } from '../care/care-records.ts';
import type { NotificationPayload, Reminder } from './notifications.ts';

/**
 * Brings an account on the server to its desired state. Queued before the server is asked; runs unless the request that queued it
 * finishes in time.
 */
export interface ServerAccountJob {
  serverAccountId: string;
  /** The person to notify of the outcome. */
  person: Person;
  /** Whose act the record shows, if it isn't the person's. */
  actor?: AuditActor;
  requestId: string | null;
  /** Set while an attempt creates an account with a key, which only the process of the attempt can read. */
  key?: { name: string; expiry: KeyExpiry; collectionId: string | null };
}

/** What each kind of job needs to know. Stored as JSON, so it never contains a secret. */
export interface JobPayloads {
  notification: NotificationPayload;
  /** Settles a delivery whose process was lost. */
  delivery: { deliveryId: string };
  /** Ends a collection. */
  collection: { collectionId: string };
  server_account: ServerAccountJob;
  /** Reads the audit log of the W&B server. */
  audit_log: Record<string, never>;
  /** Ends a rotation, and keeps its card up to date. */
  rotation: { rotationId: string };
  /** Logs the head of the audit chain. */
  audit_head: Record<string, never>;
  /** Notifies those whom it concerns when it is due. */
  reminder: Reminder;
  /** Posts a card in one place, or changes it there. */
  card: { about: CardAbout; place: CardPlace };
  /** Reminds the approvers of a request, lets it lapse, and revokes an account that isn't confirmed or collected in time. */
  access_request: { accessRequestId: string };
  /** Notifies people before a key expires. */
  expiry_notice: { keyId: string };
  /** Decides whom a near match is shown to. */
  near_match: { nearMatchId: string };
  /** Reviews the unused keys of the teams after this one. */
  unused_review: { after: string };
  /** Checks whether the contacts after this one are still there. */
  contact_check: { after: string };
  /** Looks a second time at a contact who may have left a team on a W&B server. */
  contact_recheck: LeftContact & { teamName: string };
  /** Asks the admins again about the accounts of a contact who left. */
  unowned_reminder: LeftContact & { teamName: string; markedAtMs: number; round: number };
}

/**
 * `again`: the job didn't fail and runs again at this time, in milliseconds since 1970; its attempts count from 0. `retry`: it failed
 * and runs again after a pause. Its value says why, as in `JobStore.retryJob`.
 */
export type JobResult = 'done' | { again: number } | { retry: string };

export type JobKind = keyof JobPayloads;

// A record, so that the compiler finds a missing kind.
const KINDS: Record<JobKind, 0> = {
  notification: 0,
  delivery: 0,
  collection: 0,
  server_account: 0,
  audit_log: 0,
  audit_head: 0,
  reminder: 0,
  rotation: 0,
  card: 0,
  access_request: 0,
  expiry_notice: 0,
  near_match: 0,
  unused_review: 0,
  contact_check: 0,
  contact_recheck: 0,
  unowned_reminder: 0,
};
export const JOB_KINDS = Object.keys(KINDS) as JobKind[];

export type JobPayload = JobPayloads[JobKind];

/**
 * How long one attempt may take. Afterwards, another process may claim the job. The lease may end early or late where a
 * clock was set; only its token decides whose attempt counts.
 */
export const JOB_LEASE_MS = 90_000;

/** A claim on a job. */
export interface HeldJob {
  id: string;
  /** Proves the claim: another process that has claimed the job since has another token. */
  leaseToken: string;
}

/** When a new job runs: at a time, or when the request that inserts it hasn't finished it in time. */
export type JobStart = { atMs: number } | { heldUntilMs: number; leaseToken: string };

/** A notification to queue. `id`: only where the caller holds it and ends it itself. */
export interface NewNotification {
  id?: string;
  payload: NotificationPayload;
  start: JobStart;
}

/** A notification that its request holds. */
export type HeldNotification = NewNotification & { start: { leaseToken: string } };

export interface ClaimedJob<Kind extends JobKind = JobKind> extends HeldJob {
  kind: Kind;
  subject: string;
  payload: JobPayloads[Kind];
  /** The number of claims since it was scheduled, or since its last success; this one included. */
  attempts: number;
}

export type JobAttempt = 'first' | 'later';

export interface ClaimJobs<Kind extends JobKind = JobKind> {
  kind: Kind;
  nowMs: number;
  limit: number;
  /** `first`: only jobs without a failed attempt; `later`: only the others. Undefined for both. */
  attempt?: JobAttempt;
  /** Whether the jobs revoke something, so that they are claimed even on a full disk. */
  revokes?: boolean;
  /** The jobs that this process is running, whatever its clock says about their leases. */
  except: readonly string[];
  /**
   * How far ahead jobs of this kind are scheduled at most: a later one was scheduled before the clock was set back, and is
   * due. Undefined for jobs at absolute times.
   */
  longestDelayMs: number | undefined;
}

/** How a job ends for good. `failed`: given up; `failure` as in `retryJob`. */
type JobEnd = { outcome: 'done' } | { outcome: 'failed'; failure: string };

/** What identifies an unfinished job. */
export interface JobAbout {
  kind: JobKind;
  subject: string;
}

/** A job without its payload, for operators. */
export interface ListedJob {
  id: string;
  kind: string;
  subject: string;
  runAtMs: number;
  attempts: number;
  /** When the claim of a process or request ends, which may be in the past; null without one. */
  leaseUntilMs: number | null;
  /** When the first failure since the last success was; null without one. */
  failingSinceMs: number | null;
  /** As in `retryJob`, or `interrupted`: the process of the last attempt ended, or it took too long. */
  lastFailure: string | null;
  finishedAtMs: number | null;
  outcome: 'done' | 'failed' | null;
}

/** `replaced`: the job was given up, and another one does the same work now. */
export type RunJobResult = 'scheduled' | 'running' | 'done' | 'replaced' | 'unknown';

/** The queue of one organization. Every method may throw `StoreUnavailableError`, and then nothing was written. */
export interface JobStore {
  /** Claims due jobs of one kind, longest waiting first. Each is claimed by one process. */
  claimJobs<Kind extends JobKind>(claim: ClaimJobs<Kind>): Promise<ClaimedJob<Kind>[]>;
  /**
   * Ends a job. Returns false if it has ended, another process has claimed it, or it was rescheduled during its run: then it can be
   * claimed for its next run. A notification ends even if it was rescheduled, because it has been sent.
   */
  finishJob(held: HeldJob & JobEnd & { nowMs: number }): Promise<boolean>;
  /**
   * Returns a failed job to the queue. `failure`: a code or an error's name, never a message, which may quote a
   * secret. At most 200 characters are stored. Returns as `finishJob` does.
   */
  retryJob(held: HeldJob & { runAtMs: number; failure: string; nowMs: number }): Promise<boolean>;
  /** Returns a job that succeeded to the queue for its next run, and counts its attempts from 0. Returns as `finishJob` does. */
  repeatJob(held: HeldJob & { runAtMs: number }): Promise<boolean>;
  /** Lists failing jobs first, then jobs that were given up, waiting jobs, and jobs that are done. */
  listJobs(which: { kind: string | undefined; includesDone: boolean; limit: number }): Promise<ListedJob[]>;
  /** Makes a job due now and counts its attempts from 0, also one that was given up. */
  runJobNow(job: { id: string; nowMs: number }): Promise<RunJobResult>;
  /** Deletes some of the jobs that ended before `beforeMs`, oldest first. Returns their IDs. */
  deleteFinishedJobs(beforeMs: number, options: { limit: number }): Promise<string[]>;
}
