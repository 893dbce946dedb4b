import { and, asc, eq, gt, inArray, isNull, lt, lte, ne, notInArray, or, type SQL, sql } from 'drizzle-orm';
import {
  type ClaimedJob,
  type ClaimJobs,
  type HeldJob,
  JOB_LEASE_MS,
  type JobAbout,
  type JobKind,
  type JobPayloads,
  type JobStart,
  type JobStore,
} from '../../application/ports/job-store.ts';
import type { OrganizationContext, SqliteConnection, WriteContext } from '../database/connection.ts';
import { isFarAhead } from '../database/far-ahead.ts';
import { jobs } from '../schema/schema.ts';

export interface NewJob<Kind extends JobKind> {
  id: string;
  kind: Kind;
  subject: string;
  payload: JobPayloads[Kind];
  start: JobStart;
}

/**
 * Inserts a job in the transaction of what it follows from. Does nothing while an unfinished job of the same kind and subject
 * exists: that one does the work. If it may be running on what the transaction changes, call `rescheduleJob` first.
 */
export function insertJob<Kind extends JobKind>(
  tx: SqliteConnection,
  { organizationId }: OrganizationContext,
  { start, ...job }: NewJob<Kind>,
): void {
  const schedule =
    'atMs' in start
      ? { runAtMs: start.atMs }
      : {
          // Due at once when the request gives it back.
          runAtMs: start.heldUntilMs,
          attempts: 1,
          leaseToken: start.leaseToken,
          leaseUntilMs: start.heldUntilMs,
        };
  tx.insert(jobs)
    .values({ organizationId, ...job, ...schedule })
    .onConflictDoNothing()
    .run();
}

/** Returns the IDs of due jobs of one kind, longest waiting first. */
export function readDueJobs(
  db: SqliteConnection,
  { organizationId }: OrganizationContext,
  { kind, nowMs, limit, attempt, except, longestDelayMs }: ClaimJobs,
): string[] {
  return db
    .select({ id: jobs.id })
    .from(jobs)
    .where(
      and(
        eq(jobs.organizationId, organizationId),
        eq(jobs.kind, kind),
        isNull(jobs.finishedAtMs),
        or(
          lte(jobs.runAtMs, nowMs),
          longestDelayMs === undefined ? undefined : isFarAhead(jobs.runAtMs, nowMs, longestDelayMs),
        ),
        isUnclaimed(nowMs),
        attempt && (attempt === 'first' ? eq(jobs.attempts, 0) : gt(jobs.attempts, 0)),
        except.length === 0 ? undefined : notInArray(jobs.id, [...except]),
      ),
    )
    .orderBy(asc(jobs.runAtMs))
    .limit(limit)
    .all()
    .map(({ id }) => id);
}

export function isUnclaimed(nowMs: number): SQL | undefined {
  return or(
    isNull(jobs.leaseUntilMs),
    lte(jobs.leaseUntilMs, nowMs),
    isFarAhead(jobs.leaseUntilMs, nowMs, JOB_LEASE_MS),
  );
}

export function claimJobs<Kind extends JobKind>(
  tx: SqliteConnection,
  context: WriteContext,
  claim: ClaimJobs<Kind>,
): ClaimedJob<Kind>[] {
  const { organizationId, newId } = context;
  const due = readDueJobs(tx, context, claim);
  if (due.length === 0) return [];
  const leaseToken = newId('lease');
  return tx
    .update(jobs)
    .set({
      attempts: sql`${jobs.attempts} + 1`,
      // The process of the last attempt ended or hangs, or its outcome couldn't be stored.
      failingSinceMs: sql`case when ${jobs.leaseToken} is null then ${jobs.failingSinceMs} else coalesce(${jobs.failingSinceMs}, ${claim.nowMs}) end`,
      lastFailure: sql`case when ${jobs.leaseToken} is null then ${jobs.lastFailure} else 'interrupted' end`,
      leaseToken,
      leaseUntilMs: claim.nowMs + JOB_LEASE_MS,
    })
    .where(and(eq(jobs.organizationId, organizationId), inArray(jobs.id, due)))
    .returning({
      id: jobs.id,
      subject: jobs.subject,
      payload: jobs.payload,
      attempts: jobs.attempts,
    })
    .all()
    .map((job) => ({ ...job, kind: claim.kind, leaseToken, payload: job.payload as JobPayloads[Kind] }));
}

export function finishJob(
  tx: SqliteConnection,
  { organizationId }: OrganizationContext,
  { nowMs, ...held }: Parameters<JobStore['finishJob']>[0],
): boolean {
  const failure = held.outcome === 'failed' ? failed(held.failure, nowMs) : NOT_FAILING;
  const finished = tx
    .update(jobs)
    .set({ finishedAtMs: nowMs, outcome: held.outcome, ...failure, ...UNCLAIMED })
    .where(isHeld(organizationId, held))
    .run();
  return finished.changes === 1;
}

export function retryJob(
  tx: SqliteConnection,
  { organizationId }: OrganizationContext,
  { runAtMs, failure, nowMs, ...held }: Parameters<JobStore['retryJob']>[0],
): boolean {
  const released = tx
    .update(jobs)
    .set({ runAtMs, ...failed(failure, nowMs), ...UNCLAIMED })
    .where(isHeld(organizationId, held))
    .run();
  return released.changes === 1;
}

export function repeatJob(
  tx: SqliteConnection,
  { organizationId }: OrganizationContext,
  { runAtMs, ...held }: Parameters<JobStore['repeatJob']>[0],
): boolean {
  const released = tx
    .update(jobs)
    .set({ runAtMs, attempts: 0, ...NOT_FAILING, ...UNCLAIMED })
    .where(isHeld(organizationId, held))
    .run();
  return released.changes === 1;
}

/**
 * Ends the unfinished job of a kind and subject in the transaction of what makes it unnecessary, also while a process runs it.
 * Returns false if there was none.
 */
export function finishJobOf(
  tx: SqliteConnection,
  { organizationId }: OrganizationContext,
  { nowMs, ...about }: JobAbout & { nowMs: number },
): boolean {
  const finished = tx
    .update(jobs)
    .set({ finishedAtMs: nowMs, outcome: 'done', ...NOT_FAILING, ...UNCLAIMED })
    .where(isUnfinishedOf(organizationId, about))
    .run();
  return finished.changes === 1;
}

/**
 * Schedules the unfinished job of a kind and subject in the transaction of what it waits for, and counts its attempts from 0. If a
 * process runs it, the outcome of that run is dropped and the job runs again, possibly before that run ends. Returns false if
 * there was none.
 */
export function rescheduleJob(
  tx: SqliteConnection,
  { organizationId }: OrganizationContext,
  { runAtMs, ...about }: JobAbout & { runAtMs: number },
): boolean {
  const scheduled = tx
    .update(jobs)
    .set({ runAtMs, attempts: 0, ...NOT_FAILING, ...UNCLAIMED })
    .where(isUnfinishedOf(organizationId, about))
    .run();
  return scheduled.changes === 1;
}

/** Makes the unfinished jobs of a kind due whose subjects begin like this, also running ones, except the one under this lease. */
export function makeDue(
  tx: SqliteConnection,
  { organizationId }: OrganizationContext,
  due: { kind: JobKind; subjectPrefix: string; nowMs: number; heldLeaseToken: string | undefined },
): void {
  const { kind, subjectPrefix, nowMs, heldLeaseToken } = due;
  tx.update(jobs)
    .set({ runAtMs: nowMs, attempts: 0, ...NOT_FAILING, ...UNCLAIMED })
    .where(
      and(
        eq(jobs.organizationId, organizationId),
        eq(jobs.kind, kind),
        gt(jobs.subject, subjectPrefix),
        lt(jobs.subject, `${subjectPrefix}\u{10ffff}`),
        isNull(jobs.finishedAtMs),
        heldLeaseToken === undefined
          ? undefined
          : or(isNull(jobs.leaseToken), ne(jobs.leaseToken, heldLeaseToken)),
      ),
    )
    .run();
}

const UNCLAIMED = { leaseToken: null, leaseUntilMs: null };
const NOT_FAILING = { failingSinceMs: null, lastFailure: null };
const LONGEST_FAILURE = 200;

function failed(failure: string, nowMs: number) {
  return {
    failingSinceMs: sql`coalesce(${jobs.failingSinceMs}, ${nowMs})`,
    lastFailure: failure.slice(0, LONGEST_FAILURE),
  };
}

export function isUnfinishedOf(
  organizationId: string,
  { kind, subject }: { kind: string; subject: string },
): SQL | undefined {
  return and(
    eq(jobs.organizationId, organizationId),
    eq(jobs.kind, kind),
    eq(jobs.subject, subject),
    isNull(jobs.finishedAtMs),
  );
}

function isHeld(organizationId: string, { id, leaseToken }: HeldJob): SQL | undefined {
  return and(
    eq(jobs.organizationId, organizationId),
    eq(jobs.id, id),
    eq(jobs.leaseToken, leaseToken),
    isNull(jobs.finishedAtMs),
  );
}

export function hasUnfinishedJob(
  db: SqliteConnection,
  { organizationId }: OrganizationContext,
  about: JobAbout,
): boolean {
  const unfinished = isUnfinishedOf(organizationId, about);
  return db.select({ id: jobs.id }).from(jobs).where(unfinished).get() !== undefined;
}

/** Makes the unfinished job of a subject due at a time, with this payload; inserts it if there is none. */
export function scheduleJob<Kind extends JobKind>(
  tx: SqliteConnection,
  context: WriteContext,
  {
    runAtMs,
    payload,
    ...about
  }: { kind: Kind; subject: string; payload: JobPayloads[Kind]; runAtMs: number },
): void {
  if (rescheduleJob(tx, context, { ...about, runAtMs })) {
    tx.update(jobs).set({ payload }).where(isUnfinishedOf(context.organizationId, about)).run();
  } else {
    insertJob(tx, context, { id: context.newId('job'), ...about, payload, start: { atMs: runAtMs } });
  }
}

export function readOldJobs(
  db: SqliteConnection,
  { organizationId }: OrganizationContext,
  beforeMs: number,
  { limit }: { limit: number },
): string[] {
  return db
    .select({ id: jobs.id })
    .from(jobs)
    .where(and(eq(jobs.organizationId, organizationId), lt(jobs.finishedAtMs, beforeMs)))
    .orderBy(asc(jobs.finishedAtMs))
    .limit(limit)
    .all()
    .map(({ id }) => id);
}

export function deleteOldJobs(
  tx: SqliteConnection,
  context: WriteContext,
  beforeMs: number,
  options: { limit: number },
): string[] {
  const old = readOldJobs(tx, context, beforeMs, options);
  tx.delete(jobs)
    .where(and(eq(jobs.organizationId, context.organizationId), inArray(jobs.id, old)))
    .run();
  return old;
}
