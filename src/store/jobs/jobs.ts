import { and, asc, eq, gt, inArray, isNull, lt, lte, or, type Placeholder, type SQL, sql } from 'drizzle-orm';
import type { SQLiteUpdateSetSource } from 'drizzle-orm/sqlite-core';
import {
  type ClaimedJob,
  type ClaimJobs,
  type HeldJob,
  JOB_LEASE_MS,
  type JobKind,
  type JobPayloads,
  type JobStore,
} from '../../application/ports/job-store.ts';
import { CLOCK_TOLERANCE_MS } from '../../domain/stored-time.ts';
import {
  type OrganizationContext,
  organizationParameter,
  type SqliteConnection,
  type WriteContext,
} from '../database/connection.ts';
import { isFarAhead } from '../database/far-ahead.ts';
import { jobs } from '../schema/schema.ts';
import { NOT_FAILING, UNCLAIMED } from './job-scheduling.ts';

/** Returns the IDs of due jobs of one kind, longest waiting first. */
export function readDueJobs(
  db: SqliteConnection,
  { organizationId }: OrganizationContext,
  { kind, nowMs, limit, attempt, except, longestDelayMs }: ClaimJobs,
): string[] {
  const farAheadMs = longestDelayMs === undefined ? null : nowMs + longestDelayMs + CLOCK_TOLERANCE_MS;
  const query = db.once(attempt === undefined ? dueJobs : attempt === 'first' ? newDueJobs : failedDueJobs);
  return query
    .all({ organizationId, kind, nowMs, farAheadMs, limit: limit + except.length })
    .map(({ id }) => id)
    .filter((id) => !except.includes(id))
    .slice(0, limit);
}

const dueJobs = (db: SqliteConnection) => dueJobsWhere(db, undefined);
const newDueJobs = (db: SqliteConnection) => dueJobsWhere(db, eq(jobs.attempts, 0));
const failedDueJobs = (db: SqliteConnection) => dueJobsWhere(db, gt(jobs.attempts, 0));

function dueJobsWhere(db: SqliteConnection, which: SQL | undefined) {
  return db
    .select({ id: jobs.id })
    .from(jobs)
    .where(
      and(
        eq(jobs.organizationId, organizationParameter),
        eq(jobs.kind, sql.placeholder('kind')),
        isNull(jobs.finishedAtMs),
        or(
          lte(jobs.runAtMs, sql.placeholder('nowMs')),
          // Null where no time is too far ahead.
          gt(jobs.runAtMs, sql.placeholder('farAheadMs')),
        ),
        isUnclaimed(sql.placeholder('nowMs')),
        which,
      ),
    )
    .orderBy(asc(jobs.runAtMs))
    .limit(sql.placeholder('limit'))
    .prepare();
}

export function isUnclaimed(nowMs: number | Placeholder): SQL | undefined {
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
      // The process of the last attempt ended or hangs, or the outcome couldn't be stored.
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
  context: OrganizationContext,
  { nowMs, ...held }: Parameters<JobStore['finishJob']>[0],
): boolean {
  const outcome = { finishedAtMs: nowMs, outcome: held.outcome };
  if (held.outcome === 'failed')
    return endClaim(tx, context, held, { ...outcome, ...failed(held.failure, nowMs) });
  // A message that was sent isn't sent again.
  const isSent = eq(jobs.kind, 'notification');
  return endClaim(tx, context, held, { ...outcome, ...NOT_FAILING }, isSent);
}

export function retryJob(
  tx: SqliteConnection,
  context: OrganizationContext,
  { runAtMs, failure, nowMs, ...held }: Parameters<JobStore['retryJob']>[0],
): boolean {
  return endClaim(tx, context, held, { runAtMs, ...failed(failure, nowMs) });
}

export function repeatJob(
  tx: SqliteConnection,
  context: OrganizationContext,
  { runAtMs, ...held }: Parameters<JobStore['repeatJob']>[0],
): boolean {
  return endClaim(tx, context, held, { runAtMs, attempts: 0, ...NOT_FAILING });
}

/**
 * Ends a claim with an outcome, or without one if the job was rescheduled since: then it is due when that says.
 *
 * @param isFinal whether the outcome counts even then
 */
function endClaim(
  tx: SqliteConnection,
  { organizationId }: OrganizationContext,
  held: HeldJob,
  outcome: SQLiteUpdateSetSource<typeof jobs>,
  isFinal?: SQL,
): boolean {
  const isIt = isHeld(organizationId, held);
  const ended = tx
    .update(jobs)
    .set({ ...outcome, ...UNCLAIMED })
    .where(and(isIt, or(gt(jobs.attempts, 0), isFinal)))
    .run();
  if (ended.changes === 1) return true;
  tx.update(jobs).set(UNCLAIMED).where(isIt).run();
  return false;
}

const LONGEST_FAILURE = 200;

function failed(failure: string, nowMs: number) {
  return {
    failingSinceMs: sql`coalesce(${jobs.failingSinceMs}, ${nowMs})`,
    lastFailure: failure.slice(0, LONGEST_FAILURE),
  };
}

function isHeld(organizationId: string, { id, leaseToken }: HeldJob): SQL | undefined {
  return and(
    eq(jobs.organizationId, organizationId),
    eq(jobs.id, id),
    eq(jobs.leaseToken, leaseToken),
    isNull(jobs.finishedAtMs),
  );
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
