import { join } from 'node:path';
import type Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import {
  type NotificationPayload,
  notificationSubject,
} from '../../../src/application/ports/notifications.ts';
import { verifyAuditChain } from '../../../src/domain/audit/audit-event.ts';
import { AUDIT_KEY, ada, NOW_MS } from '../contract/world.ts';
import {
  createPreviousDatabase,
  ENDINGS,
  EXPIRES_MS,
  type InsertRow,
  insertPrevious,
  LOOK_MS,
  type PreviousAccount,
  type PreviousOperation,
} from './before-server-accounts.ts';
import { openDatabase, storesOver, temporaryFolder } from './temporary-database.ts';

type Row = Record<string, unknown>;

function migrated(fill: (insert: InsertRow) => void) {
  const file = join(temporaryFolder(), 'keysmith.db');
  createPreviousDatabase(file, fill);
  const beforeMs = Date.now() - 1000;
  const client = openDatabase(file);
  return {
    client,
    isNow: (atMs: unknown) => Number(atMs) >= beforeMs && Number(atMs) <= Date.now(),
    rows: (sql: string) => client.prepare<[], Row>(sql).all(),
  };
}

const job = (id: string, extra: object = {}) => ({
  serverAccountId: id,
  person: ada,
  requestId: 'req_op',
  ...extra,
});

/** Every state of an account with every state of an operation on it. */
function everyCombination(): PreviousAccount[] {
  const all: PreviousAccount[] = [];
  for (const method of ['api_key', 'federated'] as const) {
    for (const state of ['provisioning', 'active', 'revoked', 'failed'] as const) {
      for (const isOnServer of state === 'active' || state === 'revoked' ? [false, true] : [false]) {
        const account = { method, state, isOnServer };
        for (const operation of [undefined, ...everyOperation(method)]) {
          all.push({ id: `a-${all.length}`, ...account, ...(operation && { operation }) });
        }
      }
    }
  }
  return all;
}

/** The endings that were written with each state. An operation that was reopened kept the one that it had. */
const WRITTEN_ENDINGS: Record<PreviousOperation['state'], readonly (typeof ENDINGS)[number][]> = {
  under_way: ENDINGS,
  done: ['created_late', 'revoked_late'],
  failed: ['not_made', 'removed_again', 'not_revoked', 'still_there', 'appeared_late'],
  unclear: ['several_candidates', 'appeared_late'],
};

function* everyOperation(method: PreviousAccount['method']): Generator<PreviousOperation> {
  const known = method === 'api_key' ? 'member' : 'client';
  const kinds =
    method === 'api_key' ? (['create', 'recreate', 'remove'] as const) : (['create', 'remove'] as const);
  for (const kind of kinds)
    for (const state of ['under_way', 'done', 'failed', 'unclear'] as const)
      for (const looks of state === 'failed' ? [false, true] : [false])
        for (const ending of [null, ...WRITTEN_ENDINGS[state]])
          for (const wasNotified of ending === null ? [false] : [false, true])
            for (const isAbandoned of kind === 'remove' ? [false] : [false, true])
              for (const ids of ['none', known] as const)
                yield { kind, state, looks, ending, wasNotified, isAbandoned, ids };
}

interface Expected {
  state: string;
  servers: Row[];
  notifications: string[];
  collection: string | undefined;
}

const STALLED: readonly unknown[] = ['still_there', 'still_unclear', 'still_not_revoked'];

/** What must become of an account and of everything that belongs to it. */
function expected({ method, state: previous, isOnServer, operation }: PreviousAccount): Expected {
  const isOpen = operation?.state === 'under_way';
  const isKnown = operation !== undefined && operation.ids !== 'none';
  const isCreation = operation !== undefined && operation.kind !== 'remove';
  let state: string = previous;
  if (previous === 'provisioning') {
    const canGoOn = operation?.kind === 'create' && isOpen && isKnown && !operation.isAbandoned;
    if (!canGoOn) state = 'failed';
  }
  if (previous === 'active' && operation?.kind === 'remove' && isOpen) state = 'revoking';
  const servers: Row[] = [];
  if (isOnServer || state === 'revoking') {
    const hasStalled = state === 'revoking' && STALLED.includes(operation?.ending);
    servers.push({
      desired: state === 'active' ? 'present' : 'absent',
      isGone: state === 'failed' || state === 'revoked',
      problem: hasStalled ? 'stalled' : null,
      hasJob: state === 'revoking',
      hasKey: false,
    });
  }
  const isWanted =
    operation !== undefined &&
    isCreation &&
    isOpen &&
    isKnown &&
    !operation.isAbandoned &&
    !isOnServer &&
    state === (operation.kind === 'create' ? 'provisioning' : 'active');
  const hasKey = isWanted && method === 'api_key';
  const notifications: string[] = [];
  if (operation !== undefined) {
    const { kind, ending, wasNotified, isAbandoned } = operation;
    const isUntold = !wasNotified;
    if (isCreation && isOpen) {
      const hasStalled = isKnown && !isWanted && STALLED.includes(ending);
      const problem = isKnown ? null : 'unknown_creation';
      servers.push({
        desired: isWanted ? 'present' : 'absent',
        isGone: false,
        problem: hasStalled ? 'stalled' : problem,
        hasJob: isKnown,
        hasKey,
      });
    } else if (!isOpen && isUntold && (ending === 'several_candidates' || ending === 'appeared_late')) {
      servers.push({ desired: 'absent', isGone: false, problem: 'unknown_creation', hasJob: false, hasKey });
    }
    if (operation.looks && isKnown) {
      servers.push({ desired: 'absent', isGone: true, problem: null, hasJob: true, hasKey });
    }
    for (const { problem } of servers) {
      if (problem === 'unknown_creation' || (problem === 'stalled' && isUntold)) {
        notifications.push(`server_account_problem ${problem}`);
      }
    }
    if (isUntold && ending === 'created_late') notifications.push('federated_account_created');
    if ((isUntold && ending === 'revoked_late') || state === 'revoking')
      notifications.push('account_revoked');
    const notMade = isUntold && kind === 'create' && (ending === 'not_made' || ending === 'removed_again');
    if (notMade) notifications.push(`account_not_created ${ending}`);
    else if (previous === 'provisioning' && kind === 'create' && isOpen && isKnown && isAbandoned) {
      notifications.push('account_not_created removed_again');
    }
  }
  let collection: string | undefined;
  if (operation?.kind === 'recreate') {
    const afterwards = state === 'active' ? 'open' : 'closed';
    collection = isOpen && hasKey ? 'collecting' : afterwards;
    if (isOpen && collection === 'open') notifications.push('key_collectable');
  }
  return { state, servers, notifications, collection };
}

function found(client: Database.Database): Map<string, Expected> {
  const all = (sql: string) => client.prepare<[], Row>(sql).all();
  const accounts = new Map<string, Expected>();
  const of = (id: unknown) => {
    const account = accounts.get(String(id));
    if (account === undefined) throw new Error(`no account ${id}`);
    return account;
  };
  for (const { id, state } of all('SELECT id, state FROM service_accounts')) {
    accounts.set(String(id), { state: String(state), servers: [], notifications: [], collection: undefined });
  }
  const servers = all(`
    SELECT s.account_id, s.desired, s.problem, s.gone_at_ms IS NOT NULL AS isGone, j.payload
    FROM server_accounts s LEFT JOIN jobs j ON j.kind = 'server_account' AND j.subject = s.id ORDER BY s.rowid`);
  for (const { account_id, isGone, payload, ...server } of servers) {
    const { key } = JSON.parse(String(payload ?? '{}'));
    const isThere = { ...server, isGone: isGone === 1, hasJob: payload !== null, hasKey: key !== undefined };
    of(account_id).servers.push(isThere);
  }
  for (const { payload } of all("SELECT payload FROM jobs WHERE kind = 'notification'")) {
    const { accountId, message, problem, cause } = JSON.parse(String(payload));
    of(accountId).notifications.push([message, problem ?? cause ?? []].flat().join(' '));
  }
  for (const { account_id, state } of all('SELECT account_id, state FROM collections')) {
    of(account_id).collection = String(state);
  }
  return accounts;
}

const sorted = (expectation: Expected) => ({
  ...expectation,
  servers: expectation.servers.map((server) => JSON.stringify(server, Object.keys(server).sort())).sort(),
  notifications: expectation.notifications.toSorted(),
});

describe('a database with operations on a W&B server', () => {
  it('is migrated with all of them, whatever their states and those of their accounts', async () => {
    const combinations = everyCombination();
    const { client, isNow, rows } = migrated((insert) => {
      for (const account of combinations) insertPrevious(insert, account);
    });
    const accounts = found(client);
    const wrong = combinations
      .map((account) => ({
        account,
        expected: sorted(expected(account)),
        found: sorted(accounts.get(account.id) as Expected),
      }))
      .filter((one) => JSON.stringify(one.expected) !== JSON.stringify(one.found));
    expect(wrong.slice(0, 3)).toEqual([]);
    expect(accounts.size).toBe(combinations.length);

    expect(client.pragma('foreign_key_check')).toEqual([]);
    expect(client.pragma('integrity_check', { simple: true })).toBe('ok');
    const misnamed = rows("SELECT subject, payload FROM jobs WHERE kind = 'notification'").filter(
      ({ subject, payload }) => subject !== notificationSubject(JSON.parse(String(payload))),
    );
    expect(misnamed).toEqual([]);
    const byId = new Map(combinations.map((account) => [account.id, account]));
    const mistimed = rows('SELECT * FROM service_accounts').filter(({ id, revoked_at_ms: atMs, ...row }) => {
      const { state } = byId.get(String(id)) ?? {};
      if (row.last_used_at_ms !== 7) return true;
      if (state === 'revoked' || state === 'failed') return atMs !== NOW_MS + 1;
      return row.state === 'failed' ? !isNow(atMs) : atMs !== null;
    });
    expect(mistimed).toEqual([]);
    const submitted = new Set(rows('SELECT account_id FROM submissions').map((row) => row.account_id));
    const revokedKeys = new Set(
      rows('SELECT account_id FROM api_keys WHERE revoked_at_ms IS NOT NULL').map((row) => row.account_id),
    );
    const unlike = combinations.filter(({ id, state, method }) => {
      const now = accounts.get(id)?.state;
      const hasForm = !(state === 'provisioning' && now === 'failed');
      const hasRevokedKey = method === 'api_key' && now === 'revoking';
      return submitted.has(id) !== hasForm || revokedKeys.has(id) !== hasRevokedKey;
    });
    expect(unlike).toEqual([]);
    const store = await storesOver(client).openOrganization('acme', NOW_MS);
    const verdict = verifyAuditChain(await store.auditRecords(), store.organizationId, AUDIT_KEY);
    expect(verdict).toMatchObject({ intact: true, records: 3 });
  });

  const operation: PreviousOperation = {
    kind: 'create',
    state: 'under_way',
    ending: null,
    wasNotified: false,
    isAbandoned: false,
    ids: 'member',
    looks: false,
  };

  it('keeps the IDs that the server returned, and gives each job what it needs', () => {
    const base = { method: 'api_key', isOnServer: false } as const;
    const { rows, isNow } = migrated((insert) => {
      insertPrevious(insert, { ...base, id: 'here', state: 'active', isOnServer: true });
      insertPrevious(insert, { id: 'web', method: 'federated', state: 'active', isOnServer: true });
      insertPrevious(insert, { ...base, id: 'gone', state: 'revoked', isOnServer: true });
      insertPrevious(insert, { ...base, id: 'new', state: 'provisioning', operation });
      const again = { ...operation, kind: 'recreate' } as const;
      insertPrevious(insert, { ...base, id: 'again', state: 'active', operation: again });
      const removed = { ...operation, kind: 'remove' } as const;
      insertPrevious(insert, {
        ...base,
        id: 'leaves',
        state: 'active',
        isOnServer: true,
        operation: removed,
      });
      // Its key wasn't delivered meanwhile, so the account no longer has the IDs.
      insertPrevious(insert, { ...base, id: 'left', state: 'active', operation: removed });
      const late = { ...operation, state: 'failed', looks: true } as const;
      insertPrevious(insert, { ...base, id: 'late', state: 'failed', operation: late });
    });
    const servers = new Map(rows('SELECT * FROM server_accounts').map((row) => [row.account_id, row]));
    const seen = (id: string) => {
      const { desired, member_id, client_id, gone_at_ms, name, tag } = servers.get(id) ?? {};
      return { desired, member_id, client_id, gone_at_ms, name, tag };
    };
    const none = { client_id: null, gone_at_ms: null, tag: null };
    const present = { ...none, desired: 'present' };
    const absent = { ...none, desired: 'absent' };
    expect(seen('here')).toEqual({ ...present, name: 'here', member_id: 'member-here' });
    expect(seen('web')).toEqual({
      ...present,
      name: 'web',
      member_id: 'member-web',
      client_id: 'client-web',
    });
    expect(seen('gone')).toEqual({
      ...absent,
      name: 'gone',
      member_id: 'member-gone',
      gone_at_ms: NOW_MS + 1,
    });
    expect(seen('new')).toEqual({ ...present, name: 'new', member_id: 'made-new' });
    expect(seen('again')).toEqual({ ...present, name: 'again', member_id: 'made-again' });
    expect(seen('leaves')).toEqual({ ...absent, name: 'leaves', member_id: 'member-leaves' });
    expect(seen('left')).toEqual({ ...absent, name: 'left', member_id: 'made-left' });
    expect(seen('late')).toEqual({ ...absent, name: 'late', member_id: 'made-late', gone_at_ms: NOW_MS + 5 });
    const jobs = rows("SELECT * FROM jobs WHERE kind = 'server_account'");
    const payloadOf = (id: string) => {
      const row = jobs.find(({ subject }) => subject === servers.get(id)?.id);
      return { payload: row && JSON.parse(String(row.payload)), runAtMs: row?.run_at_ms };
    };
    const idOf = (id: string) => String(servers.get(id)?.id);
    const key = (collectionId: string | null) => ({ key: { lifetimeDays: 30, collectionId } });
    expect(payloadOf('new').payload).toEqual(job(idOf('new'), key(null)));
    expect(payloadOf('again').payload).toEqual(job(idOf('again'), key('col_again')));
    expect(payloadOf('leaves').payload).toEqual(job(idOf('leaves')));
    expect(payloadOf('left').payload).toEqual(job(idOf('left')));
    expect(isNow(payloadOf('left').runAtMs)).toBe(true);
    expect(payloadOf('late')).toEqual({ payload: job(idOf('late')), runAtMs: LOOK_MS });
    expect(jobs).toHaveLength(5);
    expect(idOf('new')).toMatch(/^srv_[0-9a-f]{32}$/);
  });

  it('lets an account have one present server account, however many creations were under way', () => {
    const { rows } = migrated((insert) => {
      const recreated = { ...operation, kind: 'recreate' } as const;
      insertPrevious(insert, {
        id: 'a',
        method: 'api_key',
        state: 'active',
        isOnServer: false,
        operation: recreated,
      });
      const copied = `col_a2`;
      insert('collections', {
        id: copied,
        account_id: 'a',
        slack_user_id: 'U1',
        email: 'u@acme.test',
        key_lifetime_days: 90,
        state: 'collecting',
        created_at_ms: 1,
        expires_at_ms: EXPIRES_MS,
      });
      insert('backend_operations', {
        id: 'op_2',
        kind: 'recreate',
        account_id: 'a',
        slack_user_id: 'U1',
        email: 'u@acme.test',
        members_before: '[]',
        member_id: 'm',
        key_lifetime_days: 90,
        collection_id: copied,
        state: 'under_way',
        lease_until_ms: 1,
        began_at_ms: 1,
      });
    });
    const desired = rows('SELECT desired FROM server_accounts').map((row) => row.desired);
    expect(desired.toSorted()).toEqual(['absent', 'present']);
    const states = rows('SELECT id, state FROM collections ORDER BY id').map((row) => row.state);
    expect(states).toEqual(['collecting', 'open']);
  });
});

describe('a database with deliveries and collections that had leases', () => {
  const account = { method: 'api_key', state: 'active', isOnServer: false } as const;
  const person = { slack_user_id: ada.slackUserId, email: ada.email };
  const delivery = {
    ...person,
    route: 'response_url',
    key_lifetime_days: 90,
    lease_until_ms: NOW_MS + 60_000,
  };
  const collection = { ...person, key_lifetime_days: 90, created_at_ms: NOW_MS, expires_at_ms: EXPIRES_MS };

  it('has a job for each open delivery at the end of its lease, and keeps the others', () => {
    const { rows } = migrated((insert) => {
      for (const [id, state] of [
        ['open', 'sending'],
        ['tried', 'sending'],
        ['done', 'delivered'],
        ['lost', 'failed'],
      ] as const) {
        insertPrevious(insert, { ...account, id });
        insert('deliveries', {
          id: `dlv_${id}`,
          key_id: `key_${id}`,
          ...delivery,
          state,
          revoke_attempts: id === 'tried' ? 3 : 0,
          settled_at_ms: state === 'sending' ? null : NOW_MS,
        });
      }
    });
    const states = rows('SELECT id, state, settled_at_ms FROM deliveries ORDER BY id');
    expect(states).toEqual([
      { id: 'dlv_done', state: 'delivered', settled_at_ms: NOW_MS },
      { id: 'dlv_lost', state: 'failed', settled_at_ms: NOW_MS },
      { id: 'dlv_open', state: 'sending', settled_at_ms: null },
      { id: 'dlv_tried', state: 'sending', settled_at_ms: null },
    ]);
    const jobs = rows(
      "SELECT subject, payload, run_at_ms, attempts FROM jobs WHERE kind = 'delivery' ORDER BY 1",
    );
    expect(jobs).toEqual(
      ['dlv_open', 'dlv_tried'].map((deliveryId) => ({
        subject: deliveryId,
        payload: JSON.stringify({ deliveryId }),
        run_at_ms: NOW_MS + 60_000,
        attempts: 0,
      })),
    );
  });

  it('has a job for each collection that isn’t over, and a notification unless its person had one', () => {
    const { rows } = migrated((insert) => {
      insertPrevious(insert, { ...account, id: 'a' });
      insert('deliveries', {
        id: 'dlv_a',
        key_id: 'key_a',
        ...delivery,
        collection_id: 'sent',
        state: 'sending',
      });
      for (const [id, state, told_at_ms, revoked_key_id] of [
        ['new', 'open', null, null],
        ['late', 'open', null, 'key_a'],
        ['known', 'open', NOW_MS, 'key_a'],
        ['sent', 'collecting', NOW_MS, null],
        ['lost', 'collecting', NOW_MS, 'key_a'],
        ['had', 'collected', NOW_MS, null],
        ['over', 'closed', null, null],
      ] as const) {
        insert('collections', { id, account_id: 'a', ...collection, state, told_at_ms, revoked_key_id });
      }
    });
    const states = Object.fromEntries(
      rows('SELECT id, state FROM collections').map(({ id, state }) => [id, state]),
    );
    // Whose key is neither being sent nor being created can be collected again.
    expect(states).toEqual({
      new: 'open',
      late: 'open',
      known: 'open',
      sent: 'collecting',
      lost: 'open',
      had: 'collected',
      over: 'closed',
    });
    const jobs = rows("SELECT subject, payload, run_at_ms FROM jobs WHERE kind = 'collection' ORDER BY 1");
    expect(jobs).toEqual(
      ['known', 'late', 'lost', 'new', 'sent'].map((collectionId) => ({
        subject: collectionId,
        payload: JSON.stringify({ collectionId }),
        run_at_ms: EXPIRES_MS,
      })),
    );
    const offers = rows("SELECT payload FROM jobs WHERE kind = 'notification' ORDER BY rowid").map(
      ({ payload }) => JSON.parse(String(payload)),
    );
    const to = { slackUserId: ada.slackUserId };
    const offer = { message: 'key_collectable', accountId: 'a', to, requestId: null };
    expect(offers).toEqual([
      { ...offer, collectionId: 'new', keyId: null },
      { ...offer, collectionId: 'late', keyId: 'key_a' },
      { ...offer, collectionId: 'lost', keyId: null },
    ]);
  });

  it('keeps its jobs, and doesn’t queue a notification that is pending', () => {
    const payload = { message: 'account_revoked', accountId: 'a', to: { slackUserId: ada.slackUserId } };
    const subject = notificationSubject({ ...payload, requestId: null } as NotificationPayload);
    const previous = {
      id: 'job_1',
      kind: 'notification',
      subject,
      payload: JSON.stringify(payload),
      run_at_ms: 5,
    };
    const { rows } = migrated((insert) => {
      const ending = {
        ending: 'revoked_late',
        wasNotified: false,
        isAbandoned: false,
        ids: 'member',
      } as const;
      const removed = { kind: 'remove', state: 'done', looks: false, ...ending } as const;
      insertPrevious(insert, { ...account, id: 'a', state: 'revoked', operation: removed });
      insert('jobs', { ...previous, attempts: 2, last_failure: 'not_accepted', failing_since_ms: 4 });
    });
    const jobs = rows('SELECT * FROM jobs');
    expect(jobs).toMatchObject([
      { ...previous, attempts: 2, last_failure: 'not_accepted', failing_since_ms: 4 },
    ]);
  });
});
