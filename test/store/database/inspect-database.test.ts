import { readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { inspectDatabase } from '../../../src/store/database/inspect-database.ts';
import { ada, insertSending } from '../contract/world.ts';
import { openDatabase, openSqliteWorld, temporaryFolder } from './temporary-database.ts';

describe('inspecting a SQLite database', () => {
  it('reports a missing file and creates nothing', () => {
    const folder = temporaryFolder();
    expect(inspectDatabase(join(folder, 'data', 'keysmith.db'), 'live')).toEqual({
      ok: true,
      exists: false,
      schema: 'none',
      mode: undefined,
      integrity: 'ok',
      writable: true,
      organizationName: undefined,
    });
    expect(readdirSync(folder)).toEqual([]);
  });

  it('describes a closed database and leaves the file and its folder unchanged', async () => {
    const { client, file } = await openSqliteWorld();
    client.close();
    const before = readFileSync(file);
    expect(inspectDatabase(file, 'sandbox')).toEqual({
      ok: true,
      exists: true,
      schema: 'current',
      mode: 'sandbox',
      integrity: 'ok',
      writable: true,
      organizationName: 'acme',
      failingJobs: [],
      problemAccounts: { count: 0, oldest: [] },
      keysBeyondPolicy: { count: 0, some: [] },
    });
    expect(readdirSync(dirname(file))).toEqual(['keysmith.db']);
    expect(readFileSync(file).equals(before)).toBe(true);
  });

  it('reports that the file was moved away while a process had it open', async () => {
    const { file } = await openSqliteWorld();
    renameSync(file, `${file}.moved`);
    expect(inspectDatabase(file, 'sandbox')).toMatchObject({ ok: false, reason: 'replaced' });
  });

  it('reads what a running process wrote without disturbing it', async () => {
    const world = await openSqliteWorld();
    expect(inspectDatabase(world.file, 'sandbox')).toMatchObject({ ok: true, organizationName: 'acme' });
    await insertSending(world, world.mlPlatform);
  });

  it('reports the backend, its address and when the W&B server last returned no key', async () => {
    const { client, file } = await openSqliteWorld();
    expect(inspectDatabase(file, 'sandbox')).toMatchObject({
      backend: undefined,
      keysNotShownAtMs: undefined,
    });
    client.exec("UPDATE organizations SET backend = 'wandb', keys_not_shown_at_ms = 7");
    client.close();
    expect(inspectDatabase(file, 'sandbox')).toMatchObject({ backend: 'wandb', keysNotShownAtMs: 7 });
  });

  it('distinguishes an older and a newer schema from the current one', async () => {
    const { client, file } = await openSqliteWorld();
    client.exec('DELETE FROM __drizzle_migrations WHERE rowid = 2');
    expect(inspectDatabase(file, 'sandbox')).toMatchObject({ schema: 'older', organizationName: 'acme' });
    client.exec("INSERT INTO __drizzle_migrations (hash, created_at) VALUES ('next', 9999999999999)");
    client.close();
    expect(inspectDatabase(file, 'sandbox')).toMatchObject({
      ok: true,
      schema: 'newer',
      mode: 'sandbox',
      organizationName: undefined,
    });
  });

  it('names the reason why a file can’t be used', () => {
    const folder = temporaryFolder();
    const file = (name: string) => join(folder, name);
    openDatabase(file('live.db'), 'live').close();
    writeFileSync(file('notes.txt'), 'Buy milk.\n'.repeat(500));
    const other = new Database(file('other.db'));
    other.exec('CREATE TABLE notes (text TEXT)');
    other.close();
    const reasons = ['live.db', 'notes.txt', 'other.db', '.'].map((name) => {
      const inspection = inspectDatabase(file(name), 'sandbox');
      return inspection.ok ? undefined : inspection.reason;
    });
    expect(reasons).toEqual(['other_mode', 'not_a_database', 'not_ours', 'unreadable']);
  });

  it('reports damage as a finding if the rest is readable, else as the reason', async () => {
    const { client, file } = await openSqliteWorld();
    const page = Number(
      client.prepare("SELECT rootpage FROM sqlite_schema WHERE name = 'team_members_email'").pluck().get(),
    );
    client.close();
    const bytes = readFileSync(file);
    const forged = Buffer.from(bytes);
    forged.write('adx@acme.test', forged.indexOf(ada.email, (page - 1) * 4096));
    writeFileSync(file, forged);
    expect(inspectDatabase(file, 'sandbox')).toMatchObject({
      ok: true,
      integrity: expect.arrayContaining([expect.stringContaining('team_members_email')]),
    });

    writeFileSync(file, Buffer.from(bytes).fill(0xa5, 2 * 4096));
    expect(inspectDatabase(file, 'sandbox')).toMatchObject({ ok: false, reason: 'damaged' });
  });
});
