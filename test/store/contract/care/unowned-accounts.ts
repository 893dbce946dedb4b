import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ServiceAccount } from '../../../../src/domain/accounts/service-account.ts';
import { postponeDue } from '../jobs.ts';
import {
  ada,
  auditEvent,
  ben,
  claimDue,
  claimNotifications,
  DAY_MS,
  dueSubjects,
  insertSending,
  NOW_MS,
  type OpenStore,
  openWorld,
  type World,
} from '../world.ts';

export function describeUnownedAccounts(openStore: OpenStore): void {
  describe('accounts whose contact leaves', () => {
    let world: World;
    let account: ServiceAccount;
    beforeEach(async () => {
      world = await openWorld(openStore);
      account = (await insertSending(world, world.mlPlatform, { contact: ben.slackUserId })).account;
    });
    afterEach(() => world.close());

    const left = () => ({ contact: ben.slackUserId, teamId: world.mlPlatform.id });
    const eventOf = () => auditEvent('service_account.unowned');
    const mark = (store = world.store, nowMs = NOW_MS) =>
      store.markUnowned({ ...left(), places: [{ email: ada.email }], nowMs, eventOf });
    const back = (nowMs: number) => ({
      ...left(),
      nowMs,
      eventOf: () => auditEvent('service_account.owned_again'),
    });
    const takeOver = (store = world.store) =>
      store.takeOver({
        accountId: account.id,
        by: ada.slackUserId,
        nowMs: NOW_MS,
        auditEvent: auditEvent('service_account.taken_over'),
      });
    const cardId = (round = 0, markedAtMs = NOW_MS) =>
      `${world.mlPlatform.id}/${ben.slackUserId}/${markedAtMs}-${round}`;

    it('are listed by their distinct contacts, in parts, with their teams', async () => {
      await insertSending(world, world.mlPlatform, { contact: ben.slackUserId });
      await insertSending(world, world.vision, { contact: ben.slackUserId });
      await insertSending(world, world.vision, { contact: ada.slackUserId });
      const [first, ...others] = await world.store.contactsToCheck({ after: '', limit: 1 });
      expect([first?.contact, others]).toEqual([ada.slackUserId, []]);
      const [second] = await world.store.contactsToCheck({ after: ada.slackUserId, limit: 9 });
      expect(second?.teams.map(({ name }) => name).sort()).toEqual(['ml-platform', 'vision']);
      expect(second?.teams.every(({ isUnowned }) => !isUnowned)).toBe(true);
    });

    it('have scopes, which say which admins can take them over', async () => {
      expect(await world.store.contactScopes(left())).toEqual(['team']);
      await insertSending(world, world.mlPlatform, { contact: ben.slackUserId, scope: 'organization' });
      expect((await world.store.contactScopes(left())).toSorted()).toEqual(['organization', 'team']);
      const globex = await world.stores.openOrganization('globex', NOW_MS);
      expect(await globex.contactScopes(left())).toEqual([]);
    });

    it('are marked once, with one card and one event each, whichever process is first', async () => {
      const other = await world.another();
      expect((await Promise.all([mark(), mark(other)])).sort()).toEqual([0, 1]);
      expect(await dueSubjects(world.store, 'card')).toEqual([`unowned:${cardId()}:${ada.email}`]);
      expect(await world.store.unownedCard(cardId())).toMatchObject({
        contact: ben.slackUserId,
        teamName: 'ml-platform',
        accounts: [{ id: account.id }],
        more: 0,
      });
      expect(await world.store.contactsToCheck({ after: '', limit: 9 })).toMatchObject([
        { contact: ben.slackUserId, teams: [{ isUnowned: true, hasUnowned: true }] },
      ]);
      await insertSending(world, world.mlPlatform, { contact: ben.slackUserId });
      expect(await world.store.contactsToCheck({ after: '', limit: 9 })).toMatchObject([
        { contact: ben.slackUserId, teams: [{ isUnowned: false, hasUnowned: true }] },
      ]);
    });

    it('have a new card and new reminders each time that their contact leaves', async () => {
      await mark();
      const [reminder] = await claimDue(world.store, 'unowned_reminder', NOW_MS + 14 * DAY_MS);
      expect(await world.store.markOwned(back(NOW_MS + DAY_MS))).toBe(1);
      await claimDue(world.store, 'card', NOW_MS + DAY_MS);
      const againMs = NOW_MS + 13 * DAY_MS;
      expect(await mark(world.store, againMs)).toBe(1);
      expect(await dueSubjects(world.store, 'card', againMs)).toContain(
        `unowned:${cardId(0, againMs)}:${ada.email}`,
      );
      // The reminder of the earlier departure was running.
      const earlier = { ...left(), teamName: 'ml-platform', markedAtMs: NOW_MS, round: 1, places: [] };
      expect(reminder?.payload).toMatchObject({ markedAtMs: NOW_MS });
      expect(await world.store.repeatUnowned({ ...earlier, nowMs: NOW_MS + 14 * DAY_MS })).toBe(false);
      const reminders = (days: number) => claimDue(world.store, 'unowned_reminder', againMs + days * DAY_MS);
      expect(await reminders(13.9)).toEqual([]);
      expect(await reminders(14)).toMatchObject([{ payload: { markedAtMs: againMs, round: 1 } }]);
    });

    it('go to the first person who takes over', async () => {
      expect(await takeOver()).toBe('not_unowned');
      await mark();
      const other = await world.another();
      expect((await Promise.all([takeOver(), takeOver(other)])).sort()).toEqual(['not_unowned', 'taken']);
      expect(await world.store.findAccount(account.id)).toMatchObject({ contact: ada.slackUserId });
      expect(await world.store.unownedCard(cardId())).toMatchObject({ accounts: [] });
    });

    it('are asked about again after 14 days and then weekly, until the contact is back', async () => {
      await mark();
      const reminders = (days: number) => claimDue(world.store, 'unowned_reminder', NOW_MS + days * DAY_MS);
      expect(await reminders(13.9)).toEqual([]);
      expect(await reminders(14)).toMatchObject([{ payload: { ...left(), markedAtMs: NOW_MS, round: 1 } }]);
      const again = {
        ...left(),
        teamName: 'ml-platform',
        markedAtMs: NOW_MS,
        places: [{ email: ada.email }],
      };
      const atMs = NOW_MS + 14 * DAY_MS;
      expect(await world.store.repeatUnowned({ ...again, round: 1, nowMs: atMs })).toBe(true);
      expect(await reminders(20.9)).toEqual([]);
      expect(await reminders(21)).toMatchObject([{ payload: { round: 2 } }]);
      expect(await world.store.markOwned(back(atMs))).toBe(1);
      expect(await world.store.markOwned(back(atMs))).toBe(0);
      expect(await world.store.repeatUnowned({ ...again, round: 2, nowMs: atMs })).toBe(false);
      expect((await dueSubjects(world.store, 'card', atMs)).sort()).toEqual(
        [0, 1].map((round) => `unowned:${cardId(round)}:${ada.email}`),
      );
    });

    it('have the notifications for their contact forwarded to the admins only while they are unowned', async () => {
      const payload = {
        message: 'key_revoked',
        accountId: account.id,
        keyId: 'key_1',
        keyName: 'key-1',
        revokedBy: ada.slackUserId,
        to: { slackUserId: ben.slackUserId },
        requestId: null,
      } as const;
      await world.store.forwardToAdmins(payload, NOW_MS);
      expect(await claimNotifications(world.store)).toEqual([]);
      await mark();
      await world.store.forwardToAdmins(payload, NOW_MS);
      expect(await claimNotifications(world.store)).toEqual([{ ...payload, to: { email: ada.email } }]);
    });

    it('have what is urgent forwarded to the admins in any case', async () => {
      const payload = {
        message: 'old_key_used',
        accountId: account.id,
        rotationId: 'rot_1',
        use: { atMs: NOW_MS, address: null, userAgent: null },
        to: { slackUserId: ben.slackUserId },
        requestId: null,
      } as const;
      const expiring = {
        message: 'key_expiring',
        accountId: account.id,
        keyId: 'key_1',
        daysBefore: 0,
        to: { slackUserId: ben.slackUserId },
        requestId: null,
      } as const;
      for (const urgent of [payload, expiring]) {
        await world.store.forwardToAdmins(urgent, NOW_MS);
        expect(await claimNotifications(world.store)).toEqual([{ ...urgent, to: { email: ada.email } }]);
      }
    });

    it('have their cards changed when an account ends', async () => {
      await mark();
      expect(await postponeDue(world.store, 'card')).toHaveLength(1);
      await world.store.revokeAccount(account.id, NOW_MS, auditEvent('service_account.revoked'));
      expect(await dueSubjects(world.store, 'card')).toEqual([`unowned:${cardId()}:${ada.email}`]);
      expect(await world.store.unownedCard(cardId())).toMatchObject({ accounts: [], takenOver: [] });
      expect(await takeOver()).toBe('ended');
    });

    it('aren’t visible to another organization, which can’t change them', async () => {
      await mark();
      const globex = await world.stores.openOrganization('globex', NOW_MS);
      expect(await globex.contactsToCheck({ after: '', limit: 9 })).toEqual([]);
      expect(await globex.unownedCard(cardId())).toBeUndefined();
      expect(await takeOver(globex)).toBe('ended');
      expect(await globex.markOwned({ ...left(), nowMs: NOW_MS, eventOf })).toBe(0);
    });

    it('have one job that checks their contacts, and one for a second look', async () => {
      await world.store.startContactChecks(NOW_MS);
      await world.store.startContactChecks(NOW_MS);
      const first = await claimDue(world.store, 'contact_check');
      expect(first).toMatchObject([{ payload: { after: '' } }]);
      await world.store.continueContactChecks({ after: 'U0ADA', runAtMs: NOW_MS });
      for (const job of first) await world.store.finishJob({ ...job, outcome: 'done', nowMs: NOW_MS });
      expect(await claimDue(world.store, 'contact_check')).toMatchObject([{ payload: { after: 'U0ADA' } }]);
      const second = { ...left(), teamName: 'ml-platform', runAtMs: NOW_MS + 1 };
      await world.store.recheckContact(second);
      await world.store.recheckContact(second);
      expect(await claimDue(world.store, 'contact_recheck', NOW_MS + 1)).toHaveLength(1);
    });
  });
}
