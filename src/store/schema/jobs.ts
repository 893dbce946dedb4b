import { sql } from 'drizzle-orm';
import { check, index, integer, primaryKey, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core';
import type { JobPayload } from '../../application/ports/job-store.ts';
import { organizationId } from './organizations.ts';

/** Work that must happen later or again. One process claims a job at a time; a finished one is kept for some days. */
export const jobs = sqliteTable(
  'jobs',
  {
    organizationId: organizationId(),
    id: text('id').notNull(),
    kind: text('kind').notNull(),
    /** What the job is about. One job of a kind and subject is unfinished at a time. */
    subject: text('subject').notNull(),
    /** Never contains a secret. */
    payload: text('payload', { mode: 'json' }).$type<JobPayload>().notNull(),
    runAtMs: integer('run_at_ms').notNull(),
    /** The number of claims since it was scheduled, or since its last success. 0 while it is claimed: it was rescheduled since. */
    attempts: integer('attempts').notNull().default(0),
    /** Proves that a process still holds the job; null while none does. */
    leaseToken: text('lease_token'),
    leaseUntilMs: integer('lease_until_ms'),
    finishedAtMs: integer('finished_at_ms'),
    /** `failed`: given up after the last attempt. */
    outcome: text('outcome', { enum: ['done', 'failed'] }),
    /** When its first failure since the last success was stored. */
    failingSinceMs: integer('failing_since_ms'),
    /** Why the last attempt failed: a code or an error's name. Never contains a secret. */
    lastFailure: text('last_failure'),
  },
  (table) => [
    primaryKey({ columns: [table.organizationId, table.id] }),
    uniqueIndex('jobs_unfinished_subject')
      .on(table.organizationId, table.kind, table.subject)
      .where(sql`${table.finishedAtMs} is null`),
    // Due jobs are read every few seconds, kind by kind, while nearly all jobs are finished or not due.
    index('jobs_due')
      .on(table.organizationId, table.kind, table.runAtMs)
      .where(sql`${table.finishedAtMs} is null`),
    // Old finished jobs are deleted.
    index('jobs_finished')
      .on(table.organizationId, table.finishedAtMs)
      .where(sql`${table.finishedAtMs} is not null`),
    check('jobs_outcome', sql`${table.outcome} in ('done', 'failed')`),
    check('jobs_finished_with_outcome', sql`(${table.finishedAtMs} is null) = (${table.outcome} is null)`),
    check('jobs_lease', sql`(${table.leaseToken} is null) = (${table.leaseUntilMs} is null)`),
  ],
);
