import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type Database from 'better-sqlite3';
import { onTestFinished } from 'vitest';
import { createDatabaseAccess, type DatabaseAccess } from '../../../src/store/access/database-access.ts';
import { createDiskReserve } from '../../../src/store/access/disk-reserve.ts';
import { createFileGuard } from '../../../src/store/access/file-guard.ts';
import { openSqliteDatabase } from '../../../src/store/database/open-database.ts';
import type { DatabaseMode } from '../../../src/store/database/refusal.ts';
import { createSqliteStores } from '../../../src/store/sqlite-store.ts';
import {
  AUDIT_KEY,
  draw,
  type LastUse,
  type OpenedStore,
  seedAcme,
  settledWorld,
  type World,
} from '../contract/world.ts';
import { placeMigratedDatabase, quickFolder } from './migrated-database.ts';

/** Creates a folder that is removed after the test. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(quickFolder(), 'keysmith-store-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export function storesOver(client: Database.Database) {
  return createSqliteStores(client, { auditKey: AUDIT_KEY, newId: draw, busyTimeoutMs: BUSY_TIMEOUT_MS });
}

/** Returns the access that a store over this connection has. */
export function accessOver(client: Database.Database, busyTimeoutMs = BUSY_TIMEOUT_MS): DatabaseAccess {
  return createDatabaseAccess({
    busyTimeoutMs,
    guard: createFileGuard(client),
    reserve: createDiskReserve(client, { keepsReserve: false }),
  });
}

/** Short enough to wait for in a test. */
const BUSY_TIMEOUT_MS = 100;

export function openDatabase(file: string, mode: DatabaseMode = 'sandbox'): Database.Database {
  const client = openSqliteDatabase({ file, mode, busyTimeoutMs: BUSY_TIMEOUT_MS });
  onTestFinished(() => void client.close());
  return client;
}

export function readKeyRevokedAtMs(client: Database.Database, keyId: string): number | null {
  const [revokedAtMs] =
    client
      .prepare<[string], [number | null]>('SELECT revoked_at_ms FROM api_keys WHERE key_id = ?')
      .raw()
      .get(keyId) ?? [];
  if (revokedAtMs === undefined) throw new Error(`no key ${keyId}`);
  return revokedAtMs;
}

export function readLastUse(client: Database.Database, of: Parameters<OpenedStore['lastUse']>[0]): LastUse {
  const [table, column, id] =
    'keyId' in of ? ['api_keys', 'key_id', of.keyId] : ['service_accounts', 'id', of.accountId];
  const used = client
    .prepare<[string], LastUse>(
      `SELECT last_used_at_ms AS atMs, last_used_address AS address, last_used_user_agent AS userAgent FROM ${table} WHERE ${column} = ?`,
    )
    .get(id ?? '');
  if (used === undefined) throw new Error(`nothing in ${table} is ${id}`);
  return used;
}

/** Opens a world whose database connection the test can use directly. */
export function openSqliteWorld(file = join(temporaryFolder(), 'keysmith.db')): Promise<SqliteWorld> {
  placeMigratedDatabase(file, 'sandbox');
  return sqliteWorld(file, openDatabase(file));
}

/** Opens a world for all tests of a file, which closes it. */
export function openSharedSqliteWorld(file: string): Promise<SqliteWorld> {
  placeMigratedDatabase(file, 'sandbox');
  return sqliteWorld(file, openSqliteDatabase({ file, mode: 'sandbox', busyTimeoutMs: BUSY_TIMEOUT_MS }));
}

export interface SqliteWorld extends World {
  client: Database.Database;
  file: string;
}

async function sqliteWorld(file: string, client: Database.Database): Promise<SqliteWorld> {
  const stores = storesOver(client);
  await seedAcme(stores);
  return {
    client,
    file,
    stores,
    ...(await settledWorld({ stores, another: () => storesOver(openDatabase(file)) })),
    keyRevokedAtMs: (keyId) => readKeyRevokedAtMs(client, keyId),
    lastUse: (of) => readLastUse(client, of),
    close: async () => void client.close(),
  };
}
