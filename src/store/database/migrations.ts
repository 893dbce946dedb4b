import { findPackageJSON } from 'node:module';
import { dirname, join } from 'node:path';
import type Database from 'better-sqlite3';
import { type MigrationMeta, readMigrationFiles } from 'drizzle-orm/migrator';
import { sqliteCode, storeFault } from './fault.ts';

/** In Keysmith's package, wherever it is started from and whether or not its code is bundled. */
export const SQLITE_MIGRATIONS_FOLDER = join(
  dirname(findPackageJSON(import.meta.url) ?? ''),
  'drizzle/sqlite',
);

export type SchemaState = 'none' | 'older' | 'current' | 'newer' | 'foreign';

export function readSqliteMigrations(): MigrationMeta[] {
  return readMigrationFiles({ migrationsFolder: SQLITE_MIGRATIONS_FOLDER });
}

/** How the database's tables stand to the migrations that this code knows. */
export function schemaState(client: Database.Database, migrations: readonly MigrationMeta[]): SchemaState {
  const tables = tableNames(client);
  if (tables.size === 0) return 'none';
  if (!tables.has('database_identity') || !tables.has('__drizzle_migrations')) return 'foreign';
  const applied = appliedMigrations(client);
  const known = new Set(migrations.map(({ folderMillis }) => folderMillis));
  if (!applied.isSubsetOf(known)) return 'newer';
  return known.isSubsetOf(applied) ? 'current' : 'older';
}

/**
 * Applies what is missing, as drizzle-orm's own migrator would. That one begins its transaction after it has looked which
 * migrations are missing, so that of two processes starting at once the second would repeat them; so this runs in a
 * transaction of the caller's that holds the write lock.
 */
export function applyMigrations(client: Database.Database, migrations: readonly MigrationMeta[]): number {
  client.exec(
    'CREATE TABLE IF NOT EXISTS __drizzle_migrations (id SERIAL PRIMARY KEY, hash text NOT NULL, created_at numeric)',
  );
  const applied = appliedMigrations(client);
  const missing = migrations.filter(({ folderMillis }) => !applied.has(folderMillis));
  const remember = client.prepare('INSERT INTO __drizzle_migrations (hash, created_at) VALUES (?, ?)');
  for (const { sql, hash, folderMillis } of missing) {
    for (const statement of sql) client.exec(statement);
    remember.run(hash, folderMillis);
  }
  return missing.length;
}

function tableNames(client: Database.Database): Set<unknown> {
  return new Set(client.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").pluck().all());
}

function appliedMigrations(client: Database.Database): Set<number> {
  return new Set(client.prepare('SELECT created_at FROM __drizzle_migrations').pluck().all().map(Number));
}

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
