import { execFileSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmSync, statSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type Database from 'better-sqlite3';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createSqliteStores } from '../../../src/store/sqlite-store.ts';
import { isLongForm } from '../../long-form.ts';
import { claimOf } from '../contract/jobs.ts';
import {
  type World as AnyWorld,
  AUDIT_KEY,
  auditEvent,
  draw,
  insertSending,
  keyAccount,
  NOW_MS,
  settlement,
} from '../contract/world.ts';
import { openDatabase, openSqliteWorld, readKeyRevokedAtMs } from '../database/temporary-database.ts';

const ACCOUNTS = 8;

type World = AnyWorld & { client: Database.Database };

/** Opens the store as the app does, with its reserve. */
const openStore = (client: Database.Database) =>
  createSqliteStores(client, { auditKey: AUDIT_KEY, newId: draw, keepsReserve: true }).openOrganization(
    'acme',
    NOW_MS,
  );

/** Inserts accounts that are then revoked. Half of them have a delivery that is still to be settled. */
async function insertAccounts(world: World) {
  const accounts = [];
  for (let index = 0; index < ACCOUNTS; index += 1) {
    accounts.push(await insertSending(world, world.mlPlatform, { name: `account-${index}` }));
  }
  return accounts;
}

type Accounts = Awaited<ReturnType<typeof insertAccounts>>;

const append = ({ store }: Pick<World, 'store'>, length = 2_000) =>
  store.appendAuditEvent(auditEvent('interaction.refused', { text: 'x'.repeat(length) }));

/** Appends events until even a small one doesn't fit. */
async function fillWithEvents(world: Pick<World, 'store'>): Promise<void> {
  for (const length of [20_000, 2_000, 1]) {
    await expect(
      (async () => {
        for (;;) await append(world, length);
      })(),
    ).rejects.toMatchObject({ fault: 'full' });
  }
}

async function expectRevocationsWork(world: World, accounts: Accounts): Promise<void> {
  for (const [index, { account, key }] of accounts.entries()) {
    if (index % 2 === 0) {
      const revoked = auditEvent('service_account.revoked', { name: account.name });
      expect(await world.store.revokeAccount(account.id, NOW_MS, revoked)).toBe('revoked');
    } else {
      const settled = await world.store.settleDelivery(settlement(key.delivery.id, 'unknown'));
      expect(settled).toMatchObject({ settled: true });
    }
    expect(readKeyRevokedAtMs(world.client, key.record.keyId)).toBe(NOW_MS);
  }
}

describe('On a full disk', () => {
  it('accounts are revoked and deliveries settled, and nothing else is written', async () => {
    const world = await openSqliteWorld();
    const accounts = await insertAccounts(world);
    const pages = Number(world.client.pragma('page_count', { simple: true }));
    world.client.pragma(`max_page_count = ${pages}`);
    await fillWithEvents(world);
    await expectRevocationsWork(world, accounts);
    await expect(append(world, 5_000)).rejects.toMatchObject({ fault: 'full' });
    const account = keyAccount(world.organizationId, world.mlPlatform, { purpose: 'x'.repeat(8_000) });
    await expect(world.store.insertAccount(account)).rejects.toMatchObject({ fault: 'full' });
  });

  it('jobs that revoke are claimed, and no others', async () => {
    const world = await openSqliteWorld();
    const { client, organizationId, store } = world;
    client
      .prepare(
        `with recursive n(i) as (select 1 union all select i + 1 from n where i < 500)
         insert into jobs (organization_id, id, kind, subject, payload, run_at_ms)
         select ?, 'job_' || i, 'notification', i, '{}', 1 from n`,
      )
      .run(organizationId);
    client.pragma(`max_page_count = ${client.pragma('page_count', { simple: true })}`);
    await fillWithEvents(world);
    await expect(store.claimJobs(claimOf({ limit: 500 }))).rejects.toMatchObject({ fault: 'full' });
    expect(await store.claimJobs(claimOf({ limit: 500, revokes: true }))).toHaveLength(500);
  });

  it('the space for them was written beforehand, to a file that only its owner can read', async () => {
    const { client, file } = await openSqliteWorld();
    await openStore(client);
    const { size, blocks, mode } = statSync(`${file}-reserve`);
    expect(size).toBe(4 * 1024 * 1024);
    expect(blocks * 512).toBeGreaterThanOrEqual(size);
    expect(mode & 0o077).toBe(0);
  });

  it.runIf(isLongForm && process.geteuid?.() === 0)(
    'of four megabytes, revocations work before and after a restart, and the reserve grows again once there is room',
    async () => {
      const folder = mountSmallDisk();
      const seeded = await openSqliteWorld(join(folder, 'keysmith.db'));
      const world = { ...seeded, store: await openStore(seeded.client) };
      const accounts = await insertAccounts(world);
      const reserve = `${world.file}-reserve`;
      const reserved = statSync(reserve).size;
      expect(reserved).toBeGreaterThan(100_000);
      fillDisk(join(folder, 'other'));
      await fillWithEvents(world);
      await expect(append(world)).rejects.toMatchObject({ fault: 'full' });
      await expectRevocationsWork(world, accounts.slice(0, 3));
      await fillWithEvents(world);
      await expectRevocationsWork(world, accounts.slice(3, 6));
      world.client.close();

      const client = openDatabase(world.file);
      const store = await openStore(client);
      fillDisk(join(folder, 'more'));
      await fillWithEvents({ store });
      await expectRevocationsWork({ ...world, store, client }, accounts.slice(6));
      client.close();

      rmSync(join(folder, 'other'));
      rmSync(join(folder, 'more'), { force: true });
      const again = openDatabase(world.file);
      await append({ store: await openStore(again) });
      expect(statSync(reserve).size).toBeGreaterThan(100_000);
    },
  );
});

function mountSmallDisk(): string {
  const folder = mkdtempSync(join(tmpdir(), 'keysmith-disk-'));
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', folder]);
  onTestFinished(() => {
    execFileSync('umount', ['-l', folder]);
    rmSync(folder, { recursive: true });
  });
  return folder;
}

/** Writes until nothing more fits, as another program may. */
function fillDisk(path: string): void {
  const descriptor = openSync(path, 'w');
  try {
    for (;;) writeSync(descriptor, Buffer.alloc(4096, 1));
  } catch (error) {
    expect(error).toMatchObject({ code: 'ENOSPC' });
  } finally {
    closeSync(descriptor);
  }
}
