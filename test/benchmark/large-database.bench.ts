import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, test } from 'vitest';
import { openSqliteDatabase } from '../../src/store/database/open-database.ts';
import { openSqliteStores } from '../../src/store/sqlite-store.ts';
import { AUDIT_KEY, draw, keyAccount, NOW_MS, seedOrganization, teamOf } from '../store/contract/world.ts';

const folder = mkdtempSync(join(tmpdir(), 'keysmith-bench-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Makes the file larger than what a start checks itself. */
function grow(client: Database.Database): void {
  client.exec(`
    CREATE TABLE filler (id INTEGER PRIMARY KEY, body BLOB);
    WITH RECURSIVE counter(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM counter WHERE n < 40000)
    INSERT INTO filler SELECT n, randomblob(2000) FROM counter;
  `);
}

test('opening a database of about 100 MB', async ({ bench }) => {
  const large = join(folder, 'large.db');
  const first = openSqliteDatabase({ file: large, mode: 'live' });
  grow(first);
  first.close();
  const other = new Database(large);
  await bench.compare(
    bench('baseline: check the whole file', () => void other.pragma('quick_check')),
    bench('open it', () => void openSqliteDatabase({ file: large, mode: 'live' }).close()),
    { iterations: 10, time: 1 },
  );
  other.close();
});

test('writing 500 uses of credentials', async ({ bench }) => {
  const stores = openSqliteStores({
    file: join(folder, 'keysmith.db'),
    mode: 'live',
    auditKey: AUDIT_KEY,
    newId: draw,
  });
  const store = await seedOrganization(stores, 'acme');
  const team = await teamOf(store, 'ml-platform');
  const raw = new Database(join(folder, 'raw.db'));
  raw.pragma('journal_mode = WAL');
  raw.pragma('synchronous = FULL');
  raw.exec('CREATE TABLE uses (id TEXT PRIMARY KEY, at_ms INTEGER, address TEXT)');
  const insert = raw.prepare('INSERT INTO uses VALUES (?, 0, ?)');
  const update = raw.prepare('UPDATE uses SET at_ms = ?, address = ? WHERE id = ? AND at_ms < ?');
  const used: { accountId: string; keyId: string }[] = [];
  for (let index = 0; index < 500; index += 1) {
    const { account, key, ...rest } = keyAccount(store.organizationId, team, { name: `account-${index}` });
    await store.insertAccount({ account, key, ...rest });
    used.push({ accountId: account.id, keyId: key.record.keyId });
    for (const id of [account.id, key.record.keyId]) insert.run(id, '203.0.113.9');
  }
  let atMs = NOW_MS;
  const uses = () => {
    atMs += 1;
    return used.map((one) => ({ ...one, atMs, address: '203.0.113.9', userAgent: 'wandb/0.26.1' }));
  };
  await bench.compare(
    bench('baseline: 1,000 prepared updates in one transaction', () => {
      raw.transaction(() => {
        for (const { accountId, keyId, address } of uses()) {
          for (const id of [accountId, keyId]) update.run(atMs, address, id, atMs);
        }
      })();
    }),
    bench('recordUses', () => store.recordUses(uses(), atMs)),
  );
  raw.close();
  await stores.close();
});
