import type { RunResult } from 'better-sqlite3';
import type { BaseSQLiteDatabase } from 'drizzle-orm/sqlite-core';
import type { AuditEvent } from '../../domain/audit/audit-event.ts';
import type * as schema from '../schema/schema.ts';

/** The database, or a transaction in it. Synchronous, because better-sqlite3 is. */
export type SqliteConnection = BaseSQLiteDatabase<'sync', RunResult, typeof schema>;

/** Links an event to the end of the organization's chain. */
export type AppendAudit = (event: AuditEvent) => void;

/** The organization whose rows a query reads or writes. A row that has an `organizationId` is a context too. */
export interface OrganizationContext {
  organizationId: string;
}

/** Passed to the functions that write. */
export interface WriteContext extends OrganizationContext {
  appendAudit: AppendAudit;
  /** Returns the ID of a new row: `newId('team')` returns `team_` and a random part. */
  newId: (prefix: string) => string;
}
