import { findPackageJSON } from 'node:module';
import { dirname, join } from 'node:path';
import type Database from 'better-sqlite3';
import { type MigrationMeta, readMigrationFiles } from 'drizzle-orm/migrator';

/** Found through the package, so that it works from any working directory and in a bundle. */
export const SQLITE_MIGRATIONS_FOLDER = join(
  dirname(findPackageJSON(import.meta.url) ?? ''),
  'drizzle/sqlite',
);

export type SchemaState = 'none' | 'older' | 'current' | 'newer' | 'foreign';

export function readSqliteMigrations(): MigrationMeta[] {
  return readMigrationFiles({ migrationsFolder: SQLITE_MIGRATIONS_FOLDER });
}

/** Compares the database's tables with the migrations that this code knows. */
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
 * Applies the missing migrations and returns how many. The caller's transaction must hold the write lock: drizzle-orm's own
 * migrator looks for missing migrations before its transaction starts, so a second process that starts at the same moment
 * would apply them again.
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
