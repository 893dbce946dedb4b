import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  ada,
  auditEvent,
  cy,
  DAY_MS,
  dueSubjects,
  federatedAccount,
  ISSUER,
  impossibleEvent,
  insertSending,
  keyAccount,
  NOW_MS,
  type OpenStore,
  openWorld,
  settlement,
  type World,
  withoutTeam,
} from './world.ts';

export function describeAccounts(openStore: OpenStore): void {
  let world: World;
  const insert = (account: Parameters<World['store']['insertAccount']>[0]) =>
    world.store.insertAccount(account);
  const key = (overrides: Parameters<typeof keyAccount>[2] = {}) =>
    keyAccount(world.organizationId, world.mlPlatform, overrides);
  const federated = (subject: string, overrides: Parameters<typeof federatedAccount>[3] = {}) =>
    federatedAccount(world.organizationId, world.mlPlatform, subject, overrides);
  const revoke = (accountId: string, nowMs: number) =>
    world.store.revokeAccount(accountId, nowMs, auditEvent('service_account.revoked'));

  describe('inserting an account', () => {
    beforeEach(async () => {
      world = await openWorld(openStore);
    });
    afterEach(() => world.close());

    it('stores the account as given and appends its audit event', async () => {
      const inserted = key();
      expect(await insert(inserted)).toEqual({ ok: true });
      expect(await world.store.findAccount(inserted.account.id)).toEqual(inserted.account);
      const record = (await world.store.auditRecords()).at(-1);
      expect(record).toMatchObject(inserted.auditEvent);
    });

    it('stores an external identity exactly and creates no key', async () => {
      const inserted = federated('repo:Acme/Web:ref:refs/heads/main', { usedBy: 'CI', purpose: undefined });
      expect(await insert(inserted)).toEqual({ ok: true });
      expect(await world.store.findAccount(inserted.account.id)).toEqual(inserted.account);
      expect(await world.store.earlierSubmission(inserted.submissionId)).toEqual({
        account: inserted.account,
        keyId: undefined,
        delivery: 'none',
      });
    });

    it('creates no second account for a repeated form and returns the first result', async () => {
      const first = key({ submissionId: 'sub_same' });
      await insert(first);
      const again = key({ submissionId: 'sub_same' });
      expect(await insert(again)).toEqual({
        ok: false,
        reason: 'already_submitted',
        earlier: { account: first.account, keyId: first.key.record.keyId, delivery: 'sending' },
      });
      expect(await world.store.findAccount(again.account.id)).toBeUndefined();
    });

    it.each([
      { outcome: 'accepted', delivery: 'delivered' },
      { outcome: 'rejected', delivery: 'failed' },
      { outcome: 'unknown', delivery: 'failed' },
    ] as const)(
      'returns for a repeated form that its key’s delivery is $delivery',
      async ({ outcome, delivery }) => {
        const first = await insertSending(world, world.mlPlatform);
        await world.store.settleDelivery(settlement(first.key.delivery.id, outcome));
        const earlier = await world.store.earlierSubmission(first.submissionId);
        expect(earlier).toMatchObject({ keyId: first.key.record.keyId, delivery });
      },
    );

    it('creates one account when two replicas get the same form ten times at once', async () => {
      const other = await world.another();
      const results = await Promise.all(
        Array.from({ length: 10 }, (_, number) =>
          (number % 2 === 0 ? world.store : other).insertAccount(key({ submissionId: 'sub_race' })),
        ),
      );
      expect(results.filter(({ ok }) => ok)).toHaveLength(1);
      expect(results.filter((result) => !result.ok && result.reason === 'already_submitted')).toHaveLength(9);
    });

    it('gives the name to one account when several forms ask for it at once', async () => {
      const other = await world.another();
      const results = await Promise.all([
        insert(key({ name: 'nightly-eval' })),
        other.insertAccount(key({ name: 'nightly-eval' })),
      ]);
      expect(results).toEqual([{ ok: true }, { ok: false, reason: 'name_taken' }]);
    });

    it('accepts a name that an account of another team has', async () => {
      await insert(key({ name: 'nightly-eval' }));
      const elsewhere = keyAccount(world.organizationId, world.vision, { name: 'nightly-eval' });
      expect(await insert(elsewhere)).toEqual({ ok: true });
    });

    it('accepts a revoked account’s name at once, whatever the clock did since', async () => {
      for (const createdAtMs of [NOW_MS, NOW_MS, NOW_MS - DAY_MS, NOW_MS + DAY_MS]) {
        const next = key({ name: 'nightly-eval', createdAtMs });
        expect(await insert(next)).toEqual({ ok: true });
        expect(await insert(key({ name: 'nightly-eval' }))).toEqual({ ok: false, reason: 'name_taken' });
        await revoke(next.account.id, NOW_MS + 1);
      }
    });

    it('accepts the name and subject of a revoked federated account at once', async () => {
      const first = federated('repo:acme/web', { name: 'web-deploy' });
      await insert(first);
      await revoke(first.account.id, NOW_MS + 1);
      const second = federated('repo:acme/web', { name: 'web-deploy', createdAtMs: NOW_MS + 2 });
      expect(await insert(second)).toEqual({ ok: true });
    });

    it('refuses an external identity that another account of the organization has', async () => {
      await insert(federated('repo:acme/web'));
      const elsewhere = federatedAccount(world.organizationId, world.vision, 'repo:acme/web');
      expect(await insert(elsewhere)).toEqual({ ok: false, reason: 'subject_taken' });
      expect(await insert(federated('repo:acme/Web'))).toEqual({ ok: true });
    });

    it('refuses a team that is archived or doesn’t exist', async () => {
      await world.store.applyOrganization(withoutTeam('ml-platform'), NOW_MS);
      expect(await insert(key())).toEqual({ ok: false, reason: 'team_archived' });
      expect(await insert(key({ teamId: 'team_nowhere' }))).toEqual({ ok: false, reason: 'team_archived' });
    });

    it('reports the first reason in order: repeated form, archived team, name, subject', async () => {
      const first = federated('repo:acme/web', { name: 'web-deploy' });
      await insert(first);
      const clashing = federated('repo:acme/web', { name: 'web-deploy' });
      expect(await insert(clashing)).toEqual({ ok: false, reason: 'name_taken' });
      await world.store.applyOrganization(withoutTeam('ml-platform'), NOW_MS);
      expect(await insert(clashing)).toEqual({ ok: false, reason: 'team_archived' });
      const repeated = { ...clashing, submissionId: first.submissionId };
      expect(await insert(repeated)).toMatchObject({ ok: false, reason: 'already_submitted' });
    });

    it('writes nothing when it refuses the account', async () => {
      await insert(key({ name: 'nightly-eval' }));
      const before = await world.store.auditRecords();
      const refused = key({ name: 'nightly-eval' });
      await insert(refused);
      expect(await world.store.auditRecords()).toEqual(before);
      expect(await world.store.earlierSubmission(refused.submissionId)).toBeUndefined();
    });

    it('writes no account when its audit event can’t be written', async () => {
      const inserted = key({ name: 'nightly-eval' });
      const failing = { ...inserted, auditEvent: impossibleEvent('service_account.created') };
      await expect(insert(failing)).rejects.toThrow('NaN');
      expect(await world.store.findAccount(inserted.account.id)).toBeUndefined();
      expect(await dueSubjects(world.store, 'delivery', NOW_MS + DAY_MS)).toEqual([]);
      expect(await insert(inserted)).toEqual({ ok: true });
    });

    it('throws and writes nothing when the key ID is taken or the pepper or issuer is missing', async () => {
      const first = key();
      await insert(first);
      const second = key();
      const record = { ...second.key.record, keyId: first.key.record.keyId };
      await expect(insert({ ...second, key: { ...second.key, record } })).rejects.toThrow();
      const pepperless = { ...second.key.record, pepperVersion: 9 };
      await expect(insert({ ...second, key: { ...second.key, record: pepperless } })).rejects.toThrow();
      const stray = federated('x', { externalIdentity: { issuer: `${ISSUER}/`, subject: 'x' } });
      await expect(insert(stray)).rejects.toThrow();
      const { total } = await world.store.listAccounts(cy.email, { limit: 9 }, NOW_MS);
      expect(total).toBe(1);
      expect(await world.store.listAccounts(ada.email, { limit: 9 }, NOW_MS)).toMatchObject({
        accounts: [{ account: { id: first.account.id } }],
      });
    });
  });
}
