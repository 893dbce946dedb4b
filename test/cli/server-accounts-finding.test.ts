import { expect, it } from 'vitest';
import { checkDatabase } from '../../src/cli/doctor/database-check.ts';
import { loadConfig } from '../../src/config/load-config.ts';
import { inspectDatabase } from '../../src/store/database/inspect-database.ts';
import { settingsFolder } from '../config/settings-folder.ts';
import { gone, insertOnServer, removal } from '../store/contract/server-accounts/server-account-world.ts';
import { auditEvent, DESIRED, insertSending, NOW_MS } from '../store/contract/world.ts';
import { openSqliteWorld } from '../store/database/temporary-database.ts';

it('the doctor and the metrics count accounts that need an admin in W&B, until they are gone', async () => {
  const world = await openSqliteWorld();
  const { store } = world;
  const loaded = loadConfig({ env: {}, cwd: settingsFolder() });
  if (!loaded.ok) throw new Error('no settings');
  const config = { ...loaded.config, databaseFile: world.file };
  const findings = async () => {
    const [, ...others] = await checkDatabase(config, async (path, mode) => inspectDatabase(path, mode));
    return others;
  };
  const counted = async () => (await store.queueLengths()).serverAccountsNeedingAdmin;
  const insert = async (name: string) => {
    const { account, serverAccountId, begun } = await insertOnServer(world, { name });
    await store.beginRemoval(removal(account.id));
    return { serverAccountId, serverName: begun.server.name };
  };
  const inserted = [await insert('one'), await insert('two'), await insert('three'), await insert('four')];
  expect([await findings(), await counted()]).toEqual([[], 0]);

  const problems = ['duplicate_tag', 'another_account', 'no_id', 'stalled'] as const;
  for (const [nth, problem] of problems.entries()) {
    const { serverAccountId = '' } = inserted[nth] ?? {};
    const event = auditEvent('server_account.needs_admin');
    await store.recordProblem({
      serverAccountId,
      problem,
      notifications: [],
      nowMs: NOW_MS,
      auditEvent: event,
    });
  }
  expect(await counted()).toBe(4);
  const [finding] = await findings();
  expect(finding?.text).toMatch(/^4 accounts need an admin in W&B: .*, and 1 more$/);
  expect(finding?.remedy).toContain('Keysmith checks at least every hour');

  for (const { serverAccountId } of inserted.slice(1)) await store.recordGone(gone(serverAccountId));
  const text = `1 account needs an admin in W&B: ${inserted[0]?.serverName} in ml-platform (several accounts have this name)`;
  expect(await findings()).toMatchObject([{ mark: 'warning', subject: 'W&B, accounts', text }]);
  expect(await counted()).toBe(1);

  // As from before tags: without a job, Keysmith doesn't check again, so no admin could end the warning.
  world.client.exec("DELETE FROM jobs WHERE kind = 'server_account'");
  expect([await findings(), await counted()]).toEqual([[], 0]);
});

it('the doctor lists the keys that live longer than the policy allows', async () => {
  const world = await openSqliteWorld();
  const loaded = loadConfig({ env: {}, cwd: settingsFolder() });
  if (!loaded.ok) throw new Error('no settings');
  const config = { ...loaded.config, databaseFile: world.file };
  const findings = async () => {
    const inspect = async (path: string, mode: 'sandbox' | 'live') =>
      inspectDatabase(path, mode, { nowMs: NOW_MS });
    const [, ...others] = await checkDatabase(config, inspect);
    return others;
  };
  const first = await insertSending(world, world.mlPlatform, { name: 'nightly-eval' });
  for (let nth = 0; nth < 10; nth += 1) await insertSending(world, world.vision);
  expect(await findings()).toEqual([]);
  await world.store.applyOrganization({ ...DESIRED, policy: { longestKeyLifeDays: 30 } }, NOW_MS);
  const [finding, ...more] = await findings();
  expect(more).toEqual([]);
  expect(finding).toMatchObject({ mark: 'warning', subject: 'Policy, older keys' });
  expect(finding?.text).toMatch(/^11 keys live longer than the policy allows now: .*, and 1 more$/);
  expect(finding?.text).toContain(`${first.key.record.keyId} of nightly-eval in ml-platform`);
});
