import type { RunResult } from 'better-sqlite3';
import { sql } from 'drizzle-orm';
import type { BaseSQLiteDatabase } from 'drizzle-orm/sqlite-core';
import { type StoreFault, StoreUnavailableError } from '../../application/ports/store.ts';
import type { AuditEvent } from '../../domain/audit/audit-event.ts';

/** The connection to the database. Synchronous, because better-sqlite3 is. */
export interface SqliteConnection extends BaseSQLiteDatabase<'sync', RunResult> {
  /**
   * Returns what `build` returned when it was first passed. `build` is a constant of its module that prepares a query with
   * placeholders, so that a frequent query is built and compiled once per connection.
   */
  once<Query>(build: (db: SqliteConnection) => Query): Query;
  /** Runs the work in a transaction, in which all reads see the same state. */
  reading<Result>(work: () => Result): Result;
  /** Runs the work in an immediate transaction, which holds the write lock from its start. */
  writing<Result>(work: () => Result): Result;
}

/** The SQL function for `foldText`, which every store adds to its connection. */
export const FOLD_FUNCTION = 'fold_text';

/** Links an event to the end of the organization's chain. */
export type AppendAudit = (event: AuditEvent) => void;

/** The organization whose rows a query reads or writes. A row that has an `organizationId` is a context too. */
export interface OrganizationContext {
  organizationId: string;
}

/** The organization in a query that is prepared once. Its value comes with each execution, as {@link OrganizationContext}. */
export const organizationParameter = sql.placeholder('organizationId');

/** Passed to the functions that write. */
export interface WriteContext extends OrganizationContext {
  appendAudit: AppendAudit;
  /** Returns the ID of a new row: `newId('team')` returns `team_` and a random part. */
  newId: (prefix: string) => string;
}

/** Returns SQLite's extended result code (sqlite.org/rescode.html) of an error or of its cause. */
export function sqliteCode(error: unknown): string | undefined {
  for (let link = error; link instanceof Error; link = link.cause) {
    if ('code' in link && typeof link.code === 'string' && link.code.startsWith('SQLITE_')) return link.code;
  }
  return undefined;
}

/** Classifies a failure of the database. Returns undefined for violated constraints and any other error: those are bugs. */
export function storeFault(error: unknown): StoreFault | undefined {
  const code = sqliteCode(error);
  if (code === undefined) return isClosedConnection(error) ? 'unreadable' : undefined;
  if (code.startsWith('SQLITE_CONSTRAINT')) return undefined;
  if (code.startsWith('SQLITE_READONLY')) return 'read_only';
  if (code.startsWith('SQLITE_BUSY') || code.startsWith('SQLITE_LOCKED')) return 'locked';
  if (code.startsWith('SQLITE_CORRUPT') || code === 'SQLITE_NOTADB' || code === 'SQLITE_IOERR_CORRUPTFS') {
    return 'damaged';
  }
  // Many file systems report a full disk or an exceeded quota as a failed write.
  if (code === 'SQLITE_FULL' || /^SQLITE_IOERR_(WRITE|FSYNC|DIR_FSYNC|TRUNCATE|SHMSIZE)$/.test(code)) {
    return 'full';
  }
  return 'unreadable';
}

/** Returns a {@link StoreUnavailableError} for a failure of the database, and any other error as it is. */
export function toStoreFault(error: unknown): unknown {
  const fault = storeFault(error);
  return fault === undefined ? error : new StoreUnavailableError(fault, { cause: error });
}

/** better-sqlite3 gives this error no code, only a message. */
function isClosedConnection(error: unknown): boolean {
  return error instanceof TypeError && error.message === 'The database connection is not open';
}
