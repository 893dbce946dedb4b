import { accessSync, constants, existsSync, readFileSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import Database from 'better-sqlite3';
import type { MigrationMeta } from 'drizzle-orm/migrator';
import { readSqliteMigrations, schemaState } from './migrations.ts';
import { readMode } from './open-database.ts';
import {
  type DatabaseMode,
  type DatabaseRefusal,
  DatabaseRefusedError,
  toDatabaseRefusal,
} from './refusal.ts';

export type DatabaseInspection =
  | {
      ok: true;
      exists: boolean;
      /** `none`: no tables yet; they are made at the first start. `older`: brought up to date at the next start. */
      schema: 'none' | 'older' | 'current' | 'newer';
      mode: DatabaseMode | undefined;
      /** What SQLite's own check found, at most ten things. */
      integrity: 'ok' | string[];
      /** The file and its folder; where they do not exist yet, the nearest folder that does. */
      writable: boolean;
      /** Undefined also where the schema is newer than this code. */
      organizationName: string | undefined;
      /** Where its accounts live; undefined also where the schema is not the current one. */
      backend?: 'builtin' | 'wandb' | undefined;
      /** Of the W&B server. */
      backendAddress?: string | undefined;
      /** When the W&B server last kept a new key to itself, milliseconds since the epoch. */
      keysNotShownAtMs?: number | undefined;
    }
  | { ok: false; reason: DatabaseRefusal; message: string };

/** Looks at a database without making, changing or locking anything, also while another process uses it. */
export function inspectDatabase(file: string, mode: DatabaseMode): DatabaseInspection {
  const migrations = readSqliteMigrations();
  try {
    const writable = isWritable(file) && isWritable(dirname(file));
    const size = statSync(file, { throwIfNoEntry: false })?.size;
    if (size === undefined || size === 0) {
      const empty = {
        schema: 'none',
        mode: undefined,
        integrity: 'ok',
        organizationName: undefined,
      } as const;
      return { ok: true, exists: size === 0, writable, ...empty };
    }
    const client = openReadOnly(file);
    try {
      return { ok: true, exists: true, writable, ...inspectOpened(client, migrations, { file, mode }) };
    } finally {
      client.close();
    }
  } catch (error) {
    const refusal = toDatabaseRefusal(error, file);
    if (!(refusal instanceof DatabaseRefusedError)) throw refusal;
    return { ok: false, reason: refusal.reason, message: refusal.message };
  }
}

function inspectOpened(
  client: Database.Database,
  migrations: readonly MigrationMeta[],
  { file, mode }: { file: string; mode: DatabaseMode },
) {
  const schema = schemaState(client, migrations);
  if (schema === 'foreign') throw new DatabaseRefusedError('not_ours', file);
  const found = schema === 'none' ? undefined : readMode(client);
  if (found !== undefined && found !== mode) throw new DatabaseRefusedError('other_mode', file);
  const problems = client.prepare('PRAGMA integrity_check(10)').pluck().all().map(String);
  const isKnown = schema === 'current' || schema === 'older';
  return {
    schema,
    mode: found,
    integrity: problems.length === 1 && problems[0] === 'ok' ? ('ok' as const) : problems,
    organizationName: isKnown ? readName(client) : undefined,
    ...(schema === 'current' && readBackend(client)),
  };
}

function readBackend(client: Database.Database) {
  const row = client
    .prepare<
      [],
      { backend: 'builtin' | 'wandb' | null; backendAddress: string | null; keysNotShownAtMs: number | null }
    >(
      `SELECT backend, backend_address AS backendAddress, keys_not_shown_at_ms AS keysNotShownAtMs
       FROM organizations ORDER BY created_at_ms LIMIT 1`,
    )
    .get();
  return {
    backend: row?.backend ?? undefined,
    backendAddress: row?.backendAddress ?? undefined,
    keysNotShownAtMs: row?.keysNotShownAtMs ?? undefined,
  };
}

function readName(client: Database.Database): string | undefined {
  const name = client.prepare('SELECT name FROM organizations ORDER BY created_at_ms LIMIT 1').pluck().get();
  return typeof name === 'string' ? name : undefined;
}

/**
 * SQLite leaves files beside a WAL database that it opens read-only. So one that was closed is read as a whole instead,
 * with the two bytes of its header that say WAL (sqlite.org/fileformat.html, 1.3.3) set to the journal that memory can do.
 */
function openReadOnly(file: string): Database.Database {
  const isInUse = existsSync(`${file}-wal`);
  return isInUse
    ? new Database(file, { readonly: true, fileMustExist: true })
    : new Database(withoutWal(readFileSync(file)), { readonly: true });
}

function withoutWal(bytes: Buffer): Buffer {
  if (bytes.length >= 20) bytes.fill(1, 18, 20);
  return bytes;
}

function isWritable(path: string): boolean {
  if (!existsSync(path)) return isWritable(dirname(path));
  try {
    accessSync(path, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}
