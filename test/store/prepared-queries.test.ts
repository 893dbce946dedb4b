import type Database from 'better-sqlite3';
import { expect, it } from 'vitest';
import type { Store } from '../../src/application/ports/store.ts';
import { auditEvent, ISSUER, insertSending, NOW_MS } from './contract/world.ts';
import { openSqliteWorld, storesOver } from './database/temporary-database.ts';

/** Returns the texts of the statements that the client compiles from now on. */
function watch(client: Database.Database): string[] {
  const compiled: string[] = [];
  const prepare = client.prepare.bind(client);
  client.prepare = ((text: string) => {
    compiled.push(text);
    return prepare(text);
  }) as typeof client.prepare;
  return compiled;
}

/** What a command, a verification and an exchange do. */
async function work(store: Store): Promise<void> {
  await store.findApiKey('key_1');
  await store.accountStatus('sa_1');
  await store.accountByIdentity({ issuer: ISSUER, subject: 'repo:acme/web' });
  await store.issuer(ISSUER);
  // biome-ignore lint/correctness/useHookAtTopLevel: a method of the store, and no hook of React's.
  await store.useAssertionOnce({
    issuer: ISSUER,
    tokenId: crypto.randomUUID(),
    expiresAtMs: NOW_MS + 1,
    nowMs: NOW_MS,
  });
  await store.teamAccess('ada@acme.test', 'ml-platform');
  await store.administeredTeams('ada@acme.test', { query: 'ml', limit: 5 });
  await store.listAccounts('ada@acme.test', { limit: 15 }, NOW_MS);
  await store.runTarget({ teamName: 'ml-platform', projectName: 'a', email: 'ada@acme.test' });
  await store.appendAuditEvent(auditEvent('service_account.list_refused'));
}

it('compiles every statement once per connection, however often it runs', async () => {
  const world = await openSqliteWorld();
  const compiled = watch(world.client);
  const store = await storesOver(world.client).openOrganization('acme', NOW_MS);
  await work(store);
  expect(compiled.length).toBeGreaterThan(10);
  expect(new Set(compiled).size).toBe(compiled.length);
  compiled.length = 0;
  await work(store);
  await work(store);
  expect(compiled).toEqual([]);
});

it('lets the planner look at no parameter, because SQLite would compile the statement again for each value', async () => {
  const world = await openSqliteWorld();
  const compiled = watch(world.client);
  const store = await storesOver(world.client).openOrganization('acme', NOW_MS);
  await work(store);
  expect(compiled.filter((text) => /(?<!\+)\?/.test(text))).toEqual([]);
});

it('builds a query once per connection, also one that runs in a transaction', async () => {
  const world = await openSqliteWorld();
  const { account } = await insertSending(world, world.mlPlatform);
  const [one, other] = [await world.store.findAccount(account.id), await world.store.findAccount('sa_none')];
  expect([one, other]).toEqual([account, undefined]);
  // Another organization's store on the same connection shares its queries, and passes its own ID.
  const globex = await world.stores.openOrganization('globex', NOW_MS);
  expect(await globex.findTeam('ml-platform')).toBeUndefined();
  expect(await world.store.findTeam('ml-platform')).toBeDefined();
});
