import { createSecretKey } from 'node:crypto';
import type Database from 'better-sqlite3';
import type { Stores } from '../application/ports/store.ts';
import { foldText } from '../domain/organization/team-name.ts';
import { createDatabaseAccess, type DatabaseAccessOptions } from './access/database-access.ts';
import { createDatabaseProbe } from './access/database-probe.ts';
import { createDiskReserve } from './access/disk-reserve.ts';
import { isLargeFile, startFileCheck } from './access/file-check.ts';
import { createFileGuard } from './access/file-guard.ts';
import { FOLD_FUNCTION } from './database/connection.ts';
import { openSqliteDatabase, type SqliteDatabaseOptions } from './database/open-database.ts';
import { createConnection } from './database/prepared-queries.ts';
import {
  findOrganizationId,
  insertOrganization,
  readOrganizationName,
} from './organization/organizations.ts';
import { createOrganizationStore } from './organization-store.ts';
import { toWriteContext } from './unit-of-work.ts';

export { DatabaseRefusedError } from './database/refusal.ts';

export interface SqliteStoreOptions extends DatabaseAccessOptions {
  /** The key under which audit events are chained. */
  auditKey: Uint8Array;
  /** Creates the IDs of the rows that the store creates itself: organizations (`org`) and teams (`team`). */
  newId: (prefix: string) => string;
  /** Whether space for revocations on a full disk is kept in a file beside the database. */
  keepsReserve?: boolean;
  logger?: { info(details: object, message: string): void; error(details: object, message: string): void };
}

/** Opens the SQLite database and returns its stores. Throws `DatabaseRefusedError` where it can't be used. */
export function openSqliteStores(options: SqliteDatabaseOptions & SqliteStoreOptions): Stores {
  const client = openSqliteDatabase(options);
  const check = isLargeFile(client, options.largeFromBytes)
    ? startFileCheck(client, options.logger)
    : undefined;
  const stores = createSqliteStores(client, { keepsReserve: true, ...options });
  return {
    ...stores,
    async ping() {
      check?.throwIfDamaged();
      await stores.ping();
    },
    async close() {
      check?.stop();
      await stores.close();
    },
  };
}

/** Returns the stores over a database that `openSqliteDatabase` opened. */
export function createSqliteStores(client: Database.Database, options: SqliteStoreOptions): Stores {
  client.function(FOLD_FUNCTION, { deterministic: true }, foldText);
  const db = createConnection(client);
  const auditKey = createSecretKey(options.auditKey);
  const { newId, logger, keepsReserve = false, ...accessOptions } = options;
  const access = createDatabaseAccess({
    ...accessOptions,
    guard: createFileGuard(client, logger),
    reserve: createDiskReserve(client, { keepsReserve, logger }),
  });
  const scopeOf = (organizationId: string) => ({ db, access, organizationId, auditKey, newId });
  return {
    organizationName: () => access.read(() => readOrganizationName(db)),
    openOrganization: (name, nowMs) =>
      access.write(() =>
        db.writing(() => {
          const existing = findOrganizationId(db, name);
          const scope = scopeOf(existing ?? newId('org'));
          if (existing === undefined) insertOrganization(db, toWriteContext(scope), name, nowMs);
          return createOrganizationStore(scope);
        }),
      ),
    ping: createDatabaseProbe(client, access),
    close: async () => void client.close(),
  };
}
