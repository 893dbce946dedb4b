import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { test } from 'vitest';
import type { Store } from '../../src/application/ports/store.ts';
import { openSqliteStores } from '../../src/store/sqlite-store.ts';
import { isLongForm } from '../long-form.ts';

const ADMIN = 'cy@acme.test';
const TEAM_ADMIN = 'ada@acme.test';
const NOW_MS = 200 * 24 * 3_600_000;
const LARGE = isLongForm ? 1_000_000 : 100_000;

/** Opens an organization with this many accounts, ten in each team. */
async function openOrganization(accounts: number): Promise<Store> {
  const folder = mkdtempSync(join(tmpdir(), 'keysmith-bench-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, 'keysmith.db');
  const stores = openSqliteStores({
    file,
    mode: 'live',
    auditKey: new Uint8Array(32),
    newId: (prefix) => `${prefix}_${crypto.randomUUID()}`,
  });
  const store = await stores.openOrganization('acme', 0);
  const member = { email: TEAM_ADMIN, username: 'ada', role: 'admin' as const };
  const team = (name: string) => ({ name, subjects: [], members: [member], projects: [] });
  await store.applyOrganization({ admins: [ADMIN], issuers: [], teams: [team('ml-platform')] }, 0);
  const client = new Database(file);
  const insert = (table: string, columns: Record<string, string>, count: number) =>
    client
      .prepare(
        `with recursive numbers (value) as (select 0 union all select value + 1 from numbers where value < ${count - 1})
         insert into ${table} (${Object.keys(columns)}) select ${Object.values(columns)} from numbers`,
      )
      .run();
  const organization_id = `'${store.organizationId}'`;
  const id = "printf('team-%07d', value)";
  insert('teams', { organization_id, id, name: id, subjects: "'[]'", created_at_ms: '0' }, accounts / 10);
  insert(
    'service_accounts',
    {
      organization_id,
      id: "printf('sa-%07d', value)",
      scope: "'team'",
      team_id: "printf('team-%07d', value / 10)",
      name: "printf('eval-%d', value % 10)",
      authentication_method: "'api_key'",
      contact: "'U0ADA'",
      created_by_slack_user_id: "'U0ADA'",
      created_by_email: `'${ADMIN}'`,
      created_at_ms: '0',
    },
    accounts,
  );
  client.close();
  return store;
}

const small = await openOrganization(1_000);
const large = await openOrganization(LARGE);

const READS: Record<string, (store: Store) => Promise<unknown>> = {
  'the list of an organization admin': (store) => store.listAccounts(ADMIN, { limit: 15 }, NOW_MS),
  'the list of a team admin': (store) => store.listAccounts(TEAM_ADMIN, { limit: 15 }, NOW_MS),
  'a search by name': (store) => store.listAccounts(ADMIN, { limit: 15, namePart: 'l-9' }, NOW_MS),
  'a search without a result': (store) => store.listAccounts(ADMIN, { limit: 15, namePart: 'none' }, NOW_MS),
  'the unused accounts': (store) => store.listAccounts(ADMIN, { limit: 15, status: 'unused' }, NOW_MS),
  'the teams of the form': (store) => store.administeredTeams(ADMIN, { limit: 100 }),
  'a search for teams': (store) => store.administeredTeams(ADMIN, { query: 'team-00000', limit: 100 }),
  'an account by name': (store) => store.findAccountsByName(ADMIN, 'eval-3', undefined),
};

for (const [what, read] of Object.entries(READS)) {
  test(`${what} among ${LARGE} accounts`, async ({ bench }) => {
    await bench.compare(
      bench('baseline: among 1,000', () => read(small).then(() => undefined)),
      bench(`among ${LARGE}`, () => read(large).then(() => undefined)),
    );
  });
}
