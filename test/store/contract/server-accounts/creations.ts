import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SERVER_REQUEST_MS } from '../../../../src/application/ports/server-account-store.ts';
import {
  ada,
  claimDue,
  claimNotifications,
  cy,
  DAY_MS,
  dueSubjects,
  impossibleEvent,
  NOW_MS,
  type OpenStore,
  openWorld,
  settlement,
  type World,
} from '../world.ts';
import {
  begin,
  completion,
  creation,
  identity,
  insertOnServer,
  newServer,
  notificationOf,
  recreation,
} from './server-account-world.ts';

const DUE_MS = NOW_MS + SERVER_REQUEST_MS;

export function describeCreations(openStore: OpenStore): void {
  let world: World;
  beforeEach(async () => {
    world = await openWorld(openStore);
  });
  afterEach(() => world.close());
  const find = (accountId: string) => world.store.findAccount(accountId);
  const earlier = (submissionId: string) => world.store.earlierSubmission(submissionId);
  const server = (id: string) => world.store.serverAccount(id);
  const known = (teamName = 'ml-platform') => world.store.knownOnServer([teamName]);

  describe('creating an account on a W&B server', () => {
    it('hides the account, and reserves its name, identity and form', async () => {
      const { account, submissionId } = await begin(world);
      expect(await find(account.id)).toBeUndefined();
      expect(await world.store.findAnyAccount(account.id)).toEqual(account);
      expect((await world.store.listAccounts(cy.email, { limit: 9 }, NOW_MS)).total).toBe(0);
      expect(await earlier(submissionId)).toMatchObject({ delivery: 'provisioning', account });
      const begins = (again: ReturnType<typeof creation>) => world.store.beginCreation(again);
      const taken = creation(world, { name: account.name });
      expect(await begins(taken)).toEqual({ ok: false, reason: 'name_taken' });
      expect(await server(taken.server.id)).toBeUndefined();
      expect(await begins(creation(world, { submissionId }))).toMatchObject({ reason: 'already_submitted' });
      const federated = await begin(world, creation(world, { method: 'federated' }));
      const twin = creation(world, { method: 'federated' });
      const { externalIdentity } = federated.account;
      const same = { ...twin, account: { ...twin.account, externalIdentity } };
      expect(await begins(same)).toEqual({ ok: false, reason: 'subject_taken' });
    });

    it('stores its tagged name and its job before the server is asked', async () => {
      const begun = await begin(world);
      const { id, job, ...named } = begun.server;
      expect(await server(id)).toEqual({
        id,
        ...named,
        account: begun.account,
        desired: 'present',
        memberId: undefined,
        clientId: undefined,
        scimId: undefined,
        abandonedAtMs: undefined,
        goneAtMs: undefined,
        problem: undefined,
      });
      expect(await dueSubjects(world.store, 'server_account', DUE_MS - 1)).toEqual([]);
      const other = await world.another();
      const claims = await Promise.all(
        [world.store, other].map((store) => claimDue(store, 'server_account', DUE_MS)),
      );
      expect(claims.flat()).toMatchObject([{ subject: id, payload: { serverAccountId: id, ...job } }]);
    });

    it('refuses a second server account with the same tag', async () => {
      const { server: first } = await begin(world);
      const second = creation(world);
      const same = { ...second, server: { ...second.server, tag: first.tag } };
      await expect(world.store.beginCreation(same)).rejects.toThrow();
      expect(await world.store.findAnyAccount(second.account.id)).toBeUndefined();
    });

    it('makes its tagged name and its member known as Keysmith’s, in its own team', async () => {
      const { account, server: begun } = await begin(world);
      expect(await known()).toEqual({ names: new Set([begun.name]), memberIds: new Set() });
      await world.store.recordServerIdentity(identity(begun.id, 'member-2'));
      expect(await known()).toEqual({ names: new Set([begun.name]), memberIds: new Set(['member-2']) });
      expect([...(await known()).names]).not.toContain(account.name);
      expect(await known('vision')).toEqual({ names: new Set(), memberIds: new Set() });
    });

    it('activates the account, opens its key’s delivery and ends its job when it is completed', async () => {
      const { store } = world;
      const { account, begun, delivery, serverAccountId, memberId } = await insertOnServer(world);
      expect(await find(account.id)).toEqual(account);
      const key = { keyId: delivery.keyId, delivery: 'sending' };
      expect(await earlier(begun.submissionId)).toMatchObject(key);
      expect(await dueSubjects(store, 'server_account', NOW_MS + DAY_MS)).toEqual([]);
      expect(await dueSubjects(store, 'delivery', delivery.leaseUntilMs)).toEqual([delivery.id]);
      await store.settleDelivery(settlement(delivery.id, 'accepted'));
      const listed = await store.accountsOfTeams(['ml-platform'], { limit: 9 }, NOW_MS);
      const onServer = { id: serverAccountId, memberId, desired: 'present' };
      expect(listed).toMatchObject({
        total: 1,
        accounts: [{ account, key: { keyId: delivery.keyId, expiresAtMs: undefined }, server: onServer }],
      });
    });

    it('is completed once, also without a key, with one notification', async () => {
      const { store } = world;
      const begun = await begin(world, creation(world, { method: 'federated' }));
      const { id: accountId } = begun.account;
      const notification = notificationOf(accountId, 'federated_account_created');
      const completed = { ...completion(begun.server.id, { notification }), key: undefined };
      expect(await store.completeCreation(completed)).toBe('completed');
      expect(await store.completeCreation(completed)).toBe('already');
      expect(await earlier(begun.submissionId)).toMatchObject({ delivery: 'none', keyId: undefined });
      expect(await claimNotifications(store)).toEqual([notification.payload]);
      const actions = (await store.auditRecords()).map(({ action }) => action);
      expect(actions.filter((action) => action === 'service_account.created')).toHaveLength(1);
    });

    it('writes nothing when its audit event can’t be written', async () => {
      const { store } = world;
      const impossible = impossibleEvent('service_account.created');
      const first = creation(world);
      await expect(store.beginCreation({ ...first, auditEvent: impossible })).rejects.toThrow('NaN');
      expect(await earlier(first.submissionId)).toBeUndefined();
      expect(await server(first.server.id)).toBeUndefined();
      const begun = await begin(world);
      const { id } = begun.server;
      const failing = completion(id, { auditEvent: impossible });
      await expect(store.completeCreation(failing)).rejects.toThrow('NaN');
      expect(await find(begun.account.id)).toBeUndefined();
      expect(await dueSubjects(store, 'server_account', DUE_MS)).toEqual([id]);
      expect(await store.completeCreation(completion(id))).toBe('completed');
    });
  });

  describe('recreating an account on a W&B server for a collected key', () => {
    const collectable = async () => {
      const inserted = await insertOnServer(world);
      const settled = await world.store.settleDelivery(settlement(inserted.delivery.id, 'unknown'));
      if (!settled.settled || settled.collection === undefined) throw new Error('no collection');
      return { ...inserted, collectionId: settled.collection.id };
    };

    it('neither waits for nor ends the deletion of the account with the revoked key', async () => {
      const { store } = world;
      const { account, collectionId, serverAccountId } = await collectable();
      expect(await server(serverAccountId)).toMatchObject({ desired: 'absent', goneAtMs: undefined });
      const again = recreation(account, collectionId);
      expect(await store.beginRecreation(again)).toEqual({ ok: true });
      const due = await claimDue(store, 'server_account', DUE_MS);
      expect(due.map(({ payload }) => payload)).toEqual([
        { serverAccountId, person: ada, requestId: 'req_1' },
        { serverAccountId: again.server.id, ...again.server.job },
      ]);
    });

    it('starts once per collection, which ends when the key is delivered', async () => {
      const { store } = world;
      const { account, collectionId } = await collectable();
      const again = recreation(account, collectionId);
      expect(await store.beginRecreation(again)).toEqual({ ok: true });
      const notOpen = { ok: false, reason: 'not_open' };
      expect(await store.beginRecreation(recreation(account, collectionId))).toEqual(notOpen);
      const completed = completion(again.server.id, { collectionId });
      expect(await store.completeCreation(completed)).toBe('completed');
      const listed = await store.accountsOfTeams(['ml-platform'], { limit: 9 }, NOW_MS);
      expect(listed.accounts).toMatchObject([{ server: { id: again.server.id } }]);
      await store.settleDelivery(settlement(completed.key.delivery.id, 'accepted'));
      expect(await store.findCollection(collectionId)).toMatchObject({ state: 'collected' });
      expect(await dueSubjects(store, 'collection', NOW_MS + 2 * DAY_MS)).toEqual([]);
    });

    it('ends the collection when the server doesn’t return the key', async () => {
      const { store } = world;
      const { account, collectionId } = await collectable();
      const again = recreation(account, collectionId);
      await store.beginRecreation(again);
      const completed = { ...completion(again.server.id, { collectionId }), key: undefined };
      expect(await store.completeCreation(completed)).toBe('completed');
      expect(await store.findCollection(collectionId)).toMatchObject({ state: 'collected' });
    });

    it('lets no account be on the server twice', async () => {
      const { account, collectionId } = await collectable();
      const first = recreation(account, collectionId);
      await world.store.beginRecreation(first);
      const renewed = { serverAccountId: first.server.id, server: newServer(account), nowMs: NOW_MS };
      expect(await world.store.renewTag(renewed)).toBe(true);
      expect(await server(first.server.id)).toMatchObject({ desired: 'absent' });
      expect(await server(renewed.server.id)).toMatchObject({ desired: 'present' });
    });
  });
}
