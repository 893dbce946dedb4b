import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { CredentialUse } from '../../../../src/application/ports/authority-store.ts';
import type { Person } from '../../../../src/domain/organization/person.ts';
import { abandonment, begin, creation, insertOnServer } from '../server-accounts/server-account-world.ts';
import {
  auditEvent,
  cy,
  DAY_MS,
  DESIRED,
  federatedAccount,
  ISSUER,
  insertSending,
  NOW_MS,
  type OpenStore,
  openWorld,
  settlement,
  type World,
  withoutTeam,
} from '../world.ts';

const SUBJECT = 'repo:acme/web:ref:refs/heads/main';
const NEVER = { atMs: null, address: null, userAgent: null };

export function describeCredentials(openStore: OpenStore): void {
  describe('finding a credential', () => {
    let world: World;
    beforeEach(async () => {
      world = await openWorld(openStore);
    });
    afterEach(() => world.close());

    const revoke = (accountId: string) =>
      world.store.revokeAccount(accountId, NOW_MS + 5, auditEvent('service_account.revoked'));
    const findApiKey = (keyId: string) => world.store.findApiKey(keyId);
    const statusOf = (accountId: string) => world.store.accountStatus(accountId);
    const byIdentity = (issuer: string, subject: string) =>
      world.store.accountByIdentity({ issuer, subject });
    const insertFederated = async (scope: 'team' | 'organization' = 'team') => {
      const inserted = federatedAccount(world.organizationId, world.mlPlatform, SUBJECT, { scope });
      expect(await world.store.insertAccount(inserted)).toEqual({ ok: true });
      return inserted.account;
    };

    it('finds a key by its exact key ID, also after its account was revoked', async () => {
      const { account, key } = await insertSending(world, world.mlPlatform);
      const { keyId, name: _, ...stored } = key.record;
      const live = {
        account,
        isTeamArchived: false,
        keyId,
        ...stored,
        revokedAtMs: undefined,
        isDelivered: false,
      };
      expect(await findApiKey(keyId)).toEqual(live);
      const kept = { isTeamArchived: false, isIssuerRemoved: false };
      expect(await statusOf(account.id)).toEqual({ account, ...kept });
      for (const other of ['', keyId.toUpperCase(), `${keyId} `, `${keyId.slice(0, -1)}%`, account.id]) {
        expect(await findApiKey(other)).toBeUndefined();
        if (other !== account.id) expect(await statusOf(other)).toBeUndefined();
      }

      await revoke(account.id);
      const revoked = { ...account, state: 'revoked', revokedAtMs: NOW_MS + 5 };
      expect(await findApiKey(keyId)).toEqual({ ...live, account: revoked, revokedAtMs: NOW_MS + 5 });
      expect(await (await world.another()).findApiKey(keyId)).toMatchObject({
        account: { state: 'revoked' },
      });
      expect(await statusOf(account.id)).toEqual({ account: revoked, ...kept });
    });

    it('reports a key as delivered once its delivery was accepted, whichever replica recorded it', async () => {
      const other = await world.another();
      const sent = await insertSending(world, world.mlPlatform);
      const bystander = await insertSending(world, world.mlPlatform);
      const { keyId } = sent.key.record;
      expect(await findApiKey(keyId)).toMatchObject({ isDelivered: false });

      const late = settlement(sent.key.delivery.id, 'accepted', NOW_MS + DAY_MS);
      await other.settleDelivery(late);
      expect(await findApiKey(keyId)).toMatchObject({ isDelivered: true });
      await other.settleDelivery(settlement(bystander.key.delivery.id, 'unknown'));
      expect(await findApiKey(bystander.key.record.keyId)).toMatchObject({ isDelivered: false });
    });

    it('finds an account by its exact external identity until it is revoked', async () => {
      const account = await insertFederated('organization');
      expect(account.scope).toBe('organization');
      const kept = { isTeamArchived: false, isIssuerRemoved: false };
      expect(await byIdentity(ISSUER, SUBJECT)).toEqual({ account, ...kept });
      for (const [issuer, subject] of [
        [ISSUER, SUBJECT.toUpperCase()],
        [ISSUER, `${SUBJECT} `],
        [ISSUER, 'repo:acme/*'],
        [ISSUER, ''],
        [`${ISSUER}/`, SUBJECT],
        [ISSUER.toUpperCase(), SUBJECT],
      ] as const) {
        expect(await byIdentity(issuer, subject)).toBeUndefined();
      }

      await revoke(account.id);
      expect(await byIdentity(ISSUER, SUBJECT)).toBeUndefined();
      expect(await statusOf(account.id)).toMatchObject({ account: { state: 'revoked' } });
      const next = await insertFederated();
      expect((await byIdentity(ISSUER, SUBJECT))?.account.id).toBe(next.id);
    });

    it('reports that the team is archived until it is restored', async () => {
      const { account, key } = await insertSending(world, world.mlPlatform);
      await insertFederated();
      const archivedFlags = async () => {
        const found = [
          await findApiKey(key.record.keyId),
          await statusOf(account.id),
          await byIdentity(ISSUER, SUBJECT),
        ];
        return found.map((one) => one?.isTeamArchived);
      };
      await world.store.applyOrganization(withoutTeam('ml-platform'), NOW_MS);
      expect(await archivedFlags()).toEqual([true, true, true]);
      await world.store.applyOrganization(DESIRED, NOW_MS);
      expect(await archivedFlags()).toEqual([false, false, false]);
    });

    it('reports that the issuer was removed until it is back, and never for keys', async () => {
      const { account } = await insertSending(world, world.mlPlatform);
      const federated = await insertFederated();
      const removedFlags = async () => {
        const found = [
          await statusOf(federated.id),
          await byIdentity(ISSUER, SUBJECT),
          await statusOf(account.id),
        ];
        return found.map((one) => one?.isIssuerRemoved);
      };
      const issuers = [{ url: `${ISSUER}/` }];
      await world.store.applyOrganization({ ...DESIRED, issuers }, NOW_MS);
      expect(await removedFlags()).toEqual([true, true, false]);
      await world.store.applyOrganization(DESIRED, NOW_MS);
      expect(await removedFlags()).toEqual([false, false, false]);
    });

    it('finds nothing for an account that is provisioning or missing, or a key that a W&B server verifies', async () => {
      const identity = { issuer: ISSUER, subject: 'being provisioned' };
      const creating = await begin(
        world,
        creation(world, { method: 'federated', externalIdentity: identity }),
      );
      expect(await statusOf(creating.account.id)).toBeUndefined();
      expect(await byIdentity(ISSUER, 'being provisioned')).toBeUndefined();
      await world.store.abandonCreation(abandonment(creating.server.id, { newCollection: undefined }));
      expect(await statusOf(creating.account.id)).toBeUndefined();
      expect(await byIdentity(ISSUER, 'being provisioned')).toBeUndefined();

      const { account, delivery } = await insertOnServer(world);
      expect(await findApiKey(delivery.keyId)).toBeUndefined();
      expect(await statusOf(account.id)).toMatchObject({ account: { state: 'active' } });
    });

    it('keeps the latest use of the key and of the account, in whatever order uses are written', async () => {
      const { account, key } = await insertSending(world, world.mlPlatform);
      const other = await insertSending(world, world.vision);
      const { keyId } = key.record;
      const record = (...uses: CredentialUse[]) => world.store.recordUses(uses, NOW_MS + 20);
      const use = (atMs: number, over: Partial<CredentialUse> = {}): CredentialUse => ({
        accountId: account.id,
        keyId,
        atMs,
        address: `10.0.0.${atMs - NOW_MS}`,
        userAgent: 'wandb/0.20',
        ...over,
      });
      const seen = (atMs: number, userAgent: string | null = 'wandb/0.20') => ({
        atMs,
        address: `10.0.0.${atMs - NOW_MS}`,
        userAgent,
      });
      const before = await world.store.auditRecords();
      await record();
      expect(world.lastUse({ keyId })).toEqual(NEVER);

      await record(use(NOW_MS + 3), use(NOW_MS + 1), use(NOW_MS + 2));
      await (await world.another()).recordUses([use(NOW_MS + 2)], NOW_MS + 20);
      expect([world.lastUse({ keyId }), world.lastUse({ accountId: account.id })]).toEqual([
        seen(NOW_MS + 3),
        seen(NOW_MS + 3),
      ]);

      // An access token has no key, so the key's last use stays.
      await record(use(NOW_MS + 9, { keyId: undefined, userAgent: undefined }));
      expect(world.lastUse({ accountId: account.id })).toEqual(seen(NOW_MS + 9, null));
      await record(use(NOW_MS + 6));
      expect(world.lastUse({ keyId })).toEqual(seen(NOW_MS + 6));
      expect(world.lastUse({ accountId: account.id })).toEqual(seen(NOW_MS + 9, null));

      // A key of another account or a missing key doesn't stop the other uses from being recorded.
      await record(
        use(NOW_MS + 10, { keyId: other.key.record.keyId }),
        use(NOW_MS + 11, { accountId: 'sa_none', keyId: 'none' }),
        use(NOW_MS + 12),
      );
      expect(world.lastUse({ keyId: other.key.record.keyId })).toEqual(NEVER);
      expect(world.lastUse({ keyId })).toEqual(seen(NOW_MS + 12));
      expect(await world.store.auditRecords()).toEqual(before);

      const listed = await listedUses(world, cy);
      expect(listed).toEqual([NOW_MS + 12, undefined]);
    });
  });
}

/** The last use that both lists show; they must agree. */
async function listedUses({ store }: World, person: Person) {
  const administered = await store.listAccounts(person.email, { limit: 9 }, NOW_MS);
  const ofTeams = await store.accountsOfTeams(['ml-platform', 'vision'], { limit: 9 }, NOW_MS);
  const uses = administered.accounts.map(({ lastUsedAtMs }) => lastUsedAtMs);
  expect(ofTeams.accounts.map(({ lastUsedAtMs }) => lastUsedAtMs)).toEqual(uses);
  return uses;
}
