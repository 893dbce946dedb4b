import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, expect, it } from 'vitest';
import type { Stores } from '../../src/application/ports/store.ts';
import { readSqliteMigrations } from '../../src/store/database/migrations.ts';
import { openSqliteDatabase } from '../../src/store/database/open-database.ts';
import { createSqliteStores, openSqliteStores } from '../../src/store/sqlite-store.ts';
import { draw } from './contract/world.ts';
import { placeMigratedDatabase, quickFolder } from './database/migrated-database.ts';
import { readKeyRevokedAtMs, readLastUse } from './database/temporary-database.ts';
import { AUDIT_KEY, describeStore, type OpenedStore } from './store-contract.ts';

const newFolder = () => mkdtempSync(join(quickFolder(), 'keysmith-store-'));
const migrations = readSqliteMigrations();
const openStores = (file: string) =>
  openSqliteStores({
    file,
    mode: 'sandbox',
    auditKey: AUDIT_KEY,
    newId: draw,
    // `test/store/access/disk-reserve.test.ts` covers the reserve, and filling it takes longer than most of these tests.
    keepsReserve: false,
    migrations,
  });

/** The texts of all statements of the contract. */
const texts = new Set<string>();
const { prepare } = Database.prototype;
Database.prototype.prepare = function record(this: Database.Database, text: string) {
  texts.add(text);
  return prepare.call(this, text);
} as typeof prepare;
afterAll(() => {
  Database.prototype.prepare = prepare;
});

/** A database, its connections, and how many of them the current test uses. */
function openDatabase() {
  const folder = newFolder();
  const file = join(folder, 'keysmith.db');
  placeMigratedDatabase(file, 'sandbox');
  const opened = [openStores(file)];
  const client = new Database(file);
  let used = 0;
  const next = (): Stores => {
    const stores = opened[used] ?? openStores(file);
    opened[used] = stores;
    used += 1;
    return stores;
  };
  return {
    open: (close: () => Promise<void>): OpenedStore => ({
      stores: next(),
      another: next,
      keyRevokedAtMs: (keyId) => readKeyRevokedAtMs(client, keyId),
      lastUse: (of) => readLastUse(client, of),
      close,
    }),
    /** Leaves the organizations of a test among those of others, under names that the next test doesn't use. */
    rename() {
      used = 0;
      client.exec(`UPDATE organizations SET name = organization_id || '-' || name WHERE name NOT LIKE '%-%'`);
    },
    async close() {
      client.close();
      for (const stores of opened) await stores.close();
      rmSync(folder, { recursive: true });
    },
  };
}

/** One database for all tests that don't need an empty one: opening it takes longer than most of them. */
const shared = openDatabase();
afterAll(() => shared.close());

describeStore('SQLite', async (seed) => {
  const database = seed ? shared : openDatabase();
  const opened = database.open(async () => (seed ? shared.rename() : database.close()));
  await seed?.(opened.stores);
  return opened;
});

/** Reads of tables that stay small, or whose result is everything. */
const WHOLE = [
  /(from|update) "(organizations|organization_admins|issuers|signing_keys|peppers|audit_log_positions)"/,
  // One row for each team at most, and one for each credential that W&B rejects.
  /from "upstream_(credentials|rejections)" cross join "teams"/,
  // The record for its verification, the teams file's difference, and the names of all teams.
  /from "audit_events" where "audit_events"."organization_id" = \+\? order by "audit_events"."sequence" asc$/,
  /from "(teams|team_members|projects)" where "\w+"."organization_id" = \+\?$/,
  /^select "name" from "teams" where .* order by "teams"."name" asc$/,
  // The teams of one contact, which are few.
  /^select "teams"."id", "teams"."name", count\(\*\), count\("service_accounts"."unowned_since_ms"\) from/,
  // The shortest time of the policies of all teams.
  /^select min\(json_extract\("policy", .*\)\) from "teams"/,
  // The list of jobs, which a command of the operator reads in a process of its own.
  / from "jobs" where .* order by case /,
];
/** A partial index with one of these conditions has only the rows that wait for something. */
const QUEUES = /_(open|undecided|sending|under_way|to_tell|to_look_for|due|unfinished_subject)\b/;

/** Returns the steps that read more rows the larger the organization is, or sort them. */
function growingSteps(text: string, steps: readonly string[]): string[] {
  // Checks of foreign keys, which SQLite skips while nothing is violated, are in the plan of an insert.
  if (text.startsWith('insert') || WHOLE.some((whole) => whole.test(text))) return [];
  if (QUEUES.test(steps[0] ?? '')) return [];
  const isPage = text.includes(' limit +?');
  return steps.filter(
    (step) =>
      !QUEUES.test(step) &&
      // The last terms of an order only sort rows that are equal in the others.
      (/^USE TEMP B-TREE (?!FOR LAST)/.test(step) ||
        /^SCAN (?!counted|matches|json_each)/.test(step) ||
        // A page in the order of an index reads no further.
        (!isPage && /\(organization_id=\?\)$/.test(step))),
  );
}

interface PlanStep {
  parent: number;
  detail: string;
}

/** An account has at most ten keys that work. */
function sortsKeysOfAccount({ parent, detail }: PlanStep, plan: readonly PlanStep[]): boolean {
  return (
    detail === 'USE TEMP B-TREE FOR ORDER BY' &&
    parent !== 0 &&
    plan.some((step) => step.parent === parent && /^SEARCH key_of_account .*account_id=\?/.test(step.detail))
  );
}

it('no statement of the contract reads or sorts all rows of an organization', () => {
  const client = openSqliteDatabase({ file: ':memory:', mode: 'sandbox' });
  // Adds the functions that statements call.
  createSqliteStores(client, { auditKey: AUDIT_KEY, newId: draw });
  const costly = [];
  for (const text of texts) {
    if (!/^(select|insert|update|delete)\b/.test(text) || !text.includes('organization_id')) continue;
    const plan = client
      .prepare<unknown[], PlanStep>(`EXPLAIN QUERY PLAN ${text}`)
      .all(...Array.from(text.matchAll(/\?/g), () => null));
    const steps = plan.filter((step) => !sortsKeysOfAccount(step, plan)).map(({ detail }) => detail);
    const growing = growingSteps(text, steps);
    if (growing.length > 0) costly.push({ text, growing });
  }
  client.close();
  expect(texts.size).toBeGreaterThan(100);
  expect(costly).toEqual([]);
});
