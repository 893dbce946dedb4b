import { describe, expect, it } from 'vitest';
import { notificationSubject } from '../../../../src/application/ports/notifications.ts';
import { verifyAuditChain } from '../../../../src/domain/audit/audit-event.ts';
import { AUDIT_KEY, ada, NOW_MS } from '../../contract/world.ts';
import { storesOver } from '../temporary-database.ts';
import {
  EXPIRES_MS,
  insertPrevious,
  LOOK_MS,
  migrated,
  type PreviousOperation,
} from './before-server-accounts.ts';
import { type Expected, everyCombination, expected, found, sorted } from './every-operation.ts';

const job = (id: string, extra: object = {}) => ({
  serverAccountId: id,
  person: ada,
  requestId: 'req_op',
  ...extra,
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
    const key = (collectionId: string | null) => ({
      key: { name: 'key-1', expiry: { days: 30 }, collectionId },
    });
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
