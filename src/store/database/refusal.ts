import { sqliteCode, storeFault } from './connection.ts';

export type DatabaseMode = 'sandbox' | 'live';

export type DatabaseRefusal =
  | 'newer_than_code'
  | 'other_mode'
  | 'damaged'
  | 'locked'
  | 'unreadable'
  | 'read_only'
  | 'full'
  | 'not_a_database'
  | 'not_ours';

/** The database can't be used. The message is for the operator: what happened and what to do; the file is unchanged. */
export class DatabaseRefusedError extends Error {
  override name = 'DatabaseRefusedError';
  readonly reason: DatabaseRefusal;

  constructor(reason: DatabaseRefusal, file: string, options?: { cause: unknown }) {
    super(`The database ${file} ${describe(reason)}`, options);
    this.reason = reason;
  }
}

function describe(reason: DatabaseRefusal): string {
  switch (reason) {
    case 'newer_than_code':
      return 'was written by a newer version of Keysmith. Start that version, or restore a backup from before the update.';
    case 'other_mode':
      return 'belongs to the other mode: a sandbox database is never used with a real Slack, nor the reverse. Point DATABASE_URL at another file.';
    case 'damaged':
      return 'is damaged. Stop Keysmith, keep a copy of the file and those beside it, and restore a backup.';
    case 'locked':
      return 'is locked by another program. Find what holds it open (a backup, a shell, another Keysmith) and start again.';
    case 'unreadable':
      return 'can not be opened. Check that the path is right and that Keysmith may read and write the file and its folder.';
    case 'read_only':
      return 'can not be written to. Make the file and its folder writable for the user that runs Keysmith.';
    case 'full':
      return 'can not grow: the disk is full or failed to write. Free some space and start again.';
    case 'not_a_database':
      return 'is no SQLite database. Point DATABASE_URL at another file.';
    case 'not_ours':
      return 'belongs to another program: its tables are not those of Keysmith. Point DATABASE_URL at another file.';
  }
}

const REFUSAL_OF_SYSTEM_ERROR: Record<string, DatabaseRefusal> = {
  EROFS: 'read_only',
  ENOSPC: 'full',
  EDQUOT: 'full',
};

/** Says why a database could not be opened; other errors stay bugs. */
export function toDatabaseRefusal(error: unknown, file: string): unknown {
  if (error instanceof DatabaseRefusedError) return error;
  const refuse = (reason: DatabaseRefusal) => new DatabaseRefusedError(reason, file, { cause: error });
  if (sqliteCode(error) === 'SQLITE_NOTADB') return refuse('not_a_database');
  const fault = storeFault(error);
  if (fault !== undefined) return refuse(fault);
  if (error instanceof Error && 'syscall' in error && 'code' in error) {
    return refuse(REFUSAL_OF_SYSTEM_ERROR[String(error.code)] ?? 'unreadable');
  }
  return error;
}
