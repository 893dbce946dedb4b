import Database from 'better-sqlite3';
import { describe, expect, it, onTestFinished } from 'vitest';
import { StoreUnavailableError } from '../../../src/application/ports/store.ts';
import { createSqliteStores } from '../../../src/store/sqlite-store.ts';
import { AUDIT_KEY, auditEvent, claimDue, draw, NOW_MS } from '../contract/world.ts';
import { accessOver, openDatabase, openSqliteWorld } from '../database/temporary-database.ts';

/** Opens a store that waits long for the lock, and a second connection as another program would. */
async function openContended({ busyTimeoutMs = 60_000 } = {}) {
  const { client, file, mlPlatform, store: seeded } = await openSqliteWorld();
  const stores = createSqliteStores(client, { auditKey: AUDIT_KEY, newId: draw, busyTimeoutMs });
  const store = await stores.openOrganization('acme', NOW_MS);
  const other = new Database(file);
  onTestFinished(() => void other.close());
  const append = (text: string) => store.appendAuditEvent(auditEvent('interaction.refused', { text }));
  const appended = async () =>
    (await seeded.auditRecords()).map(({ details }) => details.text).filter((text) => text !== undefined);
  return { store, other, append, appended, mlPlatform };
}

/** Resolves after the event loop has run its timers a few times. */
async function severalTurns(): Promise<void> {
  for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setTimeout(resolve, 2));
}

describe('While another program holds the write lock', () => {
  it('a write waits without blocking the process, and succeeds once the lock is released', async () => {
    const { other, append, appended } = await openContended();
    const events: string[] = [];
    other.exec('BEGIN IMMEDIATE');
    const written = append('waiting').then(() => events.push('written'));
    await severalTurns();
    events.push('timers ran');
    other.exec('ROLLBACK');
    events.push('released');
    await written;
    expect(events).toEqual(['timers ran', 'released', 'written']);
    expect(await appended()).toEqual(['waiting']);
  });

  it('reads go on at once, also those that prepare a claim that finds nothing', async () => {
    const { store, other, append } = await openContended();
    other.exec('BEGIN IMMEDIATE');
    const events: string[] = [];
    const written = append('waiting').then(() => events.push('written'));
    expect(await store.teamAdmins('ml-platform')).not.toEqual([]);
    expect(await store.findApiKey('000000000000')).toBeUndefined();
    expect(await claimDue(store, 'server_account')).toEqual([]);
    events.push('read');
    other.exec('ROLLBACK');
    await written;
    expect(events).toEqual(['read', 'written']);
  });

  it('writes wait in the order of their calls, and only the first tries to get the lock', async () => {
    const access = accessOver(openDatabase(':memory:'), 60_000);
    const tries: string[] = [];
    let isLocked = true;
    const write = (name: string) =>
      access.write(() => {
        tries.push(name);
        if (isLocked) throw Object.assign(new Error('database is locked'), { code: 'SQLITE_BUSY' });
        return name;
      });
    const written = Promise.all(['first', 'second', 'third'].map(write));
    await severalTurns();
    expect(new Set(tries)).toEqual(new Set(['first']));
    isLocked = false;
    tries.length = 0;
    expect(await written).toEqual(['first', 'second', 'third']);
    expect(tries).toEqual(['first', 'second', 'third']);
  });

  it('requests run between the writes of a long line that the lock held up', async () => {
    const { other, append, appended } = await openContended();
    other.exec('BEGIN IMMEDIATE');
    const events: string[] = [];
    const texts = Array.from({ length: 10 }, (_, index) => `write ${index}`);
    const written = texts.map((text) => append(text).then(() => events.push(text)));
    await severalTurns();
    other.exec('ROLLBACK');
    await written[0];
    setImmediate(() => events.push('request'));
    await Promise.all(written);
    expect(events.indexOf('request')).toBeLessThan(texts.length);
    expect(await appended()).toEqual(texts);
  });

  it('a write fails as locked at its deadline, those behind it get a try of their own, and later ones work', async () => {
    const { other, append, appended } = await openContended({ busyTimeoutMs: 20 });
    other.exec('BEGIN IMMEDIATE');
    const outcomes = await Promise.allSettled([append('first'), append('second')]);
    for (const outcome of outcomes) {
      expect(outcome).toMatchObject({ status: 'rejected', reason: { fault: 'locked' } });
    }
    other.exec('ROLLBACK');
    await append('third');
    expect(await appended()).toEqual(['third']);
  });

  it('at most a thousand writes wait, and more fail at once', async () => {
    const access = accessOver(openDatabase(':memory:'), 60_000);
    let isLocked = true;
    const write = () =>
      access.write(() => {
        if (isLocked) throw Object.assign(new Error('database is locked'), { code: 'SQLITE_BUSY' });
      });
    const waiting = Promise.all(Array.from({ length: 1_000 }, write));
    await expect(write()).rejects.toBeInstanceOf(StoreUnavailableError);
    isLocked = false;
    await waiting;
    await write();
  });
});
