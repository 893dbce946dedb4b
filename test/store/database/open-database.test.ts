import { spawn } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import Database from 'better-sqlite3';
import { describe, expect, it, onTestFinished } from 'vitest';
import { verifyAuditChain } from '../../../src/domain/audit/audit-event.ts';
import { readSqliteMigrations } from '../../../src/store/database/migrations.ts';
import { openSqliteDatabase } from '../../../src/store/database/open-database.ts';
import { DatabaseRefusedError } from '../../../src/store/database/refusal.ts';
import { isLongForm } from '../../long-form.ts';
import { AUDIT_KEY, ada, dueSubjects, insertCollectable, insertSending, NOW_MS } from '../contract/world.ts';
import { openDatabase, openSqliteWorld, storesOver, temporaryFolder } from './temporary-database.ts';

// Read while this user may read them: the clone can be in a folder that nobody else may enter.
const migrations = readSqliteMigrations();

function refusal(file: string, mode: 'sandbox' | 'live' = 'sandbox'): DatabaseRefusedError {
  try {
    openSqliteDatabase({ file, mode, migrations, busyTimeoutMs: 100 }).close();
  } catch (error) {
    if (error instanceof DatabaseRefusedError) return error;
    throw error;
  }
  throw new Error('the database was not refused');
}

/** Overwrites the middle of the file, after the page that identifies it as a database. */
function damage(file: string): void {
  const bytes = readFileSync(file);
  writeFileSync(file, bytes.fill(0xa5, 3 * 4096, bytes.length - 4096));
}

describe('opening a SQLite database', () => {
  it('creates the folder, and a file that only its owner can read', () => {
    const file = join(temporaryFolder(), 'deep', 'er', 'keysmith.db');
    openDatabase(file);
    for (const name of readdirSync(join(file, '..'))) {
      expect(statSync(join(file, '..', name)).mode & 0o077).toBe(0);
    }
  });

  it('works with a database in memory', async () => {
    const store = await storesOver(openDatabase(':memory:')).openOrganization('acme', NOW_MS);
    expect(store.organizationId).toMatch(/^org_/);
  });

  it('enables WAL, foreign keys and full synchronization, and never waits for a lock inside SQLite', () => {
    const client = openDatabase(join(temporaryFolder(), 'keysmith.db'));
    const pragma = (name: string) => client.pragma(name, { simple: true });
    expect({
      journal: pragma('journal_mode'),
      foreignKeys: pragma('foreign_keys'),
      synchronous: pragma('synchronous'),
      busyTimeout: pragma('busy_timeout'),
    }).toEqual({ journal: 'wal', foreignKeys: 1, synchronous: 2, busyTimeout: 0 });
  });

  it('logs the migration once', () => {
    const file = join(temporaryFolder(), 'keysmith.db');
    const lines: string[] = [];
    const logger = { info: (_: object, message: string) => void lines.push(message) };
    for (let start = 0; start < 2; start += 1) {
      openSqliteDatabase({ file, mode: 'live', logger }).close();
    }
    expect(lines).toEqual(['database migrated']);
  });

  it('returns everything after a restart', async () => {
    const world = await openSqliteWorld();
    const { inserted, collection } = await insertCollectable(world, world.mlPlatform);
    const sending = await insertSending(world, world.vision);
    const records = await world.store.auditRecords();
    await world.stores.close();

    const store = await storesOver(openDatabase(world.file)).openOrganization('acme', NOW_MS);
    const { organizationId } = world;
    expect(store.organizationId).toBe(organizationId);
    expect(await store.findAccount(inserted.account.id)).toEqual(inserted.account);
    expect(await store.openCollections(ada.slackUserId, NOW_MS)).toEqual([collection]);
    expect(await dueSubjects(store, 'delivery', NOW_MS + 60_000)).toEqual([sending.key.delivery.id]);
    expect(await store.auditRecords()).toEqual(records);
    expect(verifyAuditChain(records, organizationId, AUDIT_KEY)).toMatchObject({ intact: true });
  });

  it('lets two processes start at the same moment on a new database', async () => {
    const folder = temporaryFolder();
    const processes = [startProcess(), startProcess()];
    await Promise.all(processes.map(({ answer }) => answer()));
    for (let round = 0; round < (isLongForm ? 20 : 4); round += 1) {
      const file = join(folder, `data-${round}`, 'keysmith.db');
      const ids = await Promise.all(processes.map(({ ask }) => ask(file)));
      expect(new Set(ids).size).toBe(1);
      const store = await storesOver(openDatabase(file)).openOrganization('acme', NOW_MS);
      expect(store.organizationId).toBe(ids[0]);
      expect(await store.auditRecords()).toHaveLength(8);
    }
  });
});

function startProcess() {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'start-store.ts')], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  onTestFinished(() => void child.stdin.end());
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  const answer = async () => String((await lines.next()).value);
  const ask = (line: string) => {
    child.stdin.write(`${line}\n`);
    return answer();
  };
  return { answer, ask };
}

describe('opening a SQLite database that can’t be used', () => {
  it.each([
    ['sandbox', 'live'],
    ['live', 'sandbox'],
  ] as const)('refuses a database of the %s that is opened %s', (first, second) => {
    const file = join(temporaryFolder(), 'keysmith.db');
    openDatabase(file, first).close();
    expect(refusal(file, second).reason).toBe('other_mode');
    openDatabase(file, first);
  });

  it('refuses a database that is newer than the code', () => {
    const file = join(temporaryFolder(), 'keysmith.db');
    const client = openDatabase(file);
    client.exec("INSERT INTO __drizzle_migrations (hash, created_at) VALUES ('next', 9999999999999)");
    client.close();
    expect(refusal(file).reason).toBe('newer_than_code');
  });

  it('refuses another program’s database and leaves it unchanged', () => {
    const file = join(temporaryFolder(), 'other.db');
    const other = new Database(file);
    other.exec('CREATE TABLE notes (text TEXT)');
    other.close();
    const before = readFileSync(file);
    expect(refusal(file).reason).toBe('not_ours');
    expect(readFileSync(file).equals(before)).toBe(true);
  });

  it('refuses a file that isn’t a database and leaves it unchanged', () => {
    const file = join(temporaryFolder(), 'notes.txt');
    writeFileSync(file, 'Buy milk.\n'.repeat(500));
    expect(refusal(file).reason).toBe('not_a_database');
    expect(readFileSync(file, 'utf8')).toMatch(/^Buy milk/);
  });

  it('refuses a file that is damaged', async () => {
    const world = await openSqliteWorld();
    await world.stores.close();
    damage(world.file);
    expect(refusal(world.file).reason).toBe('damaged');
  });

  it('refuses a database with a damaged page that the start wouldn’t read', async () => {
    const { client, file } = await openSqliteWorld();
    const page = Number(
      client.prepare("SELECT rootpage FROM sqlite_schema WHERE name = 'audit_events'").pluck().get(),
    );
    client.close();
    const bytes = readFileSync(file);
    writeFileSync(file, bytes.fill(0xa5, (page - 1) * 4096, page * 4096));
    expect(refusal(file).reason).toBe('damaged');
  });

  it('refuses a database that another program keeps locked beyond the busy timeout', async () => {
    const world = await openSqliteWorld();
    world.client.exec('BEGIN EXCLUSIVE');
    const startedAt = performance.now();
    expect(refusal(world.file).reason).toBe('locked');
    expect(performance.now() - startedAt).toBeGreaterThan(90);
    world.client.exec('ROLLBACK');
    openDatabase(world.file);
  });

  it('refuses to create a database beside the -wal file of one that is missing', async () => {
    const { file } = await openSqliteWorld();
    rmSync(file);
    expect(refusal(file).reason).toBe('replaced');
    expect(existsSync(file)).toBe(false);
  });

  it('refuses a path that leads through a file or to a folder', () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'file'), '');
    mkdirSync(join(folder, 'folder'));
    expect(refusal(join(folder, 'file', 'keysmith.db')).reason).toBe('unreadable');
    expect(refusal(join(folder, 'folder')).reason).toBe('unreadable');
  });

  it.each([
    { what: 'the file', fileMode: 0o444, folderMode: 0o777 },
    { what: 'the folder', fileMode: 0o666, folderMode: 0o555 },
    { what: 'either', fileMode: 0o444, folderMode: 0o555 },
  ])('refuses a database when $what is read-only', ({ fileMode, folderMode }) => {
    const folder = temporaryFolder();
    const file = join(folder, 'keysmith.db');
    openDatabase(file).close();
    chmodSync(file, fileMode);
    chmodSync(folder, folderMode);
    expect(asNobody(() => refusal(file).reason)).toBe('read_only');
    chmodSync(folder, 0o755);
  });

  it('names the file and what to do in the message', () => {
    const file = join(temporaryFolder(), 'keysmith.db');
    openDatabase(file, 'live').close();
    expect(refusal(file).message).toBe(
      `The database ${file} was created in the other mode: a sandbox database can’t be used with a real Slack workspace, or vice versa. Point DATABASE_URL at another file.`,
    );
  });
});

/** The superuser can write everywhere. */
function asNobody<Result>(work: () => Result): Result {
  if (process.geteuid?.() !== 0) return work();
  process.seteuid?.(65_534);
  try {
    return work();
  } finally {
    process.seteuid?.(0);
  }
}
