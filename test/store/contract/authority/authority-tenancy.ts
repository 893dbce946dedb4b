import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AuthorityStore } from '../../../../src/application/ports/authority-store.ts';
import type { Store } from '../../../../src/application/ports/store.ts';
import { toIssuer } from '../../../../src/domain/federation/issuer.ts';
import { begin } from '../server-accounts/server-account-world.ts';
import {
  auditEvent,
  federatedAccount,
  ISSUER,
  insertCollectable,
  insertSending,
  NOW_MS,
  type OpenStore,
  openWorld,
  type World,
} from '../world.ts';
import { signingKey } from './issuers.ts';

type Write =
  | 'saveIssuerKeySet'
  | 'useAssertionOnce'
  | 'insertSigningKey'
  | 'deleteRetiredSigningKeys'
  | 'recordUses';
type Read = Exclude<keyof AuthorityStore, Write>;

/** IDs of the first organization, which the second one passes. */
interface Known {
  keyId: string;
  accountId: string;
  teamId: string;
}

const SUBJECT = 'repo:acme/web';
const JWKS = { keys: [{ kty: 'RSA', kid: 'kept', n: 'n', e: 'AQAB' }] };
const LATER_MS = NOW_MS * 2;
const assertion = (tokenId: string, nowMs = NOW_MS) => ({
  issuer: ISSUER,
  tokenId,
  expiresAtMs: LATER_MS,
  nowMs,
});

const READS: Record<Read, { ask: (store: AuthorityStore, known: Known) => Promise<unknown>; gets: unknown }> =
  {
    findApiKey: { ask: (store, { keyId }) => store.findApiKey(keyId), gets: undefined },
    accountStatus: {
      ask: (store, { accountId }) => store.accountStatus(accountId),
      gets: undefined,
    },
    accountByIdentity: {
      ask: (store) => store.accountByIdentity({ issuer: ISSUER, subject: SUBJECT }),
      gets: undefined,
    },
    issuer: { ask: (store) => store.issuer(ISSUER), gets: undefined },
    issuerKeySet: { ask: (store) => store.issuerKeySet(ISSUER), gets: undefined },
    signingKeys: { ask: (store) => store.signingKeys('access_token'), gets: [] },
    runTarget: {
      ask: (store) => store.runTarget({ teamName: 'ml-platform', projectName: 'benchmarks' }),
      gets: undefined,
    },
    findTeam: { ask: (store) => store.findTeam('ml-platform'), gets: undefined },
    teamPeople: { ask: (store, { teamId }) => store.teamPeople(teamId, { limit: 9 }), gets: [] },
    teamServiceAccounts: {
      ask: (store, { teamId }) => store.teamServiceAccounts(teamId, { limit: 9 }),
      gets: [],
    },
    queueLengths: {
      ask: (store) => store.queueLengths(),
      gets: {
        deliveries: 0,
        collections: 0,
        operations: 0,
        serverAccountsNeedingAdmin: 0,
        jobs: 0,
        failingJobs: 0,
        jobsByKind: [],
      },
    },
  };

/** Every method that writes, called with the first organization's IDs. It may return or throw. */
const WRITES: Record<Write, (store: AuthorityStore, known: Known) => Promise<unknown>> = {
  saveIssuerKeySet: (store) =>
    store.saveIssuerKeySet({
      issuer: toIssuer({ url: ISSUER }),
      jwks: { keys: [] },
      fetchedAtMs: LATER_MS,
    }),
  // A time at which all used assertions have expired.
  useAssertionOnce: (store) => store.useAssertionOnce(assertion('another', LATER_MS)),
  insertSigningKey: (store) =>
    store.insertSigningKey(signingKey(1, 'stranger'), auditEvent('signing_key.created')),
  deleteRetiredSigningKeys: (store) =>
    store.deleteRetiredSigningKeys({ purpose: 'access_token', nowMs: LATER_MS, signingNumber: 9 }, () =>
      auditEvent('signing_key.retired'),
    ),
  recordUses: (store, known) =>
    store.recordUses([{ ...known, atMs: LATER_MS, address: '192.0.2.1', userAgent: 'stranger' }], LATER_MS),
};

export function describeAuthorityTenancy(openStore: OpenStore): void {
  describe('another organization’s credentials in the same database', () => {
    let world: World;
    let globex: Store;
    let known: Known;
    beforeEach(async () => {
      world = await openWorld(openStore);
      const { store, organizationId, mlPlatform } = world;
      const { account, key } = await insertSending(world, mlPlatform);
      known = { accountId: account.id, keyId: key.record.keyId, teamId: account.teamId };
      await store.insertAccount(federatedAccount(organizationId, mlPlatform, SUBJECT));
      await insertCollectable(world, mlPlatform);
      await begin(world);
      await store.saveIssuerKeySet({
        issuer: toIssuer({ url: ISSUER }),
        jwks: JWKS,
        fetchedAtMs: NOW_MS,
      });
      await store.insertSigningKey(signingKey(1), auditEvent('signing_key.created'));
      await store.useAssertionOnce(assertion('used'));
      globex = await world.stores.openOrganization('globex', NOW_MS);
    });
    afterEach(() => world.close());

    it('are returned by no method that reads', async () => {
      for (const [name, { ask, gets }] of Object.entries(READS)) {
        expect({ name, got: await ask(globex, known) }).toEqual({ name, got: gets });
        // The owner gets something else, so the call above was a real test.
        expect({ name, got: await ask(world.store, known) }).not.toEqual({
          name,
          got: gets,
        });
      }
    });

    it('are changed by no method that writes, and the second organization can have equal ones', async () => {
      const snapshot = async () => {
        const results: unknown[] = [world.lastUse(known), world.lastUse({ accountId: known.accountId })];
        for (const { ask } of Object.values(READS)) {
          results.push(await ask(world.store, known));
        }
        return results;
      };
      // The second organization has the issuer too, so that its writes take effect.
      const desired = { admins: [], issuers: [{ url: ISSUER }], teams: [] };
      await globex.applyOrganization(desired, NOW_MS);
      const before = await snapshot();
      for (const [name, write] of Object.entries(WRITES)) {
        await write(globex, known).catch(() => undefined);
        expect({ name, after: await snapshot() }).toEqual({ name, after: before });
      }
      expect(await world.store.useAssertionOnce(assertion('used'))).toBe(false);

      expect(await globex.useAssertionOnce(assertion('used'))).toBe(true);
      expect(await globex.insertSigningKey(signingKey(1), auditEvent('signing_key.created'))).toBe(true);
    });
  });
}
