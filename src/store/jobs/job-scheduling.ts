import { and, eq, gt, isNull, lt, ne, or, type SQL } from 'drizzle-orm';
import type { JobAbout, JobKind, JobPayloads, JobStart } from '../../application/ports/job-store.ts';
import type { OrganizationContext, SqliteConnection, WriteContext } from '../database/connection.ts';
import { jobs } from '../schema/schema.ts';

export const UNCLAIMED = { leaseToken: null, leaseUntilMs: null };
export const NOT_FAILING = { failingSinceMs: null, lastFailure: null };

export interface NewJob<Kind extends JobKind> {
  id: string;
  kind: Kind;
  subject: string;
  payload: JobPayloads[Kind];
  start: JobStart;
}

/**
 * Inserts a job in the transaction of the effect that causes it. Does nothing while an unfinished job of the same kind and subject
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

/**
 * Ends the unfinished job of a kind and subject in the transaction that makes it unnecessary, even while a process runs it.
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
 * Schedules the unfinished job of a kind and subject in the transaction of the event it waits for, and counts its attempts from 0. If a
 * process runs it, the job runs again after that run, or after its lease; the outcome of that run is dropped. Returns false if there
 * was none.
 */
export function rescheduleJob(
  tx: SqliteConnection,
  { organizationId }: OrganizationContext,
  { runAtMs, ...about }: JobAbout & { runAtMs: number },
): boolean {
  const scheduled = tx
    .update(jobs)
    .set(rescheduledAt(runAtMs))
    .where(isUnfinishedOf(organizationId, about))
    .run();
  return scheduled.changes === 1;
}

/** Leaves the claim of a process that runs the job, so that no other one runs it at the same time. Its attempts make it run again. */
function rescheduledAt(runAtMs: number) {
  return { runAtMs, attempts: 0, ...NOT_FAILING };
}

/** Makes unfinished jobs of a kind due if their subjects begin with `subjectPrefix`: also running ones, but none that a request holds. */
export function makeDue(
  tx: SqliteConnection,
  { organizationId }: OrganizationContext,
  { kind, subjectPrefix, nowMs }: { kind: JobKind; subjectPrefix: string; nowMs: number },
): void {
  tx.update(jobs)
    .set(rescheduledAt(nowMs))
    .where(
      and(
        eq(jobs.organizationId, organizationId),
        eq(jobs.kind, kind),
        gt(jobs.subject, subjectPrefix),
        lt(jobs.subject, `${subjectPrefix}\u{10ffff}`),
        isNull(jobs.finishedAtMs),
        // Only a request holds a job until the time when it runs.
        or(isNull(jobs.leaseUntilMs), ne(jobs.leaseUntilMs, jobs.runAtMs)),
      ),
    )
    .run();
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
