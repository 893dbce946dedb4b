import { expect, it } from 'vitest';
import {
  type AccountListOptions,
  type AccountPage,
  COUNTED_ACCOUNTS,
} from '../../src/application/ports/account-records.ts';
import { ada, auditEvent, DAY_MS, dueSubjects, insertSending, NOW_MS, settlement } from './contract/world.ts';
import { openSqliteWorld } from './database/temporary-database.ts';

/** Copies an account to `count` others of its team. */
async function openLargeWorld(count: number) {
  const world = await openSqliteWorld();
  const { account } = await insertSending(world, world.mlPlatform);
  const columns = world.client
    .prepare<[], { name: string }>("select name from pragma_table_info('service_accounts')")
    .all()
    .map(({ name }) => name);
  const copied = columns.map((name) =>
    name === 'id' || name === 'name' ? `printf('copy-%05d', value)` : `"${name}"`,
  );
  world.client
    .prepare(
      `with recursive numbers (value) as (select 1 union all select value + 1 from numbers where value < ?)
       insert into service_accounts (${columns.map((name) => `"${name}"`).join(', ')})
       select ${copied.join(', ')} from service_accounts, numbers where id = ?`,
    )
    .run(count, account.id);
  return world;
}

it('a list counts to 1,000 and shows that there are more', async () => {
  const { store } = await openLargeWorld(1_100);
  for (const email of ['ada@acme.test', 'cy@acme.test']) {
    const first = await store.listAccounts(email, { limit: 15 }, NOW_MS);
    expect([first.accounts.length, first.total]).toEqual([15, COUNTED_ACCOUNTS + 1]);
    expect(first.previous).toBeUndefined();
    const start = { direction: 'after', position: { teamName: 'ml-platform', name: 'copy-01095' } } as const;
    const last = await store.listAccounts(email, { limit: 15, start }, NOW_MS);
    expect(last.accounts.map(({ account }) => account.name).slice(0, 2)).toEqual([
      'copy-01096',
      'copy-01097',
    ]);
    expect(last.next).toBeUndefined();
  }
});

it('pages lead forward and back through the teams, and a start from before to the nearest one', async () => {
  const world = await openLargeWorld(20);
  await insertSending(world, world.vision);
  const read = (email: string, options: Partial<AccountListOptions> = {}) =>
    world.store.listAccounts(email, { limit: 4, ...options }, NOW_MS);
  const idsOf = ({ accounts }: AccountPage) => accounts.map(({ account }) => account.id);
  for (const email of ['ada@acme.test', 'cy@acme.test']) {
    const all = idsOf(await read(email, { limit: 100 }));
    const forward = [await read(email)];
    for (let page = forward[0]; page?.next !== undefined; page = forward.at(-1)) {
      forward.push(await read(email, { start: page.next }));
    }
    expect(forward.flatMap(idsOf)).toEqual(all);
    const back = [];
    for (let start = forward.at(-1)?.previous; start !== undefined; start = back.at(-1)?.previous) {
      back.push(await read(email, { start }));
    }
    expect(back.map(idsOf)).toEqual(forward.slice(0, -1).map(idsOf).reverse());
    const beyond = { direction: 'after', position: { teamName: 'zzz', name: 'zzz' } } as const;
    expect(idsOf(await read(email, { start: beyond }))).toEqual(all.slice(-4));
    const early = { direction: 'before', position: { teamName: '', name: '' } } as const;
    expect(idsOf(await read(email, { start: early }))).toEqual(all.slice(0, 4));
    const other = { direction: 'after', position: { atMs: 5, id: 'x' } } as const;
    expect(idsOf(await read(email, { start: other }))).toEqual(all.slice(0, 4));
  }
});

it('a name that many teams have is found by an organization admin', async () => {
  const world = await openSqliteWorld();
  const one = await insertSending(world, world.mlPlatform, { name: 'nightly' });
  const other = await insertSending(world, world.vision, { name: 'nightly' });
  const { store } = world;
  const ids = async (email: string, teamName?: string) =>
    (await store.findAccountsByName(email, 'nightly', teamName)).map(({ id }) => id);
  expect(await ids('cy@acme.test')).toEqual([one.account.id, other.account.id]);
  expect(await ids('cy@acme.test', 'vision')).toEqual([other.account.id]);
  expect(await ids('ada@acme.test')).toEqual([one.account.id]);
  await store.applyOrganization({ admins: [], issuers: [], teams: [] }, NOW_MS);
  expect(await ids('cy@acme.test')).toEqual([]);
});

it('the Home tab doesn’t read all keys of a team with more than 1,000 accounts', async () => {
  const { client, store, ...world } = await openLargeWorld(1_100);
  const { keyId, deliveryId } = client
    .prepare('select key_id as keyId, id as deliveryId from deliveries')
    .get() as { keyId: string; deliveryId: string };
  await store.settleDelivery(settlement(deliveryId, 'accepted'));
  const scope = {
    email: 'ada@acme.test',
    slackUserId: 'U0ADA',
    administered: ['ml-platform'],
    visible: ['ml-platform'],
  };
  const care = (days: number) => {
    const nowMs = NOW_MS + days * DAY_MS;
    return store.homeCare(scope, { nowMs, expiresBeforeMs: nowMs + 14 * DAY_MS, limit: 5 });
  };
  expect((await care(80)).expiring).toMatchObject({ items: [{ keyId }], total: 1 });
  // Those of the accounts that have been quiet for the longest time: of 1,000.
  expect((await care(20)).unused.total).toBe(0);
  client
    .prepare("update service_accounts set created_at_ms = created_at_ms - 1 where name not like 'copy-%'")
    .run();
  expect((await care(20)).unused).toMatchObject({ items: [{ keyId }], total: 1 });
  expect((await care(10)).unused.total).toBe(0);
  await world.close();
});

it('a contact of many accounts is marked as gone and back in parts, with one card at the end', async () => {
  const { client, store, mlPlatform, ...world } = await openLargeWorld(450);
  const left = { contact: 'U0BEN', teamId: mlPlatform.id };
  const mark = (atMs: number, failAt = Number.POSITIVE_INFINITY) => {
    let events = 0;
    const eventOf = () => {
      events += 1;
      if (events > failAt) throw new Error('killed');
      return auditEvent('service_account.unowned');
    };
    return store.markUnowned({ ...left, places: [{ email: ada.email }], nowMs: atMs, eventOf });
  };
  const unowned = () =>
    client.prepare('select count(*) from service_accounts where unowned_since_ms is not null').pluck().get();
  await expect(mark(NOW_MS, 300)).rejects.toThrow('killed');
  expect([unowned(), await dueSubjects(store, 'card')]).toEqual([200, []]);
  const [contact] = await store.contactsToCheck({ after: '', limit: 9 });
  expect(contact?.teams).toMatchObject([{ isUnowned: false, hasUnowned: true }]);
  expect(await mark(NOW_MS + 1)).toBe(251);
  expect(unowned()).toBe(451);
  const id = `${mlPlatform.id}/U0BEN/${NOW_MS + 1}-0`;
  expect(await dueSubjects(store, 'card', NOW_MS + 1)).toEqual([`unowned:${id}:${ada.email}`]);
  const card = await store.unownedCard(id);
  expect([card?.accounts.length, card?.more]).toEqual([15, 436]);
  const back = { ...left, nowMs: NOW_MS + 2, eventOf: () => auditEvent('service_account.owned_again') };
  expect(await store.markOwned(back)).toBe(451);
  expect(unowned()).toBe(0);
  await world.close();
});

it('the card of a contact of many accounts counts to 1,000 and shows that there are more', async () => {
  const { client, store, mlPlatform, ...world } = await openLargeWorld(1_100);
  client.exec(`update service_accounts set unowned_since_ms = ${NOW_MS}`);
  const card = await store.unownedCard(`${mlPlatform.id}/U0BEN/${NOW_MS}-0`);
  expect(card).toMatchObject({ more: COUNTED_ACCOUNTS + 1, moreTakenOver: 0 });
  expect(card?.accounts).toHaveLength(15);
  await world.close();
});

it('the unused keys of a large team are read in parts, the oldest first', async () => {
  const { client, store, mlPlatform, ...world } = await openLargeWorld(4_100);
  const { deliveryId } = client.prepare('select id as deliveryId from deliveries').get() as {
    deliveryId: string;
  };
  await store.settleDelivery(settlement(deliveryId, 'accepted'));
  const columns = client.prepare("select name from pragma_table_info('api_keys')").pluck().all().map(String);
  const copied = columns.map((name) => {
    if (name === 'key_id') return "'k-' || a.name";
    if (name === 'account_id') return 'a.id';
    return name === 'created_at_ms' ? 'k.created_at_ms - cast(substr(a.name, 6) as integer)' : `k."${name}"`;
  });
  client.exec(
    `insert into api_keys (${columns.map((name) => `"${name}"`).join(', ')})
     select ${copied.join(', ')} from api_keys k, service_accounts a
     where a.name in ('copy-00001', 'copy-02500', 'copy-04100')`,
  );
  const nowMs = NOW_MS + 20 * DAY_MS;
  const unused = (limit: number) => store.unusedKeys(mlPlatform.id, { unusedAfterDays: 90, nowMs, limit });
  expect((await unused(9)).map(({ keyId }) => keyId).slice(0, 3)).toEqual([
    'k-copy-04100',
    'k-copy-02500',
    'k-copy-00001',
  ]);
  expect(await unused(9)).toHaveLength(4);
  expect(await unused(1)).toHaveLength(1);
  await world.close();
});
