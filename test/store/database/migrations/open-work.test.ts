import { join } from 'node:path';
import { expect, it } from 'vitest';
import { MINUTE_MS, openWandbWorld, revoke, TEAM } from '../../../backends/wandb/backend/wandb-world.ts';
import { ada, DAY_MS, NOW_MS } from '../../contract/world.ts';
import { temporaryFolder } from '../temporary-database.ts';
import {
  createPreviousDatabase,
  EXPIRES_MS,
  type InsertRow,
  insertPrevious,
  LOOK_MS,
  type PreviousOperation,
} from './before-server-accounts.ts';

const open: PreviousOperation = {
  kind: 'create',
  state: 'under_way',
  ending: null,
  wasNotified: false,
  isAbandoned: false,
  ids: 'member',
  looks: false,
};

it('what a previous version left open on a W&B server is finished, and its people are notified once', async () => {
  const file = join(temporaryFolder(), 'keysmith.db');
  const world = await openWandbWorld({}, file);
  const team = world.wandb.team(TEAM);
  const startMs = Date.now();
  /** The values of the rows that differ here: IDs on the server, and times of today. */
  const here = new Map<unknown, unknown>([
    [EXPIRES_MS, startMs + DAY_MS],
    [LOOK_MS, startMs + 60_000],
    [NOW_MS, startMs],
  ]);
  const onServer = (name: string, previousId: string) =>
    here.set(previousId, team.createServiceAccount(name).id);
  onServer('kept', 'member-kept');
  onServer('lost', 'made-lost');
  onServer('undone', 'made-undone');
  onServer('again', 'made-again');
  onServer('leaves', 'member-leaves');
  onServer('sent', 'member-sent');
  // Nothing shows whose these are: an admin may have created them.
  team.createServiceAccount('unknown');
  // An admin certainly created this one: the account with its name had another ID, and was deleted.
  team.createServiceAccount('gone');
  const account = { method: 'api_key', state: 'active', isOnServer: false } as const;
  createPreviousDatabase(file, (insertRow) => {
    const insert: InsertRow = (table, row) =>
      insertRow(
        table,
        Object.fromEntries(Object.entries(row).map(([name, value]) => [name, here.get(value) ?? value])),
      );
    const provisioning = { ...account, state: 'provisioning' } as const;
    insertPrevious(insert, { ...account, id: 'kept', isOnServer: true });
    insertPrevious(insert, { ...provisioning, id: 'lost', operation: open });
    insertPrevious(insert, { ...provisioning, id: 'undone', operation: { ...open, isAbandoned: true } });
    insertPrevious(insert, { ...provisioning, id: 'unknown', operation: { ...open, ids: 'none' } });
    insertPrevious(insert, {
      ...provisioning,
      id: 'web',
      method: 'federated',
      operation: { ...open, ids: 'client' },
    });
    insertPrevious(insert, { ...account, id: 'again', operation: { ...open, kind: 'recreate' } });
    insertPrevious(insert, {
      ...account,
      id: 'retry',
      operation: { ...open, kind: 'recreate', ids: 'none' },
    });
    const removed = { ...open, kind: 'remove' } as const;
    insertPrevious(insert, { ...account, id: 'leaves', isOnServer: true, operation: removed });
    insertPrevious(insert, { ...account, id: 'gone', isOnServer: true, operation: removed });
    const late = { ...open, state: 'failed', looks: true } as const;
    insertPrevious(insert, { ...account, id: 'late', state: 'failed', operation: late });
    insertPrevious(insert, { ...account, id: 'sent', isOnServer: true });
    insertPrevious(insert, { ...account, id: 'ended', state: 'revoked', isOnServer: true });
    insert('deliveries', {
      id: 'dlv_sent',
      key_id: 'key_sent',
      slack_user_id: ada.slackUserId,
      email: ada.email,
      route: 'response_url',
      key_lifetime_days: 90,
      state: 'sending',
      lease_until_ms: NOW_MS,
    });
  });

  const replica = await world.replica({ laterMs: startMs + 120_000 - NOW_MS });
  // Nobody gets a reminder of the keys of an account that was deleted before, so the list can't ask for a confirmation.
  expect(await replica.store.leftKeysOfTeams([TEAM], { limit: 9 })).toEqual({ accounts: [], total: 0 });
  const states = () =>
    Object.fromEntries(
      (replica.query('SELECT id, state FROM service_accounts') as { id: string; state: string }[]).map(
        ({ id, state }) => [id, state],
      ),
    );
  await replica.runJobs();
  const notified = world.notified.map((one) => `${one.account.id}: ${one.message}`);
  expect(notified.toSorted()).toEqual([
    'again: key_collectable',
    'gone: account_revoked',
    'leaves: account_revoked',
    'lost: key_collectable',
    'retry: key_collectable',
    'retry: server_account_problem',
    'sent: key_collectable',
    'undone: account_not_created',
    'unknown: server_account_problem',
    'web: federated_account_created',
  ]);
  const checks = [6, 31, 121, 361, 1_441, 2_881];
  for (const minutes of checks) {
    replica.clock.nowMs = startMs + minutes * MINUTE_MS;
    await replica.runJobs();
  }
  expect(world.notified).toHaveLength(notified.length);
  expect(states()).toEqual({
    again: 'active',
    ended: 'revoked',
    gone: 'revoked',
    kept: 'active',
    late: 'failed',
    leaves: 'revoked',
    lost: 'active',
    retry: 'active',
    sent: 'active',
    undone: 'failed',
    unknown: 'failed',
    web: 'active',
  });
  expect(team.serviceAccounts().map(({ name }) => name)).toEqual(['kept', 'unknown', 'gone']);
  expect(replica.query('SELECT kind, subject FROM jobs WHERE finished_at_ms IS NULL')).toEqual([]);
  expect(replica.query("SELECT id FROM deliveries WHERE state = 'sending'")).toEqual([]);
  expect(replica.query("SELECT id FROM collections WHERE state IN ('open', 'collecting')")).toEqual([]);
  const left = replica.query(
    "SELECT account_id FROM server_accounts WHERE desired = 'absent' AND gone_at_ms IS NULL AND problem IS NULL",
  );
  expect(left).toEqual([]);

  // Nobody knows what the server made of its attempt, which doesn't keep the account from being revoked.
  expect(await revoke(replica, 'retry')).toMatchObject({ kind: 'revoked' });
  expect(states()).toMatchObject({ retry: 'revoked' });
});
