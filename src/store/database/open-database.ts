import { closeSync, existsSync, mkdirSync, openSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import Database from 'better-sqlite3';
import type { MigrationMeta } from 'drizzle-orm/migrator';
import { DEFAULT_BUSY_TIMEOUT_MS } from '../access/database-access.ts';
import { isLargeFile } from '../access/file-check.ts';
import { sqliteCode } from './connection.ts';
import { applyMigrations, readSqliteMigrations, type SchemaState, schemaState } from './migrations.ts';
import { type DatabaseMode, DatabaseRefusedError, toDatabaseRefusal } from './refusal.ts';

export interface SqliteDatabaseOptions {
  /** Absolute, or `:memory:`. A missing folder is created. */
  file: string;
  mode: DatabaseMode;
  /** How long opening waits for another process's lock. It blocks the process: nothing is served yet. */
  busyTimeoutMs?: number;
  /** From this size on, `openSqliteStores` checks the file for damage while Keysmith serves. 64 MiB by default. */
  largeFromBytes?: number;
  /** Default: Keysmith's own, which are read from its package. */
  migrations?: readonly MigrationMeta[];
  logger?: { info(details: object, message: string): void };
}

const RETRY_PAUSE_MS = 20;

/**
 * Opens the database and applies missing migrations.
 *
 * @throws DatabaseRefusedError if the file belongs to another program or the other mode, is newer than this code, or is
 *   damaged. The file is unchanged then.
 */
export function openSqliteDatabase(options: SqliteDatabaseOptions): Database.Database {
  const { file, busyTimeoutMs = DEFAULT_BUSY_TIMEOUT_MS, migrations = readSqliteMigrations() } = options;
  let client: Database.Database | undefined;
  try {
    if (file !== ':memory:') makeFile(file);
    const opened = new Database(file, { timeout: busyTimeoutMs });
    client = opened;
    retryWhileBusy(busyTimeoutMs, () => prepareDatabase(opened, migrations, options));
    // From here on, a statement that meets a lock fails at once, and is repeated without blocking the process.
    opened.pragma('busy_timeout = 0');
    return opened;
  } catch (error) {
    client?.close();
    throw toDatabaseRefusal(error, file);
  }
}

/**
 * Whether the database is missing or empty, while its write-ahead log exists. SQLite would delete the log, and with it what
 * no checkpoint has moved into the missing file.
 */
export function isMissingBesideLog(file: string): boolean {
  const sizeOf = (path: string) => statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  return sizeOf(file) === 0 && sizeOf(`${file}-wal`) > 0;
}

/** SQLite itself would create a file that every user of the machine may read. */
function makeFile(file: string): void {
  if (isMissingBesideLog(file)) throw new DatabaseRefusedError('replaced', file);
  if (existsSync(file)) return;
  mkdirSync(dirname(file), { recursive: true });
  closeSync(openSync(file, 'a', 0o600));
}

function prepareDatabase(
  client: Database.Database,
  migrations: readonly MigrationMeta[],
  { file, mode, logger, largeFromBytes }: SqliteDatabaseOptions,
): void {
  // Checked before the first write, so that another program's file stays unchanged.
  refuseUnusable(client, schemaState(client, migrations), { file, mode });
  if (!isLargeFile(client, largeFromBytes)) refuseDamaged(client, file);
  client.pragma('journal_mode = WAL');
  client.pragma('synchronous = FULL');
  // Migrations recreate tables, and dropping a referenced one fails while foreign keys are enforced
  // (sqlite.org/lang_altertable).
  client.pragma('foreign_keys = OFF');
  const applied = client
    .transaction(() => {
      // Another process may have migrated since.
      refuseUnusable(client, schemaState(client, migrations), { file, mode });
      const count = applyMigrations(client, migrations);
      if (count > 0) refuseDangling(client, file);
      claim(client, mode);
      return count;
    })
    .immediate();
  client.pragma('foreign_keys = ON');
  if (applied > 0) logger?.info({ file, migrations: applied }, 'database migrated');
}

function refuseDamaged(client: Database.Database, file: string): void {
  const found = client.prepare('PRAGMA quick_check(1)').pluck().get();
  if (found !== 'ok') throw new DatabaseRefusedError('damaged', file, { cause: new Error(String(found)) });
}

function refuseDangling(client: Database.Database, file: string): void {
  const dangling = client.pragma('foreign_key_check');
  if (Array.isArray(dangling) && dangling.length === 0) return;
  throw new DatabaseRefusedError('damaged', file, {
    cause: new Error('A foreign key refers to a missing row.'),
  });
}

function refuseUnusable(
  client: Database.Database,
  state: SchemaState,
  { file, mode }: { file: string; mode: DatabaseMode },
): void {
  if (state === 'none') return;
  if (state === 'foreign') throw new DatabaseRefusedError('not_ours', file);
  if (state === 'newer') throw new DatabaseRefusedError('newer_than_code', file);
  if (readMode(client) !== mode) throw new DatabaseRefusedError('other_mode', file);
}

/** Returns undefined for a database without an identity. */
export function readMode(client: Database.Database): DatabaseMode | undefined {
  const mode = client.prepare('SELECT mode FROM database_identity').pluck().get();
  return mode === 'sandbox' || mode === 'live' ? mode : undefined;
}

function claim(client: Database.Database, mode: DatabaseMode): void {
  client
    .prepare(
      'INSERT INTO database_identity (singleton, mode, created_at_ms) VALUES (1, ?, ?) ON CONFLICT DO NOTHING',
    )
    .run(mode, Date.now());
}

/** SQLite reports some conflicts at once despite the busy timeout, such as a conflict during the switch to WAL. */
function retryWhileBusy(timeoutMs: number, work: () => void): void {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    try {
      work();
      return;
    } catch (error) {
      if (sqliteCode(error)?.startsWith('SQLITE_BUSY') !== true || performance.now() >= deadline) throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, RETRY_PAUSE_MS);
    }
  }
}
