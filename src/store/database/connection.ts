import type { RunResult } from 'better-sqlite3';
import type { BaseSQLiteDatabase } from 'drizzle-orm/sqlite-core';
import { type StoreFault, StoreUnavailableError } from '../../application/ports/store.ts';
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

/** SQLite's extended result code (sqlite.org/rescode.html) of an error or of what caused it. */
export function sqliteCode(error: unknown): string | undefined {
  for (let link = error; link instanceof Error; link = link.cause) {
    if ('code' in link && typeof link.code === 'string' && link.code.startsWith('SQLITE_')) return link.code;
  }
  return undefined;
}

/** What a failing database means. Undefined for constraints and whatever is no failure of the database: bugs. */
export function storeFault(error: unknown): StoreFault | undefined {
  const code = sqliteCode(error);
  if (code === undefined) return isClosedConnection(error) ? 'unreadable' : undefined;
  if (code.startsWith('SQLITE_CONSTRAINT')) return undefined;
  if (code.startsWith('SQLITE_READONLY')) return 'read_only';
  if (code.startsWith('SQLITE_BUSY') || code.startsWith('SQLITE_LOCKED')) return 'locked';
  if (code.startsWith('SQLITE_CORRUPT') || code === 'SQLITE_NOTADB' || code === 'SQLITE_IOERR_CORRUPTFS') {
    return 'damaged';
  }
  // Many file systems report a full disk or a spent quota as a write that failed.
  if (code === 'SQLITE_FULL' || /^SQLITE_IOERR_(WRITE|FSYNC|DIR_FSYNC|TRUNCATE|SHMSIZE)$/.test(code)) {
    return 'full';
  }
  return 'unreadable';
}

/** Runs a unit of work; the database's failures become {@link StoreUnavailableError}, the rest stays what it is. */
export function withStoreFaults<Result>(work: () => Result): Result {
  try {
    return work();
  } catch (error) {
    const fault = storeFault(error);
    throw fault === undefined ? error : new StoreUnavailableError(fault, { cause: error });
  }
}

/** better-sqlite3 says it in words alone. */
function isClosedConnection(error: unknown): boolean {
  return error instanceof TypeError && error.message === 'The database connection is not open';
}
