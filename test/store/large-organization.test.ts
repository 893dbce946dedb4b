import { expect, it } from 'vitest';
import { countedAccounts } from '../../src/application/ports/account-records.ts';
import { DAY_MS, insertSending, NOW_MS, settlement } from './contract/world.ts';
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

it('a list counts to 1,000, or to the end of its page, and shows that there are more', async () => {
  const { store } = await openLargeWorld(1_100);
  for (const email of ['ada@acme.test', 'cy@acme.test']) {
    const first = await store.listAccounts(email, { limit: 15 });
    expect([first.accounts.length, first.total]).toEqual([15, 1_001]);
    const offset = 1_050;
    const late = await store.listAccounts(email, { limit: 15, offset });
    expect([late.accounts.length, late.total]).toEqual([15, countedAccounts({ limit: 15, offset }) + 1]);
    const last = await store.listAccounts(email, { limit: 15, offset: 1_095 });
    expect([last.accounts.length, last.total]).toEqual([6, 1_101]);
    const names = [...late.accounts, ...last.accounts].map(({ account }) => account.name);
    expect(names).toEqual(names.toSorted());
  }
});

it('a page continues in the next team where it ends within one', async () => {
  const world = await openLargeWorld(20);
  const vision = await insertSending(world, world.vision);
  for (const email of ['ada@acme.test', 'cy@acme.test']) {
    const all = (await world.store.listAccounts(email, { limit: 100 })).accounts.map(
      ({ account }) => account.id,
    );
    const pages = [];
    for (let offset = 0; offset < all.length; offset += 4) {
      const { accounts } = await world.store.listAccounts(email, { limit: 4, offset });
      pages.push(...accounts.map(({ account }) => account.id));
    }
    expect(pages).toEqual(all);
    expect(all.includes(vision.account.id)).toBe(email === 'cy@acme.test');
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
  const { client, store, mlPlatform, organizationId, ...world } = await openLargeWorld(1_100);
  const { keyId, deliveryId } = client
    .prepare('select key_id as keyId, id as deliveryId from deliveries')
    .get() as { keyId: string; deliveryId: string };
  await store.settleDelivery(settlement(deliveryId, 'accepted'));
  const scope = { email: 'ada@acme.test', slackUserId: 'U0ADA', administered: ['ml-platform'] };
  const care = (days: number) => {
    const nowMs = NOW_MS + days * DAY_MS;
    return store.homeCare(scope, { nowMs, expiresBeforeMs: nowMs + 14 * DAY_MS, limit: 5 });
  };
  expect((await care(80)).expiring).toMatchObject({ items: [{ keyId }], total: 1 });
  // Those of the team's last review, as long as nobody uses them.
  expect((await care(20)).unused.total).toBe(0);
  client
    .prepare(
      'insert into unused_reviews (organization_id, id, team_id, key_ids, created_at_ms) values (?, ?, ?, ?, ?)',
    )
    .run(organizationId, 'rev_1', mlPlatform.id, JSON.stringify(['gone', keyId]), NOW_MS);
  expect((await care(20)).unused).toMatchObject({ items: [{ keyId }], total: 1 });
  expect((await care(10)).unused.total).toBe(0);
  await world.close();
});
