import { join } from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { toIssuer } from '../../../../src/domain/federation/issuer.ts';
import { applyMigrations, readSqliteMigrations } from '../../../../src/store/database/migrations.ts';
import { claimNotifications, dueSubjects } from '../../contract/world.ts';
import { openDatabase, storesOver, temporaryFolder } from '../temporary-database.ts';
import { columnsOf, renamed, rowsBeforeServerAccounts, rowsOf, withNewNames } from './table-rows.ts';

/** Creates a database as it was before the W&B backend, with one row of each kind. */
function databaseOfBefore(file: string): void {
  const client = new Database(file);
  client.transaction(() => applyMigrations(client, readSqliteMigrations().slice(0, 3)))();
  client.exec(`
    INSERT INTO database_identity VALUES (1, 'sandbox', 1);
    INSERT INTO organizations VALUES ('org_1', 'acme', 1);
    INSERT INTO organization_admins VALUES ('org_1', 'cy@acme.test', 1);
    INSERT INTO teams VALUES ('org_1', 'team_1', 'ml-platform', '[]', 1, NULL);
    INSERT INTO peppers VALUES ('org_1', 1, 'sealed', 1);
    INSERT INTO service_accounts VALUES ('org_1', 'sa_1', 'team', 'team_1', 'nightly-eval', 'api_key', NULL, NULL, NULL, NULL, 'U1', 'U1', 'ada@acme.test', 1, NULL, 9);
    INSERT INTO api_keys VALUES ('org_1', 'key_1', 'sa_1', 'hash', 1, 1, 9, 2);
    INSERT INTO submissions VALUES ('org_1', 'sub_1', 'sa_1', 'key_1', 1);
    INSERT INTO collections VALUES ('org_1', 'col_1', 'sa_1', 'U1', 'ada@acme.test', 90, 'key_1', 'open', 2, 9, NULL, 0, 0);
    INSERT INTO deliveries VALUES ('org_1', 'dlv_1', 'key_1', 'U1', 'ada@acme.test', 'response_url', 90, NULL, 'failed', 1, 2);
  `);
  client.close();
}

describe('a database from before the W&B backend', () => {
  it('is migrated with all its rows and belongs to the built-in backend', async () => {
    const file = join(temporaryFolder(), 'keysmith.db');
    databaseOfBefore(file);
    const client = openDatabase(file);
    const store = await storesOver(client).openOrganization('acme', 1);
    expect(await store.findAccount('sa_1')).toMatchObject({
      name: 'nightly-eval',
      state: 'active',
    });
    expect(await store.earlierSubmission('sub_1')).toMatchObject({
      keyId: 'key_1',
      delivery: 'failed',
    });
    expect(await store.findCollection('col_1')).toMatchObject({ state: 'open', accountId: 'sa_1' });
    expect(client.prepare('SELECT secret_hash, expires_at_ms FROM api_keys').all()).toEqual([
      { secret_hash: 'hash', expires_at_ms: 9 },
    ]);
    const server = { kind: 'wandb', address: 'https://wandb.acme.test' } as const;
    expect(await store.claimBackend(server)).toMatchObject({ reason: 'other_backend' });
    expect(await store.claimBackend({ kind: 'builtin' })).toEqual({ ok: true });
    expect(client.pragma('foreign_key_check')).toEqual([]);
    expect(client.pragma('foreign_keys', { simple: true })).toBe(1);
  });
});

describe('a database with operations from before stalls were notified', () => {
  it('notifies their people, and looks for no late effects', async () => {
    const file = join(temporaryFolder(), 'keysmith.db');
    databaseOfBefore(file);
    const before = new Database(file);
    before.pragma('foreign_keys = OFF');
    before.transaction(() => applyMigrations(before, readSqliteMigrations().slice(0, 4)))();
    before.exec(`
      INSERT INTO backend_operations (organization_id, id, kind, account_id, slack_user_id, email, members_before, state, lease_until_ms, began_at_ms, ended_at_ms, ending)
      VALUES ('org_1', 'op_1', 'create', 'sa_1', 'U1', 'ada@acme.test', '[]', 'under_way', 5, 1, NULL, NULL),
             ('org_1', 'op_2', 'create', 'sa_1', 'U1', 'ada@acme.test', '[]', 'failed', 5, 1, 2, 'not_made');
    `);
    before.close();
    const store = await storesOver(openDatabase(file)).openOrganization('acme', 1);
    const nowMs = Date.now();
    expect(await claimNotifications(store, nowMs)).toMatchObject([
      { message: 'server_account_problem', problem: 'unknown_creation' },
      { message: 'account_not_created', cause: 'not_made' },
      { message: 'key_collectable', collectionId: 'col_1' },
    ]);
    expect(await dueSubjects(store, 'server_account', nowMs * 2)).toEqual([]);
  });
});

describe('a database from before Keysmith verified credentials', () => {
  /** Adds a federated account, a removed issuer, a project and a delivered key. */
  function databaseOfThen(file: string): void {
    databaseOfBefore(file);
    const client = new Database(file);
    client.pragma('foreign_keys = OFF');
    client.transaction(() => applyMigrations(client, readSqliteMigrations().slice(0, 5)))();
    client.pragma('foreign_keys = ON');
    client.exec(`
      INSERT INTO issuers VALUES ('org_1', 'https://a.test', 1, NULL), ('org_1', 'https://left.test', 1, 2);
      INSERT INTO team_members VALUES ('org_1', 'team_1', 'ada@acme.test', 'ada', 'admin');
      INSERT INTO projects VALUES ('org_1', 'team_1', 'benchmarks', 'restricted', '["nightly-eval"]');
      INSERT INTO service_accounts VALUES
        ('org_1', 'sa_2', 'team', 'team_1', 'web', 'federated', 'https://a.test', 'Repo:acme', 'Why', 'Airflow', 'U1', 'U1', 'ada@acme.test', 1, NULL, 9, 'active', NULL, NULL),
        ('org_1', 'sa_3', 'team', 'team_1', 'web', 'federated', 'https://a.test', 'Repo:acme', NULL, NULL, 'U1', 'U1', 'ada@acme.test', 1, 5, 9, 'active', NULL, NULL),
        ('org_1', 'sa_4', 'team', 'team_1', 'being-made', 'api_key', NULL, NULL, NULL, NULL, 'U1', 'U1', 'ada@acme.test', 1, NULL, 9, 'creating', 'member-1', 'client-1');
      INSERT INTO api_keys VALUES ('org_1', 'key_2', 'sa_1', 'hash-2', 1, 3, 99, NULL);
      INSERT INTO deliveries VALUES ('org_1', 'dlv_2', 'key_2', 'U1', 'ada@acme.test', 'response_url', 90, NULL, 'delivered', 1, 2, 0);
    `);
    expect(client.pragma('foreign_key_check')).toEqual([]);
    client.close();
  }

  it('is migrated with all its rows, no last uses and default issuer options', async () => {
    const file = join(temporaryFolder(), 'keysmith.db');
    databaseOfThen(file);
    const before = new Database(file, { readonly: true });
    const columns = columnsOf(before);
    const held = rowsOf(before, columns);
    before.close();
    expect(held.filter(({ rows }) => rows.length === 0).map(({ table }) => table)).toEqual([
      'audit_events',
      'backend_operations',
    ]);

    expect(rowsBeforeServerAccounts(file, renamed(columns))).toEqual(held.map(withNewNames));
    const client = openDatabase(file);
    const store = await storesOver(client).openOrganization('acme', 1);
    expect(await store.findApiKey('key_1')).toMatchObject({ secretHash: 'hash', revokedAtMs: 2 });
    expect(await store.findApiKey('key_2')).toMatchObject({
      secretHash: 'hash-2',
      pepperVersion: 1,
      expiresAtMs: 99,
      revokedAtMs: undefined,
      account: { id: 'sa_1', scope: 'team' },
      isTeamArchived: false,
    });
    const identity = { issuer: 'https://a.test', subject: 'Repo:acme' };
    expect((await store.accountByIdentity(identity))?.account.id).toBe('sa_2');
    // The default of that time, until the teams file is applied.
    expect(await store.issuer('https://a.test')).toEqual(
      toIssuer({ url: 'https://a.test', maxLifetimeSeconds: 24 * 3600 }),
    );
    expect(await store.issuer('https://left.test')).toBeUndefined();
    const target = await store.runTarget({ teamName: 'ml-platform', projectName: 'benchmarks' });
    expect(target?.project?.serviceAccounts).toEqual(['nightly-eval']);
    const listed = await store.listAccounts('ada@acme.test', { limit: 9 }, 0);
    expect(
      listed.accounts.map(({ account, key, lastUsedAtMs }) => [account.id, key?.keyId, lastUsedAtMs]),
    ).toEqual([
      ['sa_1', 'key_2', undefined],
      ['sa_2', undefined, undefined],
    ]);
    expect(client.pragma('foreign_key_check')).toEqual([]);
    expect(client.pragma('integrity_check', { simple: true })).toBe('ok');
    // Taken names and identities are still taken.
    expect(() =>
      client.exec("UPDATE service_accounts SET state = 'active', revoked_at_ms = NULL WHERE id = 'sa_3'"),
    ).toThrow(/UNIQUE/);
  });
});

describe('the hash and pepper of a key', () => {
  it('are both set, or both missing as is the expiry', () => {
    const file = join(temporaryFolder(), 'keysmith.db');
    databaseOfBefore(file);
    const client = openDatabase(file);
    const halves = [
      'secret_hash = NULL',
      'pepper_version = NULL',
      'secret_hash = NULL, pepper_version = NULL',
    ];
    for (const half of halves) {
      expect(() => client.exec(`UPDATE api_keys SET ${half}`)).toThrow(/CHECK/);
    }
    client.exec('UPDATE api_keys SET expires_at_ms = NULL');
    client.exec('UPDATE api_keys SET secret_hash = NULL, pepper_version = NULL, expires_at_ms = NULL');
  });
});

describe('a database from before the W&B server’s address was stored', () => {
  it('keeps the first address it is used with and refuses others', async () => {
    const file = join(temporaryFolder(), 'keysmith.db');
    databaseOfBefore(file);
    const before = new Database(file);
    before.pragma('foreign_keys = OFF');
    before.transaction(() => applyMigrations(before, readSqliteMigrations().slice(0, 5)))();
    before.exec("UPDATE organizations SET backend = 'wandb'");
    before.close();
    const store = await storesOver(openDatabase(file)).openOrganization('acme', 1);
    const claim = (address: string) => store.claimBackend({ kind: 'wandb', address });
    expect(await claim('https://wandb.acme.test')).toEqual({ ok: true });
    expect(await claim('https://elsewhere.acme.test')).toMatchObject({ reason: 'other_server' });
  });
});

describe('a database from before failures of jobs were stored', () => {
  it('keeps counting the jobs that have failed', async () => {
    const file = join(temporaryFolder(), 'keysmith.db');
    databaseOfBefore(file);
    const before = new Database(file);
    before.pragma('foreign_keys = OFF');
    before.transaction(() => applyMigrations(before, readSqliteMigrations().slice(0, 14)))();
    before.exec(`
      INSERT INTO jobs (organization_id, id, kind, subject, payload, run_at_ms, attempts, lease_token, lease_until_ms, finished_at_ms, outcome)
      VALUES ('org_1', 'job_1', 'notification', 'new', '{}', 5, 0, NULL, NULL, NULL, NULL),
             ('org_1', 'job_2', 'notification', 'claimed', '{}', 5, 1, 'lease_1', 9, NULL, NULL),
             ('org_1', 'job_3', 'notification', 'failing', '{}', 5, 1, NULL, NULL, NULL, NULL),
             ('org_1', 'job_4', 'notification', 'claimed again', '{}', 5, 2, 'lease_2', 9, NULL, NULL),
             ('org_1', 'job_5', 'notification', 'ended', '{}', 5, 3, NULL, NULL, 9, 'done');
    `);
    before.close();
    const store = await storesOver(openDatabase(file)).openOrganization('acme', 1);
    // The open collection of that database has got two.
    expect(await store.queueLengths()).toMatchObject({ jobs: 6, failingJobs: 2 });
  });
});
