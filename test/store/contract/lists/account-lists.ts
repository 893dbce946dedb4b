import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AccountListOptions } from '../../../../src/application/ports/account-records.ts';
import {
  ada,
  auditEvent,
  ben,
  cy,
  DAY_MS,
  insertSending,
  NOW_MS,
  type OpenStore,
  openWorld,
  settlement,
  type World,
} from '../world.ts';

export function describeAccountLists(openStore: OpenStore): void {
  let world: World;
  const list = (email: string, options: Partial<AccountListOptions>, nowMs: number) =>
    world.store.listAccounts(email, { limit: 10, ...options }, nowMs);
  const namesOf = async (email: string, options: Partial<AccountListOptions>, nowMs = NOW_MS) =>
    (await list(email, options, nowMs)).accounts.map(({ account }) => account.name);
  const insert = async (name: string, team = world.mlPlatform) => {
    const inserted = await insertSending(world, team, { name });
    await world.store.settleDelivery(settlement(inserted.key.delivery.id, 'accepted'));
    return inserted;
  };
  const use = ({ account, key }: Awaited<ReturnType<typeof insert>>, atMs: number) =>
    world.store.recordUses(
      [
        {
          accountId: account.id,
          keyId: key.record.keyId,
          atMs,
          address: '192.0.2.1',
          userAgent: 'wandb/0.20',
        },
      ],
      atMs,
    );

  describe('a list of accounts with a status', () => {
    beforeEach(async () => {
      world = await openWorld(openStore);
    });
    afterEach(() => world.close());

    it('has the accounts whose names contain a text, in any letter case', async () => {
      for (const name of ['nightly-eval', 'weekly-eval', 'train']) await insert(name);
      await insert('eval', world.vision);
      expect(await namesOf(cy.email, { namePart: 'EVAL' })).toEqual(['nightly-eval', 'weekly-eval', 'eval']);
      expect(await namesOf(ada.email, { namePart: 'ly-' })).toEqual(['nightly-eval', 'weekly-eval']);
      expect(await namesOf(ada.email, { namePart: '%' })).toEqual([]);
      expect((await list(cy.email, { namePart: 'eval', limit: 1 }, NOW_MS)).total).toBe(3);
    });

    it('starts with the account that was quiet for the longest time', async () => {
      const [never, long, recent] = [await insert('never'), await insert('long'), await insert('recent')];
      expect(await namesOf(ada.email, { status: 'unused' }, NOW_MS + 13 * DAY_MS)).toEqual([]);
      await use(long, NOW_MS + DAY_MS);
      await use(recent, NOW_MS + 80 * DAY_MS);
      const late = NOW_MS + 100 * DAY_MS;
      expect(await namesOf(ada.email, { status: 'unused' }, late)).toEqual(['never', 'long']);
      expect(await namesOf(ben.email, { status: 'unused' }, late)).toEqual([]);
      const { accounts } = await list(ada.email, {}, late);
      expect(accounts.map(({ account, marks }) => [account.name, marks.includes('unused')])).toEqual([
        ['long', true],
        ['never', true],
        ['recent', false],
      ]);
      expect(never.account.name).toBe('never');
    });

    it('follows the policy of each team for silent accounts', async () => {
      const [one, other] = [await insert('one'), await insert('other', world.vision)];
      await use(one, NOW_MS + DAY_MS);
      await use(other, NOW_MS + DAY_MS);
      await world.store.applyPolicies(
        { organization: {}, teams: [{ name: 'vision', policy: { unusedAfterDays: 7 } }] },
        NOW_MS,
      );
      expect(await namesOf(cy.email, { status: 'unused' }, NOW_MS + 9 * DAY_MS)).toEqual(['other']);
    });

    it('has the accounts with a key that expires within 14 days, the first to expire first', async () => {
      const [soon] = [await insert('soon'), await insert('also')];
      const expiresAtMs = soon.key.record.expiresAtMs ?? 0;
      const twoWeeksBefore = expiresAtMs - 14 * DAY_MS;
      expect(await namesOf(ada.email, { status: 'expiring' }, twoWeeksBefore - 1)).toEqual([]);
      expect((await namesOf(ada.email, { status: 'expiring' }, twoWeeksBefore)).toSorted()).toEqual([
        'also',
        'soon',
      ]);
      const first = await list(ada.email, { status: 'expiring', limit: 1 }, twoWeeksBefore);
      expect([first.accounts.length, first.total, first.accounts[0]?.marks]).toEqual([
        1,
        2,
        ['expiring', 'unused'],
      ]);
      expect(await namesOf(ada.email, { status: 'expiring' }, expiresAtMs)).toEqual([]);
    });

    it('starts with the account that was revoked last, in the person’s teams only', async () => {
      const inserted = [await insert('first'), await insert('second'), await insert('third', world.vision)];
      for (const [index, { account }] of inserted.entries()) {
        await world.store.revokeAccount(account.id, NOW_MS + index, auditEvent('service_account.revoked'));
      }
      const late = NOW_MS + DAY_MS;
      expect(await namesOf(cy.email, { status: 'revoked' }, late)).toEqual(['third', 'second', 'first']);
      expect(await namesOf(ada.email, { status: 'revoked' }, late)).toEqual(['second', 'first']);
      expect(await namesOf(ada.email, {}, late)).toEqual([]);
      const page = await list(cy.email, { status: 'revoked', limit: 2 }, late);
      const next = await list(
        cy.email,
        { status: 'revoked', limit: 2, ...(page.next && { start: page.next }) },
        late,
      );
      expect(next.accounts.map(({ account }) => account.name)).toEqual(['first']);
      expect(next.next).toBeUndefined();
    });
  });

  describe('the recent uses of an account', () => {
    beforeEach(async () => {
      world = await openWorld(openStore);
    });
    afterEach(() => world.close());

    it('are those of its keys since a time, for its own organization', async () => {
      const inserted = await insert('eval');
      const { keyId } = inserted.key.record;
      await use(inserted, NOW_MS);
      expect(await world.store.usesSince(inserted.account.id, NOW_MS)).toEqual([
        {
          key: { keyId, name: inserted.key.record.name },
          atMs: NOW_MS,
          address: '192.0.2.1',
          userAgent: 'wandb/0.20',
        },
      ]);
      expect(await world.store.usesSince(inserted.account.id, NOW_MS + 1)).toEqual([]);
      const globex = await world.stores.openOrganization('globex', NOW_MS);
      expect(await globex.usesSince(inserted.account.id, 0)).toEqual([]);
    });
  });
}
