import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type {
  AccountDetails,
  EditAccount,
} from '../../../../src/application/accounts/revocation/account-store.ts';
import type { ServiceAccount } from '../../../../src/domain/accounts/service-account.ts';
import {
  ada,
  auditEvent,
  ben,
  claimNotifications,
  cy,
  dueSubjects,
  impossibleEvent,
  insertSending,
  NOW_MS,
  type OpenStore,
  openWorld,
  type World,
} from '../world.ts';

export function describeAccountEdits(openStore: OpenStore): void {
  describe('the details of an account', () => {
    let world: World;
    let account: ServiceAccount;
    beforeEach(async () => {
      world = await openWorld(openStore);
      account = (await insertSending(world, world.mlPlatform, { contact: ben.slackUserId })).account;
    });
    afterEach(() => world.close());

    const edited = (changes: Partial<AccountDetails>, before: AccountDetails = account): EditAccount => ({
      accountId: account.id,
      before: { purpose: before.purpose, usedBy: before.usedBy, contact: before.contact },
      after: { purpose: before.purpose, usedBy: before.usedBy, contact: before.contact, ...changes },
      nowMs: NOW_MS,
      auditEvent: auditEvent('service_account.edited'),
      notifications: [],
    });
    const read = () => world.store.findAccount(account.id);
    const edits = async () =>
      (await world.store.auditRecords()).filter(({ action }) => action === 'service_account.edited').length;

    it('change with one event and the notifications, in one transaction', async () => {
      const payload = {
        message: 'contact_assigned',
        accountId: account.id,
        assignedBy: ada.slackUserId,
        to: { slackUserId: cy.slackUserId },
        requestId: null,
      } as const;
      const edit = {
        ...edited({ purpose: undefined, usedBy: 'CI', contact: cy.slackUserId }),
        notifications: [{ payload, start: { atMs: NOW_MS } }],
      };
      const broken = { ...edit, auditEvent: impossibleEvent('service_account.edited') };
      await expect(world.store.editAccount(broken)).rejects.toThrow();
      expect(await read()).toEqual(account);

      expect(await world.store.editAccount(edit)).toBe(true);
      expect(await read()).toMatchObject({ purpose: undefined, usedBy: 'CI', contact: cy.slackUserId });
      expect(await edits()).toBe(1);
      expect(await claimNotifications(world.store)).toEqual([payload]);
    });

    it('of two edits at once, get the first one only', async () => {
      const other = await world.another();
      const [purpose, usedBy] = [edited({ purpose: 'Trains' }), edited({ usedBy: 'CI' })];
      const results = await Promise.all([world.store.editAccount(purpose), other.editAccount(usedBy)]);
      expect(results.toSorted()).toEqual([false, true]);
      expect(await edits()).toBe(1);
      const current = await read();
      expect([current?.purpose === 'Trains', current?.usedBy === 'CI'].toSorted()).toEqual([false, true]);
      expect(await world.store.editAccount(edited({ purpose: 'Serves' }, current))).toBe(true);
    });

    it('aren’t changed once the account has ended, nor by another organization', async () => {
      const globex = await world.stores.openOrganization('globex', NOW_MS);
      expect(await globex.editAccount(edited({ purpose: 'Theirs' }))).toBe(false);
      await world.store.revokeAccount(account.id, NOW_MS, auditEvent('service_account.revoked'));
      expect(await world.store.editAccount(edited({ purpose: 'Late' }))).toBe(false);
      expect(await edits()).toBe(0);
    });

    it('of an account without a contact: a new contact owns it, and the card says so', async () => {
      const left = { contact: ben.slackUserId, teamId: world.mlPlatform.id };
      await world.store.markUnowned({
        ...left,
        places: [{ email: ada.email }],
        nowMs: NOW_MS,
        eventOf: () => auditEvent('service_account.unowned'),
      });
      await dueSubjects(world.store, 'card');
      expect(await world.store.editAccount(edited({ purpose: 'Trains' }))).toBe(true);
      const cardId = `${left.teamId}/${left.contact}/0`;
      expect(await world.store.unownedCard(cardId)).toMatchObject({ accounts: [{ id: account.id }] });
      const current = await read();
      expect(await world.store.editAccount(edited({ contact: cy.slackUserId }, current))).toBe(true);
      expect(await world.store.unownedCard(cardId)).toMatchObject({
        accounts: [],
        takenOver: [{ name: account.name, contact: cy.slackUserId }],
      });
    });
  });
}
