import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { verifyAuditChain } from '../../../../src/domain/audit/audit-event.ts';
import { AUDIT_KEY, auditEvent, dueSubjects, NOW_MS } from '../../contract/world.ts';
import { openDatabase, storesOver, temporaryFolder } from '../temporary-database.ts';
import { columnsOf, renamed, rowsBeforeServerAccounts, rowsOf, withNewNames } from './table-rows.ts';

describe('a database written before the columns were renamed', () => {
  /** Loads a dump in which every table has rows and the chain has an event of every action of that version. */
  function previousDatabase(): string {
    const file = join(temporaryFolder(), 'keysmith.db');
    const client = new Database(file);
    // The dump's tables are in order of age, not of their references.
    client.pragma('foreign_keys = OFF');
    client.exec(readFileSync(join(import.meta.dirname, 'before-renamed-columns.sql'), 'utf8'));
    expect(client.pragma('foreign_key_check')).toEqual([]);
    client.close();
    return file;
  }

  it('keeps every row of every table under the new names', () => {
    const file = previousDatabase();
    const before = new Database(file, { readonly: true });
    const columns = columnsOf(before);
    const held = rowsOf(before, columns);
    before.close();
    expect(held.filter(({ rows }) => rows.length === 0)).toEqual([]);
    expect(new Set(held.flatMap(({ rows }) => rows.map(({ state }) => state)))).toContain('creating');

    expect(rowsBeforeServerAccounts(file, renamed(columns))).toEqual(held.map(withNewNames));
    const client = openDatabase(file, 'live');
    expect(client.pragma('foreign_key_check')).toEqual([]);
    expect(client.pragma('integrity_check', { simple: true })).toBe('ok');
  });

  it('keeps an audit chain that verifies and that new events continue', async () => {
    const file = previousDatabase();
    const raw = (client: Database.Database) =>
      client.prepare<[], { sequence: number }>('SELECT * FROM audit_events ORDER BY 1, 2').all();
    const before = new Database(file, { readonly: true });
    const written = raw(before);
    before.close();
    expect(new Set(written.map((row) => Object(row).action)).size).toBe(35);

    const client = openDatabase(file, 'live');
    const store = await storesOver(client).openOrganization('acme', 1);
    const verify = async () => verifyAuditChain(await store.auditRecords(), store.organizationId, AUDIT_KEY);
    const { length } = await store.auditRecords();
    expect(await verify()).toMatchObject({ intact: true, records: length });

    await store.appendAuditEvent(auditEvent('interaction.refused', { after: 'the migration' }));
    expect(await verify()).toMatchObject({ intact: true, records: length + 1 });
    expect(raw(client).filter((row) => Object(row).details !== '{"after":"the migration"}')).toEqual(written);
    for (const statement of ["UPDATE audit_events SET subject = 'x'", 'DELETE FROM audit_events']) {
      expect(() => client.exec(statement)).toThrow(/never/);
    }
    expect(() => client.exec('INSERT OR REPLACE INTO audit_events SELECT * FROM audit_events')).toThrow(
      /in order/,
    );
  });

  it('finds its audit events by the teams and accounts that they are about', () => {
    const file = previousDatabase();
    const before = new Database(file);
    const last = before
      .prepare<[], number>("SELECT max(sequence) FROM audit_events WHERE organization_id = 'org_000001'")
      .pluck()
      .get() as number;
    const events: [subject: string, details: object][] = [
      ['service_account:sa_000006', {}],
      ['service_account:sa_000006', { team: 'vision' }],
      ['service_account:sa_none', {}],
      ['organization:acme', { targets: ['team:vision', 'service_account:sa_000017', 'other', 5] }],
      ['organization:acme', { team: 7 }],
    ];
    const append = before.prepare<[number, string, string]>(
      `INSERT INTO audit_events SELECT organization_id, ?, at_ms, actor, action, ?, ?, request_id, previous_hash, hash
       FROM audit_events WHERE organization_id = 'org_000001' AND sequence = 1`,
    );
    for (const [index, [subject, details]] of events.entries()) {
      append.run(last + 1 + index, subject, JSON.stringify(details));
    }
    before.close();

    const found = openDatabase(file, 'live')
      .prepare<[], { subject: string; sequence: number }>(
        "SELECT subject, sequence FROM audit_subjects WHERE organization_id = 'org_000001' ORDER BY sequence, subject",
      )
      .all();
    const earlier = found.filter(({ sequence }) => sequence <= 20);
    expect(earlier.map(({ subject, sequence }) => `${sequence} ${subject}`)).toEqual([
      ...[4, 5, 6].map((sequence) => `${sequence} team:ml-platform`),
      ...[7, 8].map((sequence) => `${sequence} team:vision`),
      ...[13, 14, 19].map((sequence) => `${sequence} team:archived`),
    ]);
    const added = found.filter(({ sequence }) => sequence > last);
    expect(added.map(({ subject, sequence }) => [sequence - last, subject])).toEqual([
      [1, 'service_account:sa_000006'],
      [1, 'team:ml-platform'],
      [2, 'service_account:sa_000006'],
      [2, 'team:vision'],
      [3, 'service_account:sa_none'],
      [4, 'service_account:sa_000017'],
      [4, 'team:vision'],
    ]);
  });

  it('has the same tables, indexes and triggers as a new database', () => {
    const objects = (client: Database.Database) =>
      client
        .prepare<[], { type: string; name: string; sql: string }>(
          "SELECT type, name, sql FROM sqlite_schema WHERE name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY 1, 2",
        )
        .all();
    const migrated = objects(openDatabase(previousDatabase(), 'live'));
    expect(migrated).toEqual(objects(openDatabase(join(temporaryFolder(), 'new.db'))));
    expect(migrated.filter(({ type }) => type === 'trigger')).toHaveLength(5);
    expect(migrated.some(({ sql }) => /dead_key|cut_off|ends_at|'creating'|"method"/.test(sql))).toBe(false);
  });

  it('still has its accounts, open deliveries and open collections', async () => {
    const store = await storesOver(openDatabase(previousDatabase(), 'live')).openOrganization('acme', 1);
    const { accounts } = await store.listAccounts('cy@acme.test', { limit: 99 }, NOW_MS);
    expect(accounts.map(({ account }) => `${account.name} ${account.method}`)).toEqual(
      expect.arrayContaining(['nightly-eval api_key', 'deploy federated']),
    );
    expect(accounts.map(({ account }) => account.name)).not.toContain('being-created');
    expect(await dueSubjects(store, 'delivery', NOW_MS * 2)).toHaveLength(3);
    expect(await store.openCollections('U0ADA', NOW_MS)).toHaveLength(2);
    const used = { issuer: 'https://ci.acme.test', tokenId: 'jti-1', expiresAtMs: NOW_MS * 2, nowMs: NOW_MS };
    expect(await store.useAssertionOnce(used)).toBe(false);
  });
});
