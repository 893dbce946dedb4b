import { and, count, eq, isNull, ne, or, sql } from 'drizzle-orm';
import type { JobsOfKind, QueueLengths } from '../../application/ports/authority-store.ts';
import type { JobStore, ListedJob, RunJobResult } from '../../application/ports/job-store.ts';
import type { OrganizationContext, SqliteConnection } from '../database/connection.ts';
import { jobs } from '../schema/schema.ts';
import { isUnfinishedOf } from './job-scheduling.ts';
import { isUnclaimed } from './jobs.ts';

export function readJobs(
  db: SqliteConnection,
  { organizationId }: OrganizationContext,
  { kind, includesDone, limit }: Parameters<JobStore['listJobs']>[0],
): ListedJob[] {
  const isFailing = sql`${jobs.finishedAtMs} is null and ${jobs.failingSinceMs} is not null`;
  const rank = sql`case when ${isFailing} then 0 when ${jobs.outcome} = 'failed' then 1 when ${jobs.finishedAtMs} is null then 2 else 3 end`;
  const order = sql`coalesce(-${jobs.finishedAtMs}, ${jobs.failingSinceMs}, ${jobs.runAtMs})`;
  return db
    .select({
      id: jobs.id,
      kind: jobs.kind,
      subject: jobs.subject,
      runAtMs: jobs.runAtMs,
      attempts: jobs.attempts,
      leaseUntilMs: jobs.leaseUntilMs,
      failingSinceMs: jobs.failingSinceMs,
      lastFailure: jobs.lastFailure,
      finishedAtMs: jobs.finishedAtMs,
      outcome: jobs.outcome,
    })
    .from(jobs)
    .where(
      and(
        eq(jobs.organizationId, organizationId),
        kind === undefined ? undefined : eq(jobs.kind, kind),
        includesDone ? undefined : or(isNull(jobs.outcome), ne(jobs.outcome, 'done')),
      ),
    )
    .orderBy(rank, order, jobs.id)
    .limit(limit)
    .all();
}

export function runJobNow(
  tx: SqliteConnection,
  { organizationId }: OrganizationContext,
  { id, nowMs }: Parameters<JobStore['runJobNow']>[0],
): RunJobResult {
  const isIt = and(eq(jobs.organizationId, organizationId), eq(jobs.id, id));
  const job = tx
    .select({ kind: jobs.kind, subject: jobs.subject, outcome: jobs.outcome })
    .from(jobs)
    .where(isIt)
    .get();
  if (job === undefined) return 'unknown';
  if (job.outcome === 'done') return 'done';
  if (job.outcome === 'failed') {
    const other = tx.select({ id: jobs.id }).from(jobs).where(isUnfinishedOf(organizationId, job)).get();
    if (other !== undefined) return 'replaced';
  }
  const scheduled = tx
    .update(jobs)
    .set({
      runAtMs: nowMs,
      attempts: 0,
      leaseToken: null,
      leaseUntilMs: null,
      finishedAtMs: null,
      outcome: null,
    })
    .where(and(isIt, isUnclaimed(nowMs)))
    .run();
  return scheduled.changes === 1 ? 'scheduled' : 'running';
}

/** Returns how many jobs are unfinished, and how many of those have failed since their last success: in total and by kind. */
export function readJobCounts(
  db: SqliteConnection,
  { organizationId }: OrganizationContext,
): Pick<QueueLengths, 'jobs' | 'failingJobs' | 'jobsByKind'> {
  const jobsByKind = db
    .select({
      kind: jobs.kind,
      unfinished: count(),
      failing: sql<number>`count(${jobs.failingSinceMs})`,
    })
    .from(jobs)
    .where(and(eq(jobs.organizationId, organizationId), isNull(jobs.finishedAtMs)))
    .groupBy(jobs.kind)
    .all();
  const total = (numberOf: (one: JobsOfKind) => number) =>
    jobsByKind.reduce((sum, one) => sum + numberOf(one), 0);
  return {
    jobs: total(({ unfinished }) => unfinished),
    failingJobs: total(({ failing }) => failing),
    jobsByKind,
  };
}
