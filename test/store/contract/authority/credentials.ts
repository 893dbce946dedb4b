import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { CredentialUse } from '../../../../src/application/ports/authority-store.ts';
import type { Person } from '../../../../src/domain/organization/person.ts';
import { begin, creation, failure, insertOnServer } from '../operations/operation-world.ts';
import {
  auditEvent,
  cy,
  DESIRED,
  federatedAccount,
  ISSUER,
  insertSending,
  NOW_MS,
  type OpenStore,
  openWorld,
  type World,
  withoutTeam,
} from '../world.ts';

const SUBJECT = 'repo:acme/web:ref:refs/heads/main';
const NEVER = { atMs: null, address: null, userAgent: null };

export function describeCredentials(openStore: OpenStore): void {
  describe('a credential that is shown', () => {
    let world: World;
    beforeEach(async () => {
      world = await openWorld(openStore);
    });
    afterEach(() => world.close());

    const revoke = (accountId: string) =>
      world.store.revokeAccount(accountId, NOW_MS + 5, auditEvent('service_account.revoked'));
    const findApiKey = (keyId: string) => world.store.findApiKey(keyId);
    const standing = (accountId: string) => world.store.accountStatus(accountId);
    const byIdentity = (issuer: string, subject: string) =>
      world.store.accountByIdentity({ issuer, subject });
    const insertFederated = async (scope: 'team' | 'organization' = 'team') => {
      const inserted = federatedAccount(world.organizationId, world.mlPlatform, SUBJECT, { scope });
      expect(await world.store.insertAccount(inserted)).toEqual({ ok: true });
      return inserted.account;
    };

    it('is known by its key ID, letter for letter, with its account, while that lives and afterwards', async () => {
      const { account, key } = await insertSending(world, world.mlPlatform);
      const { keyId, ...stored } = key.record;
      const live = { account, isTeamArchived: false, keyId, ...stored, revokedAtMs: undefined };
      expect(await findApiKey(keyId)).toEqual(live);
      const kept = { isTeamArchived: false, isIssuerRemoved: false };
      expect(await standing(account.id)).toEqual({ account, ...kept });
      for (const other of ['', keyId.toUpperCase(), `${keyId} `, `${keyId.slice(0, -1)}%`, account.id]) {
        expect(await findApiKey(other)).toBeUndefined();
        if (other !== account.id) expect(await standing(other)).toBeUndefined();
      }

      await revoke(account.id);
      const revoked = { ...account, status: 'revoked', revokedAtMs: NOW_MS + 5 };
      expect(await findApiKey(keyId)).toEqual({ ...live, account: revoked, revokedAtMs: NOW_MS + 5 });
      expect(await (await world.another()).findApiKey(keyId)).toMatchObject({
        account: { status: 'revoked' },
      });
      expect(await standing(account.id)).toEqual({ account: revoked, ...kept });
    });

    it('is known by its external identity, letter for letter, while the account lives', async () => {
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
      expect(await standing(account.id)).toMatchObject({ account: { status: 'revoked' } });
      const next = await insertFederated();
      expect((await byIdentity(ISSUER, SUBJECT))?.account.id).toBe(next.id);
    });

    it('tells that its team is archived, until the team is back', async () => {
      const { account, key } = await insertSending(world, world.mlPlatform);
      await insertFederated();
      const archivedFlags = async () => {
        const found = [
          await findApiKey(key.record.keyId),
          await standing(account.id),
          await byIdentity(ISSUER, SUBJECT),
        ];
        return found.map((one) => one?.isTeamArchived);
      };
      await world.store.applyOrganization(withoutTeam('ml-platform'), NOW_MS);
      expect(await archivedFlags()).toEqual([true, true, true]);
      await world.store.applyOrganization(DESIRED, NOW_MS);
      expect(await archivedFlags()).toEqual([false, false, false]);
    });

    it('tells that its issuer has left the teams file, until the issuer is back; keys have none', async () => {
      const { account } = await insertSending(world, world.mlPlatform);
      const federated = await insertFederated();
      const removedFlags = async () => {
        const found = [
          await standing(federated.id),
          await byIdentity(ISSUER, SUBJECT),
          await standing(account.id),
        ];
        return found.map((one) => one?.isIssuerRemoved);
      };
      const issuers = [{ url: `${ISSUER}/` }];
      await world.store.applyOrganization({ ...DESIRED, issuers }, NOW_MS);
      expect(await removedFlags()).toEqual([true, true, false]);
      await world.store.applyOrganization(DESIRED, NOW_MS);
      expect(await removedFlags()).toEqual([false, false, false]);
    });

    it('is nobody’s where the account is still being made or never was, or where another system checks the key', async () => {
      const identity = { issuer: ISSUER, subject: 'being made' };
      const creating = await begin(
        world,
        creation(world, { method: 'federated', externalIdentity: identity }),
      );
      expect(await standing(creating.account.id)).toBeUndefined();
      expect(await byIdentity(ISSUER, 'being made')).toBeUndefined();
      await world.store.failCreation({ ...failure(creating), ending: 'not_made' });
      expect(await standing(creating.account.id)).toBeUndefined();
      expect(await byIdentity(ISSUER, 'being made')).toBeUndefined();

      const { begun, delivery } = await insertOnServer(world);
      expect(await findApiKey(delivery.keyId)).toBeUndefined();
      expect(await standing(begun.account.id)).toMatchObject({ account: { status: 'active' } });
    });

    it('keeps its newest use and the account’s, whatever the order in which they are written', async () => {
      const { account, key } = await insertSending(world, world.mlPlatform);
      const other = await insertSending(world, world.vision);
      const { keyId } = key.record;
      const record = (...uses: CredentialUse[]) => world.store.recordUses(uses);
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
      await (await world.another()).recordUses([use(NOW_MS + 2)]);
      expect([world.lastUse({ keyId }), world.lastUse({ accountId: account.id })]).toEqual([
        seen(NOW_MS + 3),
        seen(NOW_MS + 3),
      ]);

      // An access token has no key; the key's own last use stays.
      await record(use(NOW_MS + 9, { keyId: undefined, userAgent: undefined }));
      expect(world.lastUse({ accountId: account.id })).toEqual(seen(NOW_MS + 9, null));
      await record(use(NOW_MS + 6));
      expect(world.lastUse({ keyId })).toEqual(seen(NOW_MS + 6));
      expect(world.lastUse({ accountId: account.id })).toEqual(seen(NOW_MS + 9, null));

      // Neither a key of another account nor one that is gone stops what comes with it.
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

/** By both lists, which agree. */
async function listedUses({ store }: World, person: Person) {
  const administered = await store.listAccounts(person.email, { limit: 9 });
  const ofTeams = await store.accountsOfTeams(['ml-platform', 'vision'], { limit: 9 });
  const uses = administered.accounts.map(({ lastUsedAtMs }) => lastUsedAtMs);
  expect(ofTeams.accounts.map(({ lastUsedAtMs }) => lastUsedAtMs)).toEqual(uses);
  return uses;
}
