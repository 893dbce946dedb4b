import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ServerAccountStore } from '../../../../src/application/ports/server-account-store.ts';
import type { Store } from '../../../../src/application/ports/store.ts';
import type { ServiceAccount } from '../../../../src/domain/accounts/service-account.ts';
import {
  auditEvent,
  dueSubjects,
  NOW_MS,
  type OpenStore,
  openWorld,
  settlement,
  type World,
} from '../world.ts';
import {
  abandonment,
  begin,
  completion,
  creation,
  gone,
  identity,
  insertOnServer,
  JOB,
  newServer,
  recreation,
  removal,
} from './server-account-world.ts';

const SERVER = { kind: 'wandb', address: 'https://wandb.acme.test/ml' } as const;

type Read =
  | 'keysNotShownAtMs'
  | 'accountsOfTeams'
  | 'accountsOfTeamsByName'
  | 'teamNames'
  | 'knownOnServer'
  | 'serverAccount'
  | 'currentServerAccount';
type Write = Exclude<keyof ServerAccountStore, Read>;

/** What the first organization has, whose IDs the second one passes. */
interface Known {
  world: World;
  account: ServiceAccount;
  /** On the server. */
  presentId: string;
  /** Being created. */
  openId: string;
  /** Being deleted. */
  absentId: string;
  collectionId: string;
}

const READS: Record<Read, { ask: (store: Store, known: Known) => Promise<unknown>; gets: unknown }> = {
  keysNotShownAtMs: { ask: (store) => store.keysNotShownAtMs(), gets: undefined },
  accountsOfTeams: {
    ask: (store) => store.accountsOfTeams(['ml-platform'], { limit: 9 }, NOW_MS),
    gets: { accounts: [], total: 0, previous: undefined, next: undefined },
  },
  accountsOfTeamsByName: {
    ask: (store, { account }) => store.accountsOfTeamsByName(['ml-platform'], account.name),
    gets: [],
  },
  teamNames: { ask: (store) => store.teamNames(), gets: [] },
  knownOnServer: {
    ask: (store) => store.knownOnServer(['ml-platform']),
    gets: { names: new Set(), memberIds: new Set() },
  },
  serverAccount: { ask: (store, { presentId }) => store.serverAccount(presentId), gets: undefined },
  currentServerAccount: {
    ask: (store, { account }) => store.currentServerAccount(account.id),
    gets: undefined,
  },
};

/** Every method that writes, called with the first organization's IDs. It may return or throw. */
const WRITES: Record<Write, (store: Store, known: Known) => Promise<unknown>> = {
  claimBackend: (store) => store.claimBackend({ kind: 'builtin' }),
  recordKeysNotShown: (store) => store.recordKeysNotShown(undefined),
  ensureTeam: (store) => store.ensureTeam('ml-platform', NOW_MS),
  beginCreation: (store, { world }) => store.beginCreation(creation(world)),
  beginRecreation: (store, { account, collectionId }) =>
    store.beginRecreation(recreation(account, collectionId)),
  recordServerIdentity: (store, { openId }) => store.recordServerIdentity(identity(openId)),
  completeCreation: (store, { openId }) => store.completeCreation(completion(openId)),
  abandonCreation: (store, { openId }) => store.abandonCreation(abandonment(openId)),
  renewTag: (store, { account, openId }) =>
    store.renewTag({ serverAccountId: openId, server: newServer(account), nowMs: NOW_MS }),
  beginRemoval: (store, { account }) => store.beginRemoval(removal(account.id)),
  recordGone: (store, { absentId }) => store.recordGone(gone(absentId)),
  recordProblem: (store, { absentId }) =>
    store.recordProblem({
      serverAccountId: absentId,
      problem: 'no_id',
      notifications: [],
      nowMs: NOW_MS,
      auditEvent: auditEvent('server_account.needs_admin'),
    }),
  scheduleServerAccount: (store, { openId }) =>
    store.scheduleServerAccount({ serverAccountId: openId, ...JOB }, NOW_MS),
};

export function describeServerAccountTenancy(openStore: OpenStore): void {
  describe('another organization’s accounts on a W&B server in the same database', () => {
    let world: World;
    let globex: Store;
    let known: Known;
    beforeEach(async () => {
      world = await openWorld(openStore);
      const { store } = world;
      await store.claimBackend(SERVER);
      await store.recordKeysNotShown(NOW_MS);
      const present = await insertOnServer(world);
      const undelivered = await insertOnServer(world);
      const settled = await store.settleDelivery(settlement(undelivered.delivery.id, 'unknown'));
      known = {
        world,
        account: present.account,
        presentId: present.serverAccountId,
        openId: (await begin(world)).server.id,
        absentId: undelivered.serverAccountId,
        collectionId: settled.settled ? (settled.collection?.id ?? '') : '',
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
        const ids = [known.openId, known.absentId];
        const others = await Promise.all(ids.map((id) => store.serverAccount(id)));
        return [...results, ...others, await store.auditRecords()];
      };
      const before = await snapshot();
      await write(globex, known).catch(() => undefined);
      expect(await snapshot()).toEqual(before);
      expect(await dueSubjects(store, 'server_account')).toEqual([known.absentId]);
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
