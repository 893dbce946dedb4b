import type { Store } from '../application/ports/store.ts';
import { openSqliteDatabase, type SqliteDatabaseOptions } from './open-sqlite-database.ts';
import { createSqliteStore, type SqliteStoreOptions } from './sqlite-store.ts';

export { DatabaseRefusedError } from './database-refusal.ts';

/** Opens the SQLite database and the store over it. Throws `DatabaseRefusedError` where it can't be used. */
export function openSqliteStore(options: SqliteDatabaseOptions & SqliteStoreOptions): Store {
  return createSqliteStore(openSqliteDatabase(options), options);
}
