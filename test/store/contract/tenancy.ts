import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AuthorityStore } from '../../../src/application/ports/authority-store.ts';
import type { OperationStore } from '../../../src/application/ports/operation-store.ts';
import type { Store } from '../../../src/application/ports/store.ts';
import {
  ada,
  auditEvent,
  ben,
  claimAll,
  cy,
  DAY_MS,
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

/** Not of any one organization. */
type Shared = 'organizationName' | 'openOrganization' | 'ping' | 'close';
type Write =
  | 'applyOrganization'
  | 'insertAccount'
  | 'revokeAccount'
  | 'settleDelivery'
  | 'beginCollection'
  | 'claimCollectionNotifications'
  | 'markCollectionNotified'
  | 'appendAuditEvent'
  | 'insertSealedPepper';
/** What a backend on another system needs, and what the authority asks, have suites of their own. */
type Read = Exclude<keyof Store, Shared | Write | keyof OperationStore | keyof AuthorityStore>;

/** What the other organization has, for a stranger to ask for. */
interface Known {
  account: { id: string; name: string; teamId: string };
  submissionId: string;
  deliveryId: string;
  collectionId: string;
  revokedKeyId: string;
}

/** Every method that reads, asked for what the other organization has, and what a stranger gets. */
const READS: Record<
  Read,
  { ask: (store: Store, id: string, known: Known) => Promise<unknown>; gets: unknown }
> = {
  isOrganizationAdmin: { ask: (store, id) => store.isOrganizationAdmin(id, cy.email), gets: false },
  organizationAdmins: { ask: (store, id) => store.organizationAdmins(id), gets: [] },
  teamAccess: { ask: (store, id) => store.teamAccess(id, ada.email, 'ml-platform'), gets: undefined },
  administeredTeams: {
    ask: (store, id) => store.administeredTeams(id, cy.email, { limit: 9 }),
    gets: { teams: [], total: 0 },
  },
  teamsOf: { ask: (store, id) => store.teamsOf(id, ben.email), gets: [] },
  teamAdmins: { ask: (store, id) => store.teamAdmins(id, 'ml-platform'), gets: [] },
  issuers: { ask: (store, id) => store.issuers(id), gets: [] },
  earlierSubmission: {
    ask: (store, id, { submissionId }) => store.earlierSubmission(id, submissionId),
    gets: undefined,
  },
  findAccount: { ask: (store, id, { account }) => store.findAccount(id, account.id), gets: undefined },
  findAccountsByName: {
    ask: (store, id, { account }) => store.findAccountsByName(id, cy.email, account.name, undefined),
    gets: [],
  },
  listAccounts: {
    ask: (store, id) => store.listAccounts(id, cy.email, { limit: 9 }),
    gets: { accounts: [], total: 0 },
  },
  lapsedDeliveries: { ask: (store, id) => store.lapsedDeliveries(id, NOW_MS + DAY_MS), gets: [] },
  findCollection: {
    ask: (store, id, { collectionId }) => store.findCollection(id, collectionId),
    gets: undefined,
  },
  openCollections: { ask: (store, id) => store.openCollections(id, ada.slackUserId, NOW_MS), gets: [] },
  auditRecords: {
    ask: async (store, id) => (await store.auditRecords(id)).map(({ action }) => action),
    gets: ['organization.created'],
  },
  sealedPeppers: { ask: (store, id) => store.sealedPeppers(id), gets: [] },
};

/** Every method that writes, with the other organization's IDs. Whether it answers or throws is not the matter. */
const WRITES: Record<Write, (store: Store, id: string, known: Known) => Promise<unknown>> = {
  applyOrganization: (store, id) =>
    store.applyOrganization(id, { admins: [], issuers: [], teams: [] }, NOW_MS),
  insertAccount: (store, id, { account, submissionId }) => {
    const team = { id: account.teamId, name: 'ml-platform', subjects: [] };
    return store.insertAccount(id, keyAccount(id, team, { name: account.name, submissionId }));
  },
  revokeAccount: (store, id, { account }) =>
    store.revokeAccount(id, account.id, NOW_MS, auditEvent('service_account.revoked')),
  settleDelivery: (store, id, { deliveryId }) => store.settleDelivery(id, settlement(deliveryId, 'unknown')),
  beginCollection: (store, id, { collectionId }) => {
    const record = keyRecord(NOW_MS);
    const key = { record, delivery: pendingDelivery(record, ada, collectionId) };
    return store.beginCollection(id, collectionId, key, NOW_MS, auditEvent('api_key.collection_started'));
  },
  claimCollectionNotifications: (store, id, { collectionId }) =>
    store.claimCollectionNotifications(id, NOW_MS, { collectionId }),
  markCollectionNotified: (store, id, { collectionId, revokedKeyId }) =>
    store.markCollectionNotified(id, { collectionId, revokedKeyId, nowMs: NOW_MS }),
  appendAuditEvent: (store, id) => store.appendAuditEvent(id, auditEvent('interaction.refused')),
  insertSealedPepper: (store, id) => store.insertSealedPepper(id, 1, 'other', NOW_MS),
};

export function describeTenancy(openStore: OpenStore): void {
  describe('another organization in the same database', () => {
    let world: World;
    let globex: string;
    let known: Known;
    beforeEach(async () => {
      world = await openWorld(openStore);
      const sending = await insertSending(world, world.mlPlatform);
      const { collection, inserted } = await insertCollectable(world, world.mlPlatform);
      known = {
        account: sending.account,
        submissionId: sending.submissionId,
        deliveryId: sending.key.delivery.id,
        collectionId: collection.id,
        revokedKeyId: inserted.key.record.keyId,
      };
      globex = await world.store.openOrganization('globex', NOW_MS);
    });
    afterEach(() => world.close());

    const snapshot = async (id: string) => {
      const answers: unknown[] = [];
      for (const { ask } of Object.values(READS)) answers.push(await ask(world.store, id, known));
      return answers;
    };

    it.each(Object.entries(READS))('sees nothing through %s', async (_, { ask, gets }) => {
      expect(await ask(world.store, globex, known)).toEqual(gets);
      // The owner does see something there: the question is a real one.
      expect(await ask(world.store, world.organizationId, known)).not.toEqual(gets);
    });

    it.each(Object.entries(WRITES))('touches nothing through %s', async (_, write) => {
      const before = await snapshot(world.organizationId);
      await write(world.store, globex, known).catch(() => undefined);
      expect(await snapshot(world.organizationId)).toEqual(before);
      // What is to be told can only be seen by taking it.
      expect(await claimAll(world)).toMatchObject([{ collection: { id: known.collectionId } }]);
    });

    it('may use the same names, people, subjects and IDs as the first', async () => {
      await world.store.applyOrganization(globex, DESIRED, NOW_MS);
      await world.store.insertSealedPepper(globex, 1, 'sealed-1', NOW_MS);
      const standing = await world.store.teamAccess(globex, ada.email, 'ml-platform');
      if (standing === undefined) throw new Error('no team');
      const { id, name } = known.account;
      const twin = keyAccount(globex, standing.team, { id, name, submissionId: known.submissionId });
      expect(await world.store.insertAccount(globex, twin)).toEqual({ ok: true });
      await world.store.revokeAccount(globex, id, NOW_MS, auditEvent('service_account.revoked'));
      expect(await world.store.findAccount(world.organizationId, id)).toMatchObject({ status: 'active' });
      expect(await world.store.findAccount(globex, id)).toMatchObject({ status: 'revoked' });
    });
  });
}
