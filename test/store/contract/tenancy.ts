import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AccountStore } from '../../../src/application/accounts/revocation/account-store.ts';
import type { AuditStore } from '../../../src/application/audit/audit-store.ts';
import type { CardStore } from '../../../src/application/cards/card.ts';
import type { CareStore } from '../../../src/application/care/care-store.ts';
import type { HomeStore } from '../../../src/application/home/home-store.ts';
import type { KeyStore } from '../../../src/application/keys/key-store.ts';
import type { RotationStore } from '../../../src/application/keys/rotation-store.ts';
import type { LeakStore } from '../../../src/application/leaks/leak-store.ts';
import type { OutsideChangeStore } from '../../../src/application/outside-changes/outside-change-store.ts';
import type { AuthorityStore } from '../../../src/application/ports/authority-store.ts';
import type { JobStore } from '../../../src/application/ports/job-store.ts';
import type { ServerAccountStore } from '../../../src/application/ports/server-account-store.ts';
import type { Store } from '../../../src/application/ports/store.ts';
import type { UpstreamStore } from '../../../src/application/ports/upstream-store.ts';
import type { KeyReportStore } from '../../../src/application/reported-keys/key-report-store.ts';
import type { RequestStore } from '../../../src/application/requests/request-store.ts';
import type { TeamStore } from '../../../src/application/teams/team-store.ts';
import {
  ada,
  auditEvent,
  ben,
  claimNotifications,
  cy,
  DESIRED,
  insertCollectable,
  insertSending,
  keyAccount,
  keyRecord,
  NOW_MS,
  type OpenStore,
  openWorld,
  pendingDelivery,
  settlement,
  type World,
} from './world.ts';

type Write =
  | 'applyOrganization'
  | 'insertAccount'
  | 'revokeAccount'
  | 'settleDelivery'
  | 'beginCollection'
  | 'expireCollection'
  | 'appendAuditEvent'
  | 'insertSealedPepper';
/** The methods for a W&B server and what changes there, the authority, jobs, upstream credentials, policies, the Home tab and requests have tests of their own. */
/** The methods for a W&B server and what changes there, the authority, jobs, upstream credentials, policies and the Home tab have tests of their own. */
/** The care for accounts, a W&B server and what changes there, the authority, jobs, upstream credentials and policies have tests of their own. */
/** The methods for single accounts, a W&B server and what changes there, the authority, jobs, upstream credentials and policies have tests of their own. */
type Read = Exclude<
  keyof Store,
  | 'organizationId'
  | Write
  | keyof AccountStore
  | keyof ServerAccountStore
  | keyof OutsideChangeStore
  | keyof KeyStore
  | keyof RotationStore
  | keyof CareStore
  | keyof LeakStore
  | keyof AuditStore
  | keyof AuthorityStore
  | keyof JobStore
  | keyof UpstreamStore
  | keyof TeamStore
  | keyof CardStore
  | keyof HomeStore
  | keyof RequestStore
  | keyof KeyReportStore
>;

/** IDs of the first organization, which the second one passes. */
interface Known {
  account: { id: string; name: string; teamId: string };
  submissionId: string;
  deliveryId: string;
  collectionId: string;
}

/** Every method that reads, called with the first organization's IDs, and what the second one gets. */
const READS: Record<Read, { ask: (store: Store, known: Known) => Promise<unknown>; gets: unknown }> = {
  organizationAdmins: { ask: (store) => store.organizationAdmins(), gets: [] },
  teamAccess: { ask: (store) => store.teamAccess(ada.email, 'ml-platform'), gets: undefined },
  administeredTeams: {
    ask: (store) => store.administeredTeams(cy.email, { limit: 9 }),
    gets: { teams: [], total: 0 },
  },
  teamsOf: { ask: (store) => store.teamsOf(ben.email), gets: [] },
  teamAdmins: { ask: (store) => store.teamAdmins('ml-platform'), gets: [] },
  issuers: { ask: (store) => store.issuers(), gets: [] },
  earlierSubmission: {
    ask: (store, { submissionId }) => store.earlierSubmission(submissionId),
    gets: undefined,
  },
  findAccount: { ask: (store, { account }) => store.findAccount(account.id), gets: undefined },
  findAnyAccount: { ask: (store, { account }) => store.findAnyAccount(account.id), gets: undefined },
  findAccountsByName: {
    ask: (store, { account }) => store.findAccountsByName(cy.email, account.name, undefined),
    gets: [],
  },
  listAccounts: {
    ask: (store) => store.listAccounts(cy.email, { limit: 9 }, NOW_MS),
    gets: { accounts: [], total: 0, previous: undefined, next: undefined },
  },
  openDelivery: { ask: (store, { deliveryId }) => store.openDelivery(deliveryId), gets: undefined },
  findCollection: {
    ask: (store, { collectionId }) => store.findCollection(collectionId),
    gets: undefined,
  },
  keysOfAccount: { ask: (store, { account }) => store.keysOfAccount(account.id), gets: [] },
  openCollections: { ask: (store) => store.openCollections(ada.slackUserId, NOW_MS), gets: [] },
  auditRecords: {
    ask: async (store) => (await store.auditRecords()).map(({ action }) => action),
    gets: ['organization.created'],
  },
  sealedPeppers: { ask: (store) => store.sealedPeppers(), gets: [] },
};

/** Every method that writes, called with the first organization's IDs. It may return or throw. */
const WRITES: Record<Write, (store: Store, known: Known) => Promise<unknown>> = {
  applyOrganization: (store) => store.applyOrganization({ admins: [], issuers: [], teams: [] }, NOW_MS),
  insertAccount: (store, { account, submissionId }) => {
    const team = { id: account.teamId, name: 'ml-platform', subjects: [] };
    return store.insertAccount(keyAccount(store.organizationId, team, { name: account.name, submissionId }));
  },
  revokeAccount: (store, { account }) =>
    store.revokeAccount(account.id, NOW_MS, auditEvent('service_account.revoked')),
  settleDelivery: (store, { deliveryId }) => store.settleDelivery(settlement(deliveryId, 'unknown')),
  beginCollection: (store, { collectionId }) => {
    const record = keyRecord(NOW_MS);
    const key = { record, delivery: pendingDelivery(record, ada, collectionId) };
    return store.beginCollection(collectionId, key, NOW_MS, auditEvent('api_key.collection_started'));
  },
  expireCollection: (store, { collectionId }) => store.expireCollection(collectionId, NOW_MS * 2),
  appendAuditEvent: (store) => store.appendAuditEvent(auditEvent('interaction.refused')),
  insertSealedPepper: (store) => store.insertSealedPepper(1, 'other', NOW_MS),
};

export function describeTenancy(openStore: OpenStore): void {
  describe('another organization in the same database', () => {
    let world: World;
    let globex: Store;
    let known: Known;
    beforeEach(async () => {
      world = await openWorld(openStore);
      const sending = await insertSending(world, world.mlPlatform);
      const { collection } = await insertCollectable(world, world.mlPlatform);
      known = {
        account: sending.account,
        submissionId: sending.submissionId,
        deliveryId: sending.key.delivery.id,
        collectionId: collection.id,
      };
      globex = await world.stores.openOrganization('globex', NOW_MS);
    });
    afterEach(() => world.close());

    const snapshot = async (store: Store) => {
      const results: unknown[] = [];
      for (const { ask } of Object.values(READS)) results.push(await ask(store, known));
      return results;
    };

    it.each(Object.entries(READS))('gets nothing from %s', async (_, { ask, gets }) => {
      expect(await ask(globex, known)).toEqual(gets);
      // The owner gets something else, so the call above was a real test.
      expect(await ask(world.store, known)).not.toEqual(gets);
    });

    it.each(Object.entries(WRITES))('changes nothing through %s', async (_, write) => {
      const before = await snapshot(world.store);
      await write(globex, known).catch(() => undefined);
      expect(await snapshot(world.store)).toEqual(before);
      // Claiming is the only way to see a pending notification.
      expect(await claimNotifications(world.store)).toMatchObject([{ collectionId: known.collectionId }]);
    });

    it('can use the same names, people, subjects and IDs as the first', async () => {
      await globex.applyOrganization(DESIRED, NOW_MS);
      await globex.insertSealedPepper(1, 'sealed-1', NOW_MS);
      const access = await globex.teamAccess(ada.email, 'ml-platform');
      if (access === undefined) throw new Error('no team');
      const { id, name } = known.account;
      const twin = keyAccount(globex.organizationId, access.team, {
        id,
        name,
        submissionId: known.submissionId,
      });
      expect(await globex.insertAccount(twin)).toEqual({ ok: true });
      await globex.revokeAccount(id, NOW_MS, auditEvent('service_account.revoked'));
      expect(await world.store.findAccount(id)).toMatchObject({ state: 'active' });
      expect(await globex.findAccount(id)).toMatchObject({ state: 'revoked' });
    });
  });
}
