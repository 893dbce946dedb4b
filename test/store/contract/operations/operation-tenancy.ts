import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { OperationStore } from '../../../../src/application/ports/operation-store.ts';
import type { Store } from '../../../../src/application/ports/store.ts';
import { auditEvent, NOW_MS, type OpenStore, openWorld, settlement, type World } from '../world.ts';
import {
  begin,
  completion,
  creation,
  failure,
  insertOnServer,
  LEASE_UNTIL_MS,
  removal,
  stalled,
  undoing,
} from './operation-world.ts';

const SERVER = { kind: 'wandb', address: 'https://wandb.acme.test/ml' } as const;

type Write = Exclude<keyof OperationStore, Read>;
type Read =
  | 'keysNotShownAtMs'
  | 'accountsOfTeams'
  | 'teamNames'
  | 'knownOnServer'
  | 'createdUnderName'
  | 'isKeyRevocationUnderWay';

/** IDs of the first organization, which the second one passes. */
interface Known {
  world: World;
  accountId: string;
  teamId: string;
  name: string;
  deliveryId: string;
  collectionId: string;
  operationId: string;
  failedOperationId: string;
}

const READS: Record<Read, { ask: (store: Store, known: Known) => Promise<unknown>; gets: unknown }> = {
  keysNotShownAtMs: { ask: (store) => store.keysNotShownAtMs(), gets: undefined },
  accountsOfTeams: {
    ask: (store) => store.accountsOfTeams(['ml-platform'], { limit: 9 }),
    gets: { accounts: [], total: 0 },
  },
  teamNames: { ask: (store) => store.teamNames(), gets: [] },
  knownOnServer: {
    ask: (store) => store.knownOnServer(['ml-platform']),
    gets: { memberIds: [], beingCreated: [] },
  },
  createdUnderName: {
    ask: (store, { teamId, name }) => store.createdUnderName({ teamId, name }),
    gets: { memberIds: [], isUnderWay: false },
  },
  isKeyRevocationUnderWay: {
    ask: (store, { deliveryId }) => store.isKeyRevocationUnderWay(deliveryId),
    gets: false,
  },
};

const held = ({ operationId }: Known) => ({ operationId, leaseUntilMs: LEASE_UNTIL_MS });
const written = () => ({ nowMs: NOW_MS, auditEvent: auditEvent('service_account.creation_failed') });

/** Every method that writes, called with the first organization's IDs. It may return or throw. */
const WRITES: Record<Write, (store: Store, known: Known) => Promise<unknown>> = {
  claimBackend: (store) => store.claimBackend({ kind: 'builtin' }),
  recordKeysNotShown: (store) => store.recordKeysNotShown(undefined),
  ensureTeam: (store) => store.ensureTeam('ml-platform', NOW_MS),
  beginCreation: (store, { world }) => store.beginCreation(creation(world)),
  beginRecreation: (store, { collectionId }) =>
    store.beginRecreation({
      operationId: 'op_stranger',
      collectionId,
      membersBefore: [],
      leaseUntilMs: LEASE_UNTIL_MS,
      ...written(),
    }),
  recordServerIdentity: (store, known) => {
    const server = { memberId: 'member-stranger', clientId: undefined };
    return store.recordServerIdentity({ ...held(known), server, nowMs: NOW_MS });
  },
  completeCreation: (store, known) => store.completeCreation(completion(held(known))),
  abandonCreation: (store, known) => store.abandonCreation({ ...held(known), ...written() }),
  failCreation: (store, known) => store.failCreation(failure(held(known))),
  undoCreation: (store, known) => store.undoCreation(undoing(held(known))),
  queueEndingNotification: (store, { operationId }) => store.queueEndingNotification(operationId),
  beginRemoval: (store, { accountId }) => store.beginRemoval(removal(accountId)),
  completeRemoval: (store, { operationId }) =>
    store.completeRemoval({
      operationId,
      server: { memberId: undefined, clientId: undefined },
      ...written(),
    }),
  failRemoval: (store, known) => store.failRemoval({ ...held(known), ...written() }),
  claimLapsedOperations: (store) => store.claimLapsedOperations(NOW_MS * 2, { limit: 9 }),
  postponeOperation: (store, known) => store.postponeOperation({ ...held(known), nowMs: NOW_MS * 2 }),
  claimKeyRevocation: (store, { deliveryId }) =>
    store.claimKeyRevocation({ deliveryId, leaseUntilMs: NOW_MS + 60_000, stalled: stalled(), ...written() }),
  claimLateChecks: (store) => store.claimLateChecks(NOW_MS * 2, { limit: 9 }),
  recordLateEffect: (store, { failedOperationId: operationId }) =>
    store.recordLateEffect({ operationId, ...written() }),
  claimEndingNotifications: (store) => store.claimEndingNotifications(NOW_MS, { limit: 9 }),
  markEndingNotified: (store, { failedOperationId }) =>
    store.markEndingNotified({ operationId: failedOperationId, kind: 'not_made', nowMs: NOW_MS }),
};

export function describeOperationTenancy(openStore: OpenStore): void {
  describe('another organization’s operations in the same database', () => {
    let world: World;
    let globex: Store;
    let known: Known;
    beforeEach(async () => {
      world = await openWorld(openStore);
      const { store } = world;
      await store.claimBackend(SERVER);
      await store.recordKeysNotShown(NOW_MS);
      const { begun, delivery } = await insertOnServer(world);
      const { id: deliveryId, leaseUntilMs } = delivery;
      await store.claimKeyRevocation({ deliveryId, leaseUntilMs, stalled: stalled(), ...written() });
      const undelivered = await insertOnServer(world);
      const settled = await store.settleDelivery(settlement(undelivered.delivery.id, 'unknown'));
      const failed = await begin(world);
      await store.failCreation({
        ...failure(failed),
        ending: 'not_made',
        lookFromMs: NOW_MS,
      });
      known = {
        world,
        accountId: begun.account.id,
        teamId: begun.account.teamId,
        name: begun.account.name,
        deliveryId,
        collectionId: settled.settled ? (settled.collection?.id ?? '') : '',
        operationId: (await begin(world)).operationId,
        failedOperationId: failed.operationId,
      };
      globex = await world.stores.openOrganization('globex', NOW_MS);
    });
    afterEach(() => world.close());

    it.each(Object.entries(READS))('are not returned by %s', async (_, { ask, gets }) => {
      expect(await ask(globex, known)).toEqual(gets);
      // The owner gets something else, so the call above was a real test.
      expect(await ask(world.store, known)).not.toEqual(gets);
    });

    it.each(Object.entries(WRITES))('are not changed by %s', async (_, write) => {
      const { store } = world;
      const snapshot = async () => {
        const results: unknown[] = [];
        for (const { ask } of Object.values(READS)) results.push(await ask(store, known));
        return [...results, await store.auditRecords()];
      };
      const before = await snapshot();
      await write(globex, known).catch(() => undefined);
      expect(await snapshot()).toEqual(before);
      // Claiming is the only way to see what is open.
      expect(await store.claimEndingNotifications(NOW_MS, { limit: 9 })).toMatchObject([
        { kind: 'not_made' },
      ]);
      expect(await store.claimLateChecks(NOW_MS, { limit: 9 })).toHaveLength(1);
      expect(await store.claimLapsedOperations(LEASE_UNTIL_MS + 1, { limit: 9 })).toMatchObject([
        { id: known.operationId, memberId: undefined, isAbandoned: false },
      ]);
      expect(await store.findCollection(known.collectionId)).toMatchObject({ state: 'open' });
      expect(await store.claimBackend(SERVER)).toEqual({ ok: true });
    });
  });

  describe('the backend of an organization', () => {
    it('is set by the first claim and never changes', async () => {
      const world = await openWorld(openStore);
      const { store } = world;
      expect(await store.claimBackend(SERVER)).toEqual({ ok: true });
      const asBuiltin = await store.claimBackend({ kind: 'builtin' });
      expect(asBuiltin).toEqual({ ok: false, reason: 'other_backend' });
      expect(await store.claimBackend(SERVER)).toEqual({ ok: true });
      await world.close();
    });

    it('stays at the first address until a claim names that address as the one it moved from', async () => {
      const world = await openWorld(openStore);
      const claim = (address: string, movedFrom?: string) =>
        world.store.claimBackend({ kind: 'wandb', address, movedFrom });
      const [here, there] = [SERVER.address, 'https://elsewhere.acme.test'];
      expect(await claim(here)).toEqual({ ok: true });
      const refused = { ok: false, reason: 'other_server', address: here };
      expect(await claim(there)).toEqual(refused);
      expect(await claim(there, `${here}/other`)).toEqual(refused);
      expect(await claim(here, there)).toEqual({ ok: true });
      expect(await claim(there, here)).toEqual({ ok: true });
      expect(await claim(there, here)).toEqual({ ok: true });
      expect(await claim(here)).toEqual({ ...refused, address: there });
      await world.close();
    });
  });
}
