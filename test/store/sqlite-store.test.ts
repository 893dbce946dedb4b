import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import type { Stores } from '../../src/application/ports/store.ts';
import { openSqliteStores } from '../../src/store/sqlite-store.ts';
import { draw } from './contract/world.ts';
import { placeMigratedDatabase, quickFolder } from './database/migrated-database.ts';
import { readKeyRevokedAtMs, readLastUse } from './database/temporary-database.ts';
import { AUDIT_KEY, describeStore, type OpenedStore } from './store-contract.ts';

describeStore('SQLite', async (): Promise<OpenedStore> => {
  const folder = mkdtempSync(join(quickFolder(), 'keysmith-store-'));
  const file = join(folder, 'keysmith.db');
  placeMigratedDatabase(file, 'sandbox');
  const opened: Stores[] = [];
  const open = () => {
    const stores = openSqliteStores({
      file,
      mode: 'sandbox',
      auditKey: AUDIT_KEY,
      newId: draw,
    });
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
