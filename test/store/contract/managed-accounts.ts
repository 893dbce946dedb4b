import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AccountListOptions } from '../../../src/application/ports/account-records.ts';
import {
  ada,
  auditEvent,
  ben,
  claimNotifications,
  cy,
  dee,
  dueSubjects,
  federatedAccount,
  impossibleEvent,
  insertCollectable,
  insertSending,
  NOW_MS,
  type OpenStore,
  openWorld,
  settlement,
  type World,
} from './world.ts';

export function describeManagedAccounts(openStore: OpenStore): void {
  let world: World;
  const list = (email: string, options: AccountListOptions = { limit: 10 }) =>
    world.store.listAccounts(email, options, NOW_MS);
  const revoke = (accountId: string, nowMs = NOW_MS + 1) =>
    world.store.revokeAccount(accountId, nowMs, auditEvent('service_account.revoked'));
  const settle = (deliveryId: string, outcome: 'accepted' | 'rejected') =>
    world.store.settleDelivery(settlement(deliveryId, outcome));

  describe('the accounts that a person manages', () => {
    beforeEach(async () => {
      world = await openWorld(openStore);
    });
    afterEach(() => world.close());

    it('are the active accounts of the teams that the person administers, by team and name', async () => {
      for (const [team, name] of [
        [world.vision, 'aaa-vision'],
        [world.mlPlatform, 'zzz-train'],
        [world.mlPlatform, 'eval'],
      ] as const) {
        await insertSending(world, team, { name });
      }
      const gone = await insertSending(world, world.mlPlatform, { name: 'gone' });
      await revoke(gone.account.id);
      const namesFor = async (email: string) =>
        (await list(email)).accounts.map(({ account }) => account.name);
      expect(await namesFor(cy.email)).toEqual(['eval', 'zzz-train', 'aaa-vision']);
      expect(await namesFor(ada.email)).toEqual(['eval', 'zzz-train']);
      expect(await namesFor(ben.email)).toEqual(['aaa-vision']);
      expect(await namesFor(dee.email)).toEqual([]);
    });

    it('are limited to one team if it is named, and counted beyond the limit', async () => {
      await insertSending(world, world.mlPlatform);
      await insertSending(world, world.mlPlatform);
      await insertSending(world, world.vision);
      expect(await list(cy.email, { teamName: 'ml-platform', limit: 1 })).toMatchObject({
        accounts: [{ account: { teamName: 'ml-platform' } }],
        total: 2,
      });
      expect(await list(ada.email, { teamName: 'vision', limit: 9 })).toMatchObject({
        accounts: [],
        total: 0,
      });
    });

    it('include on request those of teams in which the person has another role, as read-only', async () => {
      await insertSending(world, world.mlPlatform, { name: 'eval' });
      await insertSending(world, world.vision, { name: 'train' });
      const seenBy = async (email: string, teamName?: string) => {
        const options = { includesMemberTeams: true, limit: 9, ...(teamName !== undefined && { teamName }) };
        const { accounts, total } = await list(email, options);
        expect(total).toBe(accounts.length);
        return accounts.map(
          ({ account, isReadOnly }) => `${account.name}${isReadOnly ? ' (read-only)' : ''}`,
        );
      };
      expect(await seenBy(cy.email)).toEqual(['eval', 'train']);
      expect(await seenBy(ben.email)).toEqual(['eval (read-only)', 'train']);
      expect(await seenBy(ben.email, 'ml-platform')).toEqual(['eval (read-only)']);
      expect(await seenBy(ada.email)).toEqual(['eval']);
      expect(await seenBy(ada.email, 'vision')).toEqual([]);
      expect(await seenBy(dee.email)).toEqual([]);
    });

    it('come with their newest delivered key, or none before the first delivery', async () => {
      const sending = await insertSending(world, world.mlPlatform);
      expect((await list(ada.email)).accounts[0]?.key).toBeUndefined();
      await settle(sending.key.delivery.id, 'accepted');
      expect((await list(ada.email)).accounts[0]?.key).toEqual({
        keyId: sending.key.record.keyId,
        expiresAtMs: sending.key.record.expiresAtMs,
        revokedAtMs: undefined,
      });
    });

    it('come without an undelivered key, and federated accounts without any', async () => {
      await insertCollectable(world, world.mlPlatform);
      await world.store.insertAccount(
        federatedAccount(world.organizationId, world.mlPlatform, 'repo:acme/web'),
      );
      expect((await list(ada.email)).accounts.map(({ key }) => key)).toEqual([undefined, undefined]);
    });

    it('are found by name in all teams of the person or in the named team', async () => {
      await insertSending(world, world.mlPlatform, { name: 'eval' });
      await insertSending(world, world.vision, { name: 'eval' });
      const teamsFor = async (email: string, name: string, teamName?: string) =>
        (await world.store.findAccountsByName(email, name, teamName)).map((account) => account.teamName);
      expect(await teamsFor(cy.email, 'eval')).toEqual(['ml-platform', 'vision']);
      expect(await teamsFor(cy.email, 'eval', 'vision')).toEqual(['vision']);
      expect(await teamsFor(ada.email, 'eval')).toEqual(['ml-platform']);
      expect(await teamsFor(ada.email, 'eval', 'vision')).toEqual([]);
      expect(await teamsFor(ada.email, 'eva')).toEqual([]);
    });
  });

  describe('revoking an account', () => {
    beforeEach(async () => {
      world = await openWorld(openStore);
    });
    afterEach(() => world.close());

    it('happens once with one audit event, however often it is requested', async () => {
      const { account } = await insertSending(world, world.mlPlatform);
      const other = await world.another();
      const results = await Promise.all([
        revoke(account.id, NOW_MS + 5),
        other.revokeAccount(account.id, NOW_MS + 9, auditEvent('service_account.revoked')),
        revoke(account.id, NOW_MS + 9),
      ]);
      expect(results).toEqual(['revoked', 'already_revoked', 'already_revoked']);
      expect(await world.store.findAccount(account.id)).toEqual({
        ...account,
        state: 'revoked',
        revokedAtMs: NOW_MS + 5,
      });
      const records = await world.store.auditRecords();
      expect(records.filter(({ action }) => action === 'service_account.revoked')).toHaveLength(1);
    });

    it('reports an account that doesn’t exist', async () => {
      expect(await revoke('sa_nowhere')).toBe('not_found');
    });

    it('closes the account’s open collections', async () => {
      const { inserted, collection } = await insertCollectable(world, world.mlPlatform);
      await revoke(inserted.account.id);
      expect(await world.store.findCollection(collection.id)).toMatchObject({
        state: 'closed',
      });
      expect(await world.store.openCollections(ada.slackUserId, NOW_MS + 2)).toEqual([]);
    });

    it('revokes the account’s active keys and keeps the time of keys that were revoked before', async () => {
      const { inserted } = await insertCollectable(world, world.mlPlatform, NOW_MS);
      const sending = await insertSending(world, world.mlPlatform);
      const bystander = await insertSending(world, world.mlPlatform);
      await revoke(inserted.account.id, NOW_MS + 5);
      await revoke(sending.account.id, NOW_MS + 5);
      const revokedAtMs = [inserted, sending, bystander].map(({ key }) =>
        world.keyRevokedAtMs(key.record.keyId),
      );
      expect(revokedAtMs).toEqual([NOW_MS, NOW_MS + 5, null]);
    });

    it('leaves an open delivery to be settled, which then opens no collection', async () => {
      const { account, key } = await insertSending(world, world.mlPlatform);
      await revoke(account.id);
      expect(await dueSubjects(world.store, 'delivery', NOW_MS + 60_000)).toEqual([key.delivery.id]);
      const settled = { settled: true, collection: undefined, state: 'revoked' };
      expect(await settle(key.delivery.id, 'rejected')).toEqual(settled);
      expect(await claimNotifications(world.store)).toEqual([]);
    });

    it('doesn’t happen when its audit event can’t be written', async () => {
      const { account } = await insertSending(world, world.mlPlatform);
      await expect(
        world.store.revokeAccount(account.id, NOW_MS, impossibleEvent('service_account.revoked')),
      ).rejects.toThrow('NaN');
      expect(await world.store.findAccount(account.id)).toEqual(account);
    });
  });
}
