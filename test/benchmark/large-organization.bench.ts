import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { test } from 'vitest';
import type { AuditPage } from '../../src/application/audit/audit-store.ts';
import type { AccountListOptions } from '../../src/application/ports/account-records.ts';
import type { Store } from '../../src/application/ports/store.ts';
import { openSqliteStores } from '../../src/store/sqlite-store.ts';
import { isLongForm } from '../long-form.ts';

const ADMIN = 'cy@acme.test';
const TEAM_ADMIN = 'ada@acme.test';
const LARGE = isLongForm ? 1_000_000 : 100_000;
const EVENTS_EACH = 10;
const DAY_MS = 24 * 60 * 60 * 1000;
const NOW_MS = 1_000 * DAY_MS;

/**
 * Opens an organization with this many accounts, ten in each team, and a key for each. Of each thousand accounts, a hundred are
 * revoked and the keys of ten expire soon; half were used lately.
 */
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
      contact: "printf('U%07d', value / 20)",
      created_by_slack_user_id: "'U0ADA'",
      created_by_email: `'${ADMIN}'`,
      created_at_ms: `value * ${DAY_MS} / 1000`,
      state: "iif(value % 10 = 9, 'revoked', 'active')",
      revoked_at_ms: `iif(value % 10 = 9, ${NOW_MS} - value, null)`,
      last_used_at_ms: `iif(value % 2 = 0, ${NOW_MS} - value, null)`,
      unowned_since_ms: `iif(value % 1000 = 500, ${NOW_MS} - value, null)`,
    },
    accounts,
  );
  const pepper = { organization_id, version: '1', sealed: "'sealed'", created_at_ms: '0' };
  insert('peppers', pepper, 1);
  insert(
    'api_keys',
    {
      organization_id,
      key_id: "printf('KEY%09d', value)",
      account_id: "printf('sa-%07d', value)",
      name: "'default'",
      secret_hash: "printf('hash-%d', value)",
      pepper_version: '1',
      created_at_ms: '0',
      expires_at_ms: `${NOW_MS} + iif(value % 100 = 50, 3, 100) * ${DAY_MS} + value`,
      revoked_at_ms: `iif(value % 10 = 9, ${NOW_MS} - value, null)`,
    },
    accounts,
  );
  // Ten events of each account, one in a thousand about the organization alone.
  const { sequence: first = 0 } = (await store.auditHead()) ?? {};
  insert(
    'audit_events',
    {
      organization_id,
      sequence: `${first} + 1 + value`,
      at_ms: 'value',
      actor: `'{"type":"system","name":"bench"}'`,
      action: "'api_key.delivered'",
      subject: "iif(value % 1000 = 0, 'organization:acme', printf('service_account:sa-%07d', value / 10))",
      details: "'{}'",
      previous_hash: "''",
      hash: "printf('%064d', value)",
    },
    accounts * EVENTS_EACH,
  );
  for (const subject of [
    "printf('service_account:sa-%07d', value / 10)",
    "printf('team:team-%07d', value / 100)",
  ]) {
    const columns = { organization_id, subject, sequence: `${first} + 1 + value` };
    insert('audit_subjects', columns, accounts * EVENTS_EACH);
  }
  client.close();
  return store;
}

const HOME = { nowMs: NOW_MS, expiresBeforeMs: NOW_MS + 14 * DAY_MS };
const homeOf = (email: string, administered: readonly string[] | 'all') => ({
  email,
  slackUserId: 'U0000001',
  administered,
  visible: administered,
});

const small = await openOrganization(1_000);
const large = await openOrganization(LARGE);

const list = (options: Partial<AccountListOptions>) => (store: Store) =>
  store.listAccounts(ADMIN, { limit: 15, ...options }, NOW_MS);
const LAST = { direction: 'before', position: { teamName: '~', name: '' } } as const;
const LAST_BY_TIME = { direction: 'before', position: { id: '~', atMs: Number.MAX_SAFE_INTEGER } } as const;

const HUNDRED_TEAMS = Array.from(
  { length: 100 },
  (_, number) => `team:team-${String(number).padStart(7, '0')}`,
);
const auditPage = (page: Partial<AuditPage>): AuditPage => ({
  subjects: undefined,
  before: undefined,
  from: undefined,
  limit: 21,
  ...page,
});

const READS: Record<string, (store: Store) => Promise<unknown>> = {
  'the first page of the list': list({}),
  'the last page of the list': list({ start: LAST }),
  'the list of one team': list({ teamName: 'team-0000042' }),
  'the list of a team admin': (store) => store.listAccounts(TEAM_ADMIN, { limit: 15 }, NOW_MS),
  'the active accounts': list({ status: 'active' }),
  'the accounts whose keys expire': list({ status: 'expiring' }),
  'the unused accounts': list({ status: 'unused' }),
  'the unowned accounts': list({ status: 'unowned' }),
  'the revoked accounts': list({ status: 'revoked' }),
  'the last page of the revoked accounts': list({ status: 'revoked', start: LAST_BY_TIME }),
  'a search in the list': list({ namePart: 'val-3' }),
  'the search of the Home tab': list({ namePart: 'val-3', limit: 25, includesMemberTeams: true }),
  'what needs attention on the Home tab of an organization admin': (store) =>
    store.homeCare(homeOf(ADMIN, 'all'), { ...HOME, limit: 5 }),
  'what needs attention on the Home tab of a team admin': (store) =>
    store.homeCare(homeOf(TEAM_ADMIN, ['ml-platform']), { ...HOME, limit: 5 }),
  'the teams of the form': (store) => store.administeredTeams(ADMIN, { limit: 100 }),
  'a search for teams': (store) => store.administeredTeams(ADMIN, { query: 'team-00000', limit: 100 }),
  'the newest page of the audit record': (store) => store.auditPage(auditPage({})),
  'an old page of the audit record': (store) => store.auditPage(auditPage({ before: 5_000 })),
  'the audit record of one team': (store) => store.auditPage(auditPage({ subjects: ['team:team-0000042'] })),
  'the audit record of a hundred teams': (store) => store.auditPage(auditPage({ subjects: HUNDRED_TEAMS })),
  'the audit record of one account': (store) =>
    store.auditPage(auditPage({ subjects: ['service_account:sa-0000421'] })),
  'the audit record since a time': async (store) =>
    store.auditPage(auditPage({ from: await store.firstAuditSequence(9_000) })),
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
