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

/** What the other organization has, for a stranger to ask for. */
interface Known {
  world: World;
  accountId: string;
  teamId: string;
  name: string;
  deliveryId: string;
  collectionId: string;
  operationId: string;
  toldOperationId: string;
}

const READS: Record<
  Read,
  { ask: (store: Store, id: string, known: Known) => Promise<unknown>; gets: unknown }
> = {
  keysNotShownAtMs: { ask: (store, id) => store.keysNotShownAtMs(id), gets: undefined },
  accountsOfTeams: {
    ask: (store, id) => store.accountsOfTeams(id, ['ml-platform'], { limit: 9 }),
    gets: { accounts: [], total: 0 },
  },
  teamNames: { ask: (store, id) => store.teamNames(id), gets: [] },
  knownOnServer: {
    ask: (store, id) => store.knownOnServer(id, ['ml-platform']),
    gets: { memberIds: [], beingCreated: [] },
  },
  createdUnderName: {
    ask: (store, id, { teamId, name }) => store.createdUnderName(id, { teamId, name }),
    gets: { memberIds: [], isUnderWay: false },
  },
  isKeyRevocationUnderWay: {
    ask: (store, id, { deliveryId }) => store.isKeyRevocationUnderWay(id, deliveryId),
    gets: false,
  },
};

const held = ({ operationId }: Known) => ({ operationId, leaseUntilMs: LEASE_UNTIL_MS });
const written = () => ({ nowMs: NOW_MS, auditEvent: auditEvent('service_account.creation_failed') });

/** Every method that writes, with the other organization's IDs. Whether it answers or throws is not the matter. */
const WRITES: Record<Write, (store: Store, id: string, known: Known) => Promise<unknown>> = {
  claimBackend: (store, id) => store.claimBackend(id, { kind: 'builtin' }),
  recordKeysNotShown: (store, id) => store.recordKeysNotShown(id, undefined),
  ensureTeam: (store, id) => store.ensureTeam(id, 'ml-platform', NOW_MS),
  beginCreation: (store, id, { world }) => store.beginCreation(id, creation(world)),
  beginRecreation: (store, id, { collectionId }) =>
    store.beginRecreation(id, {
      operationId: 'op_stranger',
      collectionId,
      membersBefore: [],
      leaseUntilMs: LEASE_UNTIL_MS,
      ...written(),
    }),
  recordServerIdentity: (store, id, known) => {
    const server = { memberId: 'member-stranger', clientId: undefined };
    return store.recordServerIdentity(id, { ...held(known), server, nowMs: NOW_MS });
  },
  completeCreation: (store, id, known) => store.completeCreation(id, completion(held(known))),
  abandonCreation: (store, id, known) => store.abandonCreation(id, { ...held(known), ...written() }),
  failCreation: (store, id, known) => store.failCreation(id, failure(held(known))),
  undoCreation: (store, id, known) => store.undoCreation(id, undoing(held(known))),
  queueEndingNotification: (store, id, { operationId }) => store.queueEndingNotification(id, operationId),
  beginRemoval: (store, id, { accountId }) => store.beginRemoval(id, removal(accountId)),
  completeRemoval: (store, id, { operationId }) =>
    store.completeRemoval(id, {
      operationId,
      server: { memberId: undefined, clientId: undefined },
      ...written(),
    }),
  failRemoval: (store, id, known) => store.failRemoval(id, { ...held(known), ...written() }),
  claimLapsedOperations: (store, id) => store.claimLapsedOperations(id, NOW_MS * 2, { limit: 9 }),
  postponeOperation: (store, id, known) => store.postponeOperation(id, { ...held(known), nowMs: NOW_MS * 2 }),
  claimKeyRevocation: (store, id, { deliveryId }) =>
    store.claimKeyRevocation(id, {
      deliveryId,
      leaseUntilMs: NOW_MS + 60_000,
      stalled: stalled(),
      ...written(),
    }),
  claimLateChecks: (store, id) => store.claimLateChecks(id, NOW_MS * 2, { limit: 9 }),
  recordLateEffect: (store, id, { toldOperationId: operationId }) =>
    store.recordLateEffect(id, { operationId, ...written() }),
  claimEndingNotifications: (store, id) => store.claimEndingNotifications(id, NOW_MS, { limit: 9 }),
  markEndingNotified: (store, id, { toldOperationId }) =>
    store.markEndingNotified(id, { operationId: toldOperationId, kind: 'not_made', nowMs: NOW_MS }),
};

export function describeOperationTenancy(openStore: OpenStore): void {
  describe('operations of another organization in the same database', () => {
    let world: World;
    let globex: string;
    let known: Known;
    beforeEach(async () => {
      world = await openWorld(openStore);
      const { store, organizationId } = world;
      await store.claimBackend(organizationId, SERVER);
      await store.recordKeysNotShown(organizationId, NOW_MS);
      const { begun, delivery } = await insertOnServer(world);
      const { id: deliveryId, leaseUntilMs } = delivery;
      await store.claimKeyRevocation(organizationId, {
        deliveryId,
        leaseUntilMs,
        stalled: stalled(),
        ...written(),
      });
      const undelivered = await insertOnServer(world);
      const settled = await store.settleDelivery(
        organizationId,
        settlement(undelivered.delivery.id, 'unknown'),
      );
      const told = await begin(world);
      await store.failCreation(organizationId, {
        ...failure(told),
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
        toldOperationId: told.operationId,
      };
      globex = await store.openOrganization('globex', NOW_MS);
    });
    afterEach(() => world.close());

    it.each(Object.entries(READS))('are not seen through %s', async (_, { ask, gets }) => {
      expect(await ask(world.store, globex, known)).toEqual(gets);
      // The owner does see something there: the question is a real one.
      expect(await ask(world.store, world.organizationId, known)).not.toEqual(gets);
    });

    it.each(Object.entries(WRITES))('are not touched through %s', async (_, write) => {
      const { store, organizationId } = world;
      const snapshot = async () => {
        const answers: unknown[] = [];
        for (const { ask } of Object.values(READS)) answers.push(await ask(store, organizationId, known));
        return [...answers, await store.auditRecords(organizationId)];
      };
      const before = await snapshot();
      await write(store, globex, known).catch(() => undefined);
      expect(await snapshot()).toEqual(before);
      // What is open can only be seen by taking it.
      expect(await store.claimEndingNotifications(organizationId, NOW_MS, { limit: 9 })).toMatchObject([
        { kind: 'not_made' },
      ]);
      expect(await store.claimLateChecks(organizationId, NOW_MS, { limit: 9 })).toHaveLength(1);
      expect(
        await store.claimLapsedOperations(organizationId, LEASE_UNTIL_MS + 1, { limit: 9 }),
      ).toMatchObject([{ id: known.operationId, memberId: undefined, isAbandoned: false }]);
      expect(await store.findCollection(organizationId, known.collectionId)).toMatchObject({ state: 'open' });
      expect(await store.claimBackend(organizationId, SERVER)).toEqual({ ok: true });
    });
  });

  describe('the backend of an organization', () => {
    it('is the one that claimed it first, for good', async () => {
      const world = await openWorld(openStore);
      const { store, organizationId } = world;
      expect(await store.claimBackend(organizationId, SERVER)).toEqual({ ok: true });
      const asBuiltin = await store.claimBackend(organizationId, { kind: 'builtin' });
      expect(asBuiltin).toEqual({ ok: false, reason: 'other_backend' });
      expect(await store.claimBackend(organizationId, SERVER)).toEqual({ ok: true });
      await world.close();
    });

    it('is the server at the address of the first claim, until somebody says exactly from where it moved', async () => {
      const world = await openWorld(openStore);
      const claim = (address: string, movedFrom?: string) =>
        world.store.claimBackend(world.organizationId, { kind: 'wandb', address, movedFrom });
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
