import {
  copyFileSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { StoreFault } from '../../../src/application/ports/store.ts';
import { createSqliteStores } from '../../../src/store/sqlite-store.ts';
import { AUDIT_KEY, auditEvent, draw, keyAccount, NOW_MS } from '../contract/world.ts';
import {
  openDatabase,
  openSqliteWorld,
  storesOver,
  temporaryFolder,
} from '../database/temporary-database.ts';

/** A world in a folder of its own, a backup of it, and an event that happened after the backup. */
async function openBackedUp() {
  const file = join(temporaryFolder(), 'data', 'keysmith.db');
  mkdirSync(dirname(file));
  const world = await openSqliteWorld(file);
  const backup = join(temporaryFolder(), 'backup.db');
  await world.client.backup(backup);
  await appendEvent(world);
  return { ...world, backup };
}

type Backed = Awaited<ReturnType<typeof openBackedUp>>;

const appendEvent = ({ store }: Pick<Backed, 'store'>) =>
  store.appendAuditEvent(auditEvent('interaction.refused', {}));

function openAnother(file: string): Database.Database {
  const client = new Database(file);
  onTestFinished(() => void client.close());
  return client;
}

describe('A database file that changes while it is open', () => {
  it.each<[string, StoreFault, (backed: Backed) => void]>([
    ['is deleted', 'replaced', ({ file }) => rmSync(file)],
    ['is renamed', 'replaced', ({ file }) => renameSync(file, `${file}.old`)],
    [
      'is replaced with its backup',
      'replaced',
      ({ file, backup }) => {
        copyFileSync(backup, `${file}.new`);
        renameSync(`${file}.new`, file);
      },
    ],
    [
      'is overwritten with its backup',
      'replaced',
      ({ file, backup }) => {
        openAnother(file).pragma('wal_checkpoint(truncate)');
        writeFileSync(file, readFileSync(backup));
      },
    ],
    [
      'gets the content of its backup through SQLite',
      'replaced',
      ({ file, backup }) => {
        const other = openAnother(file);
        other.exec(`ATTACH '${backup}' AS backup; DROP TRIGGER audit_events_no_delete;`);
        other.exec('DELETE FROM audit_events WHERE rowid > (SELECT max(rowid) FROM backup.audit_events)');
      },
    ],
    ['is emptied', 'damaged', ({ file }) => truncateSync(file, 0)],
    ['loses its -wal file', 'replaced', ({ file }) => rmSync(`${file}-wal`)],
    ['loses its -shm file', 'replaced', ({ file }) => rmSync(`${file}-shm`)],
    ['loses its folder', 'replaced', ({ file }) => renameSync(dirname(file), `${dirname(file)}.old`)],
  ])('and %s writes nothing more, reads nothing more, and isn’t ready', async (_, fault, change) => {
    const backed = await openBackedUp();
    const { store, stores } = backed;
    await stores.ping();
    change(backed);
    const unavailable = expect.objectContaining({ fault });
    await expect(store.insertAccount(keyAccount(store.organizationId, backed.mlPlatform))).rejects.toEqual(
      unavailable,
    );
    await expect(store.teamAdmins('ml-platform')).rejects.toEqual(unavailable);
    await expect(store.findApiKey('000000000000')).rejects.toEqual(unavailable);
    await expect(stores.ping()).rejects.toEqual(unavailable);
  });

  it('and is deleted is noticed by the next read, before any write', async () => {
    const backed = await openBackedUp();
    rmSync(backed.file);
    await new Promise((resolve) => setImmediate(resolve));
    await expect(backed.store.findApiKey('000000000000')).rejects.toMatchObject({ fault: 'replaced' });
  });

  it('behind a symbolic link is watched as well', async () => {
    const { file } = await openBackedUp();
    const link = join(temporaryFolder(), 'link.db');
    symlinkSync(file, link);
    const client = openDatabase(link);
    const store = await storesOver(client).openOrganization('acme', NOW_MS);
    await appendEvent({ store });
    rmSync(`${file}-wal`);
    await expect(appendEvent({ store })).rejects.toMatchObject({ fault: 'replaced' });
  });

  it('and is moved during a write fails that write', async () => {
    const { client, file } = await openBackedUp();
    const newId = (prefix: string) => {
      renameSync(file, `${file}.old`);
      return draw(prefix);
    };
    const stores = createSqliteStores(client, { auditKey: AUDIT_KEY, newId });
    await expect(stores.openOrganization('globex', NOW_MS)).rejects.toMatchObject({ fault: 'replaced' });
  });

  it('and gets its name back stays refused, as another process may have used the other file', async () => {
    const backed = await openBackedUp();
    renameSync(backed.file, `${backed.file}.old`);
    await expect(appendEvent(backed)).rejects.toMatchObject({ fault: 'replaced' });
    renameSync(`${backed.file}.old`, backed.file);
    await expect(appendEvent(backed)).rejects.toMatchObject({ fault: 'replaced' });
  });

  it('is logged once, with what to do', async () => {
    const { client, file } = await openBackedUp();
    const lines: { err: Error; message: string }[] = [];
    const logger = {
      info() {},
      error: (details: object, message: string) =>
        void lines.push({ ...(details as { err: Error }), message }),
    };
    const stores = createSqliteStores(client, { auditKey: AUDIT_KEY, newId: draw, logger });
    rmSync(file);
    for (let attempt = 0; attempt < 3; attempt += 1) await expect(stores.ping()).rejects.toThrow();
    expect(lines).toHaveLength(1);
    expect(String(lines[0]?.err.cause)).toContain('Stop Keysmith, restore the file');
  });
});

describe('A database that is used as intended', () => {
  it('isn’t refused after checkpoints, a VACUUM, a backup, or writes of another process', async () => {
    const backed = await openBackedUp();
    const other = openAnother(backed.file);
    const another = await storesOver(openDatabase(backed.file)).openOrganization('acme', NOW_MS);
    for (const use of [
      () => void backed.client.pragma('wal_checkpoint(truncate)'),
      () => void other.pragma('wal_checkpoint(truncate)'),
      () => void other.exec('VACUUM'),
      () => void other.pragma('wal_checkpoint(truncate)'),
      () => other.backup(`${backed.backup}.2`),
      () => another.appendAuditEvent(auditEvent('interaction.refused', {})),
      () => utimesSync(backed.file, new Date(0), new Date(0)),
    ]) {
      await use();
      await appendEvent(backed);
      await backed.stores.ping();
    }
    expect(await backed.store.auditRecords()).toEqual(await another.auditRecords());
  });
});
