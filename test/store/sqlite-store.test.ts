import { copyFileSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterAll } from 'vitest';
import type { Stores } from '../../src/application/ports/store.ts';
import { openSqliteStores } from '../../src/store/sqlite-store.ts';
import { draw, type Seed } from './contract/world.ts';
import { placeMigratedDatabase, quickFolder } from './database/migrated-database.ts';
import { readKeyRevokedAtMs, readLastUse } from './database/temporary-database.ts';
import { AUDIT_KEY, describeStore, type OpenedStore } from './store-contract.ts';

const newFolder = () => mkdtempSync(join(quickFolder(), 'keysmith-store-'));
const openStores = (file: string) =>
  openSqliteStores({ file, mode: 'sandbox', auditKey: AUDIT_KEY, newId: draw });

const seededFolder = newFolder();
afterAll(() => rmSync(seededFolder, { recursive: true }));

/** Copies a database that was seeded once. Closing it has moved everything into the one file. */
async function placeSeededDatabase(file: string, seed: Seed): Promise<void> {
  const seeded = join(seededFolder, 'keysmith.db');
  if (!existsSync(seeded)) {
    placeMigratedDatabase(seeded, 'sandbox');
    const stores = openStores(seeded);
    await seed(stores);
    await stores.close();
  }
  copyFileSync(seeded, file);
}

describeStore('SQLite', async (seed): Promise<OpenedStore> => {
  const folder = newFolder();
  const file = join(folder, 'keysmith.db');
  if (seed) await placeSeededDatabase(file, seed);
  else placeMigratedDatabase(file, 'sandbox');
  const opened: Stores[] = [];
  const open = () => {
    const stores = openStores(file);
    opened.push(stores);
    return stores;
  };
  const peek = <Seen>(look: (client: Database.Database) => Seen): Seen => {
    const client = new Database(file, { readonly: true });
    const seen = look(client);
    client.close();
    return seen;
  };
  return {
    stores: open(),
    another: open,
    keyRevokedAtMs: (keyId) => peek((client) => readKeyRevokedAtMs(client, keyId)),
    lastUse: (of) => peek((client) => readLastUse(client, of)),
    close: async () => {
      for (const stores of opened) await stores.close();
      rmSync(folder, { recursive: true });
    },
  };
});
