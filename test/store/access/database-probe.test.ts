import Database from 'better-sqlite3';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createDatabaseProbe } from '../../../src/store/access/database-probe.ts';
import { accessOver, openSqliteWorld } from '../database/temporary-database.ts';

async function openProbed() {
  const { client, file } = await openSqliteWorld();
  const clock = { nowMs: 0 };
  const probe = createDatabaseProbe(client, accessOver(client, 20), () => clock.nowMs);
  const other = new Database(file);
  onTestFinished(() => void other.close());
  const written = () => client.pragma('user_version', { simple: true });
  return { client, clock, probe, other, written };
}

describe('Probing whether the database can be used', () => {
  it('writes once in two seconds, however often it is called', async () => {
    const { clock, probe, written } = await openProbed();
    await Promise.all(Array.from({ length: 20 }, probe));
    await probe();
    expect(written()).toBe(1);
    clock.nowMs += 2_000;
    await probe();
    expect(written()).toBe(0);
  });

  it('fails while the database is read-only, and works afterwards', async () => {
    const { client, clock, probe } = await openProbed();
    client.pragma('query_only = ON');
    await expect(probe()).rejects.toMatchObject({ fault: 'read_only' });
    await expect(probe()).rejects.toMatchObject({ fault: 'read_only' });
    client.pragma('query_only = OFF');
    clock.nowMs += 2_000;
    await probe();
  });

  it('fails once another program has held the lock for five seconds, and works once it is released', async () => {
    const { clock, probe, other } = await openProbed();
    other.exec('BEGIN IMMEDIATE');
    await probe();
    clock.nowMs += 3_000;
    await probe();
    clock.nowMs += 3_000;
    await expect(probe()).rejects.toMatchObject({ fault: 'locked' });
    other.exec('ROLLBACK');
    await expect
      .poll(async () => {
        clock.nowMs += 2_000;
        return probe().then(() => 'ready');
      })
      .toBe('ready');
  });
});
