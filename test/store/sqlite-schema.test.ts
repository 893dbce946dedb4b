import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type Database from 'better-sqlite3';
import {
  type DrizzleSQLiteSnapshotJSON,
  generateSQLiteDrizzleJson,
  generateSQLiteMigration,
} from 'drizzle-kit/api';
import { getTableColumns, is } from 'drizzle-orm';
import { getTableConfig, SQLiteTable } from 'drizzle-orm/sqlite-core';
import { describe, expect, it } from 'vitest';
import { SQLITE_MIGRATIONS_FOLDER } from '../../src/store/database/migrations.ts';
import * as schema from '../../src/store/schema/schema.ts';
import { abandonment, begin } from './contract/server-accounts/server-account-world.ts';
import { federatedAccount, insertSending } from './contract/world.ts';
import { openSqliteWorld } from './database/temporary-database.ts';

function readJson(path: string) {
  return JSON.parse(readFileSync(join(SQLITE_MIGRATIONS_FOLDER, path), 'utf8'));
}

function latestSnapshot(): DrizzleSQLiteSnapshotJSON {
  const last = readJson('meta/_journal.json').entries.at(-1);
  return readJson(`meta/${String(last.idx).padStart(4, '0')}_snapshot.json`);
}

const tables = Object.values(schema).filter((table) => is(table, SQLiteTable));

describe('the SQLite schema', () => {
  it('equals what the migrations create, so that drizzle-kit would generate nothing', async () => {
    const latest = latestSnapshot();
    const current = await generateSQLiteDrizzleJson({ ...schema }, latest.id);
    expect(await generateSQLiteMigration(latest, current)).toEqual([]);
  });

  it('has the columns of a migrated database', async () => {
    const { client } = await openSqliteWorld();
    for (const table of tables) {
      const { name } = getTableConfig(table);
      const columns = client.prepare('SELECT name FROM pragma_table_info(?)').pluck().all(name);
      expect({ name, columns }).toEqual({
        name,
        columns: Object.values(getTableColumns(table)).map((column) => column.name),
      });
    }
  });

  it('starts every primary key with the organization, except in the database’s identity', () => {
    const without = tables.filter((table) => {
      const { columns, primaryKeys } = getTableConfig(table);
      const first = primaryKeys[0]?.columns[0] ?? columns.find((column) => column.primary);
      return first?.name !== 'organization_id';
    });
    expect(without.map((table) => getTableConfig(table).name)).toEqual(['database_identity']);
  });
});

describe('the constraints of the SQLite database', () => {
  const refused = (client: Database.Database, statement: string, message: RegExp) =>
    expect(() => client.exec(statement)).toThrow(message);

  it('refuse to change, remove, replace or skip an audit event', async () => {
    const { client } = await openSqliteWorld();
    const count = () => client.prepare('SELECT count(*), max(hash) FROM audit_events').raw().get();
    const before = count();
    refused(client, "UPDATE audit_events SET subject = 'x' WHERE sequence = 1", /never changed/);
    refused(client, 'DELETE FROM audit_events WHERE sequence = 8', /never removed/);
    refused(
      client,
      "INSERT OR REPLACE INTO audit_events SELECT organization_id, sequence, at_ms, actor, action, 'x', details, request_id, previous_hash, hash FROM audit_events WHERE sequence = 8",
      /in order/,
    );
    refused(
      client,
      'INSERT INTO audit_events SELECT organization_id, sequence + 2, at_ms, actor, action, subject, details, request_id, previous_hash, hash FROM audit_events WHERE sequence = 8',
      /in order/,
    );
    expect(count()).toEqual(before);
  });

  it('refuse an audit event of an organization that doesn’t exist', async () => {
    const { client } = await openSqliteWorld();
    refused(
      client,
      "INSERT INTO audit_events SELECT 'org_nowhere', 1, at_ms, actor, action, subject, details, request_id, previous_hash, hash FROM audit_events WHERE sequence = 1",
      /FOREIGN KEY/,
    );
  });

  it('refuse a row that refers to another organization', async () => {
    const { client, stores } = await openSqliteWorld();
    const { organizationId: globex } = await stores.openOrganization('globex', 1);
    refused(
      client,
      `INSERT INTO team_members SELECT '${globex}', team_id, email, username, role FROM team_members LIMIT 1`,
      /FOREIGN KEY/,
    );
  });

  it('refuse states that the code never writes', async () => {
    const world = await openSqliteWorld();
    await insertSending(world, world.mlPlatform);
    await begin(world);
    await world.store.insertAccount(
      federatedAccount(world.organizationId, world.mlPlatform, 'repo:acme/web'),
    );
    for (const statement of [
      "UPDATE database_identity SET mode = 'test'",
      "UPDATE teams SET subjects = 'no json'",
      "UPDATE team_members SET role = 'owner'",
      "UPDATE projects SET visibility = 'secret'",
      "UPDATE service_accounts SET authentication_method = 'password'",
      "UPDATE service_accounts SET scope = 'galaxy'",
      "UPDATE service_accounts SET subject = NULL WHERE authentication_method = 'federated'",
      "UPDATE service_accounts SET issuer = NULL, subject = NULL WHERE authentication_method = 'federated'",
      "UPDATE service_accounts SET authentication_method = 'federated' WHERE authentication_method = 'api_key'",
      "UPDATE service_accounts SET state = 'lost'",
      "UPDATE service_accounts SET state = 'revoked'",
      "UPDATE service_accounts SET state = 'failed'",
      'UPDATE service_accounts SET revoked_at_ms = 1',
      "UPDATE server_accounts SET desired = 'gone'",
      "UPDATE server_accounts SET problem = 'unclear'",
      'UPDATE server_accounts SET gone_at_ms = 1',
      "UPDATE deliveries SET state = 'lost'",
      "UPDATE deliveries SET state = 'delivered'",
      "UPDATE deliveries SET route = 'email'",
    ]) {
      refused(world.client, statement, /CHECK/);
    }
  });

  it('refuse a second account on the server that an account should have, and a tag that another one has', async () => {
    const world = await openSqliteWorld();
    await begin(world);
    await world.store.abandonCreation(abandonment((await begin(world)).server.id));
    const copy = (id: string, tag: string) =>
      `INSERT INTO server_accounts SELECT organization_id, '${id}', account_id, name, ${tag}, desired, NULL, NULL, NULL, NULL, NULL, NULL, 1, 0, NULL FROM server_accounts`;
    refused(world.client, `${copy('srv_x', "'other'")} WHERE desired = 'present'`, /UNIQUE/);
    refused(world.client, `${copy('srv_x', 'tag')} WHERE desired = 'absent'`, /UNIQUE/);
    world.client.exec(`${copy('srv_x', "'other'")} WHERE desired = 'absent'`);
    world.client.exec(`${copy('srv_y', 'NULL')} WHERE id = 'srv_x'`);
    world.client.exec(`${copy('srv_z', 'NULL')} WHERE id = 'srv_x'`);
  });

  it('refuse a second active account with a name or an external identity', async () => {
    const world = await openSqliteWorld();
    await world.store.insertAccount(
      federatedAccount(world.organizationId, world.mlPlatform, 'repo:acme/web', { name: 'web-deploy' }),
    );
    const copy = (id: string, name: string, subject: string) =>
      `INSERT INTO service_accounts SELECT organization_id, '${id}', scope, team_id, ${name}, authentication_method, issuer, ${subject}, purpose, used_by, contact, created_by_slack_user_id, created_by_email, created_at_ms, revoked_at_ms, state, NULL, NULL, NULL, NULL, NULL FROM service_accounts LIMIT 1`;
    refused(world.client, copy('sa_x', 'name', "'other'"), /UNIQUE/);
    refused(world.client, copy('sa_x', "'other'", 'subject'), /UNIQUE/);
    world.client.exec(copy('sa_x', "'other'", "'other'"));
    // While it's being deleted from a W&B server, too.
    world.client.exec("UPDATE service_accounts SET state = 'revoking'");
    refused(world.client, copy('sa_y', 'name', "'another'"), /UNIQUE/);
    world.client.exec("UPDATE service_accounts SET state = 'revoked', revoked_at_ms = 1");
    world.client.exec(copy('sa_y', 'name', 'subject'));
  });
});
