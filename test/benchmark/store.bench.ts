import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, test } from 'vitest';
import type { NewAccount } from '../../src/application/ports/account-records.ts';
import { openSqliteStores } from '../../src/store/sqlite-store.ts';

const folder = mkdtempSync(join(tmpdir(), 'keysmith-bench-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const stores = openSqliteStores({
  file: join(folder, 'keysmith.db'),
  mode: 'live',
  auditKey: new Uint8Array(32),
  newId: (prefix) => `${prefix}_${crypto.randomUUID()}`,
});
const store = await stores.openOrganization('acme', 0);
const { organizationId } = store;
await store.insertSealedPepper(1, 'sealed', 0);
await store.applyOrganization(
  {
    admins: [],
    issuers: [],
    teams: Array.from({ length: 10_000 }, (_, index) => ({
      name: `team-${index}`,
      subjects: [],
      members: [{ email: 'ada@acme.test', username: 'ada', role: 'admin' as const }],
      projects: [],
    })),
  },
  0,
);
const team = (await store.teamAccess('ada@acme.test', 'team-1'))?.team;
if (team === undefined) throw new Error('The team is missing.');

const raw = new Database(join(folder, 'raw.db'));
raw.pragma('journal_mode = WAL');
raw.pragma('synchronous = FULL');
raw.exec('create table rows (id text primary key, body text)');
const insert = raw.prepare('insert into rows values (?, ?)');

test('inserting one account', async ({ bench }) => {
  await bench.compare(
    bench('baseline: one row of 200 bytes in its own transaction with the same durability', () => {
      insert.run(crypto.randomUUID(), 'x'.repeat(200));
    }),
    bench('insert account, key hash, delivery and audit event', async () => {
      await store.insertAccount(newAccount());
    }),
  );
});

test('finding teams among 10,000', async ({ bench }) => {
  const names = Array.from({ length: 10_000 }, (_, index) => `team-${index}`);
  await bench.compare(
    bench('baseline: scan an array of names', () => {
      names.filter((name) => name.includes('99')).slice(0, 100);
    }),
    bench('administeredTeams', async () => {
      await store.administeredTeams('ada@acme.test', { query: '99', limit: 100 });
    }),
  );
});

function newAccount(): NewAccount {
  const unique = crypto.randomUUID();
  const person = { slackUserId: 'U0ADA', email: 'ada@acme.test' };
  return {
    account: {
      id: `sa_${unique}`,
      organizationId,
      scope: 'team',
      teamId: team?.id ?? '',
      teamName: 'team-1',
      name: `eval-${unique}`,
      method: 'api_key',
      externalIdentity: undefined,
      purpose: undefined,
      usedBy: undefined,
      contact: 'U0ADA',
      createdBy: person,
      createdAtMs: 1,
      state: 'active',
      revokedAtMs: undefined,
    },
    submissionId: `form_${unique}`,
    key: {
      record: {
        keyId: unique,
        name: 'key-1',
        secretHash: '0'.repeat(64),
        pepperVersion: 1,
        createdAtMs: 1,
        expiresAtMs: 2,
      },
      expiry: { days: 90 },
      delivery: {
        id: `dlv_${unique}`,
        keyId: unique,
        person,
        route: 'response_url',
        leaseUntilMs: 2,
        collectionId: undefined,
      },
    },
    auditEvent: {
      atMs: 1,
      actor: { type: 'person', ...person },
      action: 'service_account.created',
      subject: `service_account:sa_${unique}`,
      details: {},
      requestId: null,
    },
  };
}
