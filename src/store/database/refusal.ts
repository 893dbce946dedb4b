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
  | 'replaced'
  | 'not_a_database'
  | 'not_ours';

/** Keysmith can't use the database, and left the file unchanged. The message tells the operator what to do. */
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
      return 'was created in the other mode: a sandbox database can’t be used with a real Slack workspace, or vice versa. Point DATABASE_URL at another file.';
    case 'damaged':
      return 'is damaged. Stop Keysmith, keep a copy of the file and the files beside it, and restore a backup.';
    case 'locked':
      return 'is locked by another program. Find the program that has it open (a backup, a shell, another Keysmith), then try again.';
    case 'unreadable':
      return 'can’t be opened. Check the path, and that Keysmith can read and write the file and its folder.';
    case 'read_only':
      return 'is read-only. Make the file and its folder writable for the user that runs Keysmith.';
    case 'full':
      return 'can’t be written: the disk is full or a write failed. Free some space, then try again.';
    case 'replaced':
      return 'was deleted, moved or replaced while it was in use. Stop Keysmith, restore the file, remove the -wal and -shm files beside it unless they belong to it, then start again.';
    case 'not_a_database':
      return 'isn’t a SQLite database. Point DATABASE_URL at another file.';
    case 'not_ours':
      return 'belongs to another program: its tables aren’t Keysmith’s. Point DATABASE_URL at another file.';
  }
}

const REFUSAL_OF_SYSTEM_ERROR: Record<string, DatabaseRefusal> = {
  EROFS: 'read_only',
  ENOSPC: 'full',
  EDQUOT: 'full',
};

/** Returns a {@link DatabaseRefusedError} for a failure of the database or the file system, and any other error as it is. */
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
