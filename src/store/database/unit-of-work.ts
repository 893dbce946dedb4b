import type { AppendAudit } from '../audit/audit-events.ts';
import type { SqliteConnection } from './fault.ts';

export interface UnitsOfWork {
  /** Sees one state of the database throughout. */
  read<Result>(work: (db: SqliteConnection) => Result): Promise<Result>;
  /** Holds the write lock from its start, so that what it checks still holds when it writes. */
  write<Result>(work: (tx: SqliteConnection) => Result): Promise<Result>;
  appenderOf(tx: SqliteConnection, organizationId: string): AppendAudit;
}
