import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect, it } from 'vitest';
import { applyMigrations, readSqliteMigrations } from '../../../../src/store/database/migrations.ts';
import { claimDue, claimNotifications, DAY_MS } from '../../contract/world.ts';
import { openDatabase, storesOver, temporaryFolder } from '../temporary-database.ts';

/** The number of migrations before the one that inserts the notices of existing keys. */
const EARLIER = 22;

it('a database with keys from before expiry notices gets one job for each key that can still expire', async () => {
  const file = join(temporaryFolder(), 'keysmith.db');
  const nowMs = Date.now();
  const client = new Database(file);
  expect(readSqliteMigrations()[EARLIER]?.sql.join()).toContain('expiry_notice');
  client.transaction(() => applyMigrations(client, readSqliteMigrations().slice(0, EARLIER)))();
  client.exec(`
    INSERT INTO database_identity (singleton, mode, created_at_ms) VALUES (1, 'sandbox', 1);
    INSERT INTO organizations (organization_id, name, created_at_ms) VALUES ('org_1', 'acme', 1);
    INSERT INTO teams (organization_id, id, name, subjects, created_at_ms) VALUES ('org_1', 'team_1', 'ml-platform', '[]', 1);
    INSERT INTO peppers (organization_id, version, sealed, created_at_ms) VALUES ('org_1', 1, 'sealed', 1);
    INSERT INTO service_accounts (organization_id, id, scope, team_id, name, authentication_method, contact, created_by_slack_user_id, created_by_email, created_at_ms, state)
      VALUES ('org_1', 'sa_1', 'team', 'team_1', 'nightly-eval', 'api_key', 'U1', 'U1', 'ada@acme.test', 1, 'active');
  `);
  const insertKey = client.prepare(
    `INSERT INTO api_keys (organization_id, key_id, account_id, name, secret_hash, pepper_version, created_at_ms, expires_at_ms, revoked_at_ms)
     VALUES ('org_1', ?, 'sa_1', ?, 'hash', 1, 1, ?, ?)`,
  );
  const keys: [string, number | null, number | null][] = [
    ['far', nowMs + 60 * DAY_MS, null],
    ['near', nowMs + 2 * DAY_MS, null],
    ['expired', nowMs - DAY_MS, null],
    ['revoked', nowMs + 60 * DAY_MS, nowMs],
    ['endless', null, null],
  ];
  for (const [name, expiresAtMs, revokedAtMs] of keys) insertKey.run(name, name, expiresAtMs, revokedAtMs);
  client
    .prepare(
      `INSERT INTO jobs (organization_id, id, kind, subject, payload, run_at_ms) VALUES ('org_1', 'job_1', 'notification', 'subject_changed:sa_1', '{}', 1)`,
    )
    .run();
  client.close();

  const store = await storesOver(openDatabase(file)).openOrganization('acme', nowMs);
  const due = await claimDue(store, 'expiry_notice', nowMs);
  expect(due.map(({ subject, payload }) => [subject, payload])).toEqual([
    ['near', { keyId: 'near' }],
    // Nobody waits that long: its first look comes now, and the notice at its time.
    ['far', { keyId: 'far' }],
  ]);
  const [near] = due;
  const held = { id: near?.id ?? '', leaseToken: near?.leaseToken ?? '', nowMs };
  await store.finishJob({ ...held, outcome: 'done' });
  const later = await claimDue(store, 'expiry_notice', nowMs + 46 * DAY_MS);
  expect(later.map(({ subject }) => subject)).toEqual(['far']);
  expect(await claimNotifications(store, nowMs)).toEqual([]);
  expect((await store.expiringKey('near'))?.noticedDaysBefore).toBeUndefined();
});
