import { readFileSync, writeFileSync } from 'node:fs';
import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { type StoreFault, StoreUnavailableError } from '../../../src/application/ports/store.ts';
import { storeFault } from '../../../src/store/database/connection.ts';
import { auditEvent, insertSending, keyAccount, type World } from '../contract/world.ts';
import { openDatabase, openSqliteWorld, storesOver } from './temporary-database.ts';

async function faultOf(work: Promise<unknown>): Promise<StoreFault> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof StoreUnavailableError)) throw new Error('no fault', { cause: error });
  expect(error.cause).toBeInstanceOf(Error);
  return error.fault;
}

/** Checks that a failed insert left nothing, and that it succeeds after the database recovers. */
async function expectNoHalfAccount(world: World, fault: StoreFault, recover: () => void): Promise<void> {
  const account = keyAccount(world.organizationId, world.mlPlatform);
  const before = await world.store.auditRecords();
  expect(await faultOf(world.store.insertAccount(account))).toBe(fault);
  expect(await world.store.findAccount(account.account.id)).toBeUndefined();
  expect(await world.store.auditRecords()).toEqual(before);
  recover();
  expect(await world.store.insertAccount(account)).toEqual({ ok: true });
}

describe('a SQLite database that fails during use', () => {
  it('reports read_only if it can’t be written, and writes no partial account', async () => {
    const world = await openSqliteWorld();
    world.client.pragma('query_only = ON');
    await expectNoHalfAccount(world, 'read_only', () => world.client.pragma('query_only = OFF'));
  });

  it('reports full if it can’t grow, and writes no partial account', async () => {
    const world = await openSqliteWorld();
    const pages = Number(world.client.pragma('page_count', { simple: true }));
    // No new pages, so that the existing ones fill up.
    world.client.pragma(`max_page_count = ${pages}`);
    const fill = async () => {
      for (;;) {
        await world.store.appendAuditEvent(auditEvent('interaction.refused', { text: 'x'.repeat(500) }));
      }
    };
    expect(await faultOf(fill())).toBe('full');
    const account = keyAccount(world.organizationId, world.mlPlatform, { purpose: 'x'.repeat(8000) });
    expect(await faultOf(world.store.insertAccount(account))).toBe('full');
    expect(await world.store.findAccount(account.account.id)).toBeUndefined();
    world.client.pragma('max_page_count = 100000');
    expect(await world.store.insertAccount(account)).toEqual({ ok: true });
  });

  it('reports locked if another process writes for longer than the busy timeout, and still reads', async () => {
    const world = await openSqliteWorld();
    const other = new Database(world.file);
    other.exec('BEGIN EXCLUSIVE');
    await expectNoHalfAccount(world, 'locked', () => other.exec('ROLLBACK'));
    other.close();
  });

  it('reports damaged if its pages are overwritten', async () => {
    const world = await openSqliteWorld();
    await insertSending(world, world.mlPlatform);
    await world.stores.close();
    const bytes = readFileSync(world.file);
    writeFileSync(world.file, bytes.fill(0xa5, 2 * 4096));
    const client = new Database(world.file);
    expect(await faultOf(storesOver(client).organizationName())).toBe('damaged');
    expect(await faultOf(storesOver(client).ping())).toBe('damaged');
    client.close();
  });

  it('reports unreadable if a table is missing or the store was closed', async () => {
    const world = await openSqliteWorld();
    const other = openDatabase(world.file);
    other.exec('DROP TABLE database_identity');
    expect(await faultOf(world.stores.ping())).toBe('unreadable');
    await world.stores.close();
    expect(await faultOf(world.stores.organizationName())).toBe('unreadable');
    await expect(world.stores.close()).resolves.toBeUndefined();
  });

  it('rethrows violated constraints, because they are bugs', async () => {
    const world = await openSqliteWorld();
    const account = keyAccount(world.organizationId, world.mlPlatform);
    const record = { ...account.key.record, pepperVersion: 9 };
    await expect(
      world.store.insertAccount({ ...account, key: { ...account.key, record } }),
    ).rejects.toMatchObject({ code: 'SQLITE_CONSTRAINT_FOREIGNKEY' });
  });

  it.each([
    ['SQLITE_READONLY_DBMOVED', 'read_only'],
    ['SQLITE_FULL', 'full'],
    ['SQLITE_IOERR_WRITE', 'full'],
    ['SQLITE_IOERR_READ', 'unreadable'],
    ['SQLITE_BUSY_SNAPSHOT', 'locked'],
    ['SQLITE_LOCKED_SHAREDCACHE', 'locked'],
    ['SQLITE_CORRUPT_INDEX', 'damaged'],
    ['SQLITE_NOTADB', 'damaged'],
    ['SQLITE_CANTOPEN', 'unreadable'],
    ['SQLITE_CONSTRAINT_UNIQUE', undefined],
    ['EACCES', undefined],
  ])('classifies %s as %s, also if it is the cause of another error', (code, fault) => {
    const error = Object.assign(new Error(code), { code });
    expect(storeFault(error)).toBe(fault);
    expect(storeFault(new Error('query failed', { cause: error }))).toBe(fault);
  });
});
