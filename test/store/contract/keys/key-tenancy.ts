import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { KeyStore } from '../../../../src/application/keys/key-store.ts';
import type { Store } from '../../../../src/application/ports/store.ts';
import { ada, auditEvent, insertSending, NOW_MS, type OpenStore, openWorld, type World } from '../world.ts';
import { newKey } from './account-keys.ts';

/** IDs of the first organization, which the second one passes. */
interface Known {
  accountId: string;
  keyId: string;
}

/** Every method, called with the first organization's IDs, and what the second one gets. */
const CALLS: Record<
  keyof KeyStore,
  { ask: (store: Store, known: Known) => Promise<unknown>; gets: unknown }
> = {
  accountKeys: { ask: (store, { accountId }) => store.accountKeys(accountId), gets: [] },
  insertKey: {
    ask: (store, { accountId }) => store.insertKey(newKey(accountId)),
    gets: { ok: false, reason: 'account_revoked' },
  },
  renameKey: {
    ask: (store, known) =>
      store.renameKey({ ...known, name: 'other', auditEvent: auditEvent('api_key.renamed') }),
    gets: 'not_found',
  },
  revokeKey: {
    ask: (store, known) =>
      store.revokeKey({
        ...known,
        by: ada,
        nowMs: NOW_MS,
        auditEvent: auditEvent('api_key.revoked'),
        notification: undefined,
      }),
    gets: 'not_found',
  },
};

export function describeKeyTenancy(openStore: OpenStore): void {
  describe('keys of another organization in the same database', () => {
    let world: World;
    let globex: Store;
    let known: Known;
    beforeEach(async () => {
      world = await openWorld(openStore);
      const { account, key } = await insertSending(world, world.mlPlatform);
      known = { accountId: account.id, keyId: key.record.keyId };
      globex = await world.stores.openOrganization('globex', NOW_MS);
    });
    afterEach(() => world.close());

    it.each(Object.keys(CALLS) as (keyof KeyStore)[])('aren’t reached by %s', async (method) => {
      const { ask, gets } = CALLS[method];
      const before = await world.store.accountKeys(known.accountId);

      expect(await ask(globex, known)).toEqual(gets);
      expect(await world.store.accountKeys(known.accountId)).toEqual(before);
    });
  });
}
