import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  ada,
  auditEvent,
  cy,
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
  failure,
  insertOnServer,
  LEASE_UNTIL_MS,
  removal,
  undoing,
} from './operation-world.ts';

export function describeCreations(openStore: OpenStore): void {
  let world: World;
  beforeEach(async () => {
    world = await openWorld(openStore);
  });
  afterEach(() => world.close());
  const find = (accountId: string) => world.store.findAccount(accountId);
  const earlier = (submissionId: string) => world.store.earlierSubmission(submissionId);
  const complete = (completed: ReturnType<typeof completion>) => world.store.completeCreation(completed);
  const lapsed = (nowMs = LEASE_UNTIL_MS + 1) => world.store.claimLapsedOperations(nowMs, { limit: 10 });

  describe('creating an account on a W&B server', () => {
    it('hides the account, and reserves its name, identity and form', async () => {
      const begun = await begin(world);
      const { account, submissionId } = begun;
      expect(await find(account.id)).toBeUndefined();
      expect(await world.store.listAccounts(cy.email, { limit: 9 })).toMatchObject({
        total: 0,
      });
      expect(await earlier(submissionId)).toMatchObject({
        delivery: 'provisioning',
        account: { id: account.id },
      });
      const begins = (again: ReturnType<typeof creation>) => world.store.beginCreation(again);
      expect(await begins(creation(world, { name: account.name }))).toEqual({
        ok: false,
        reason: 'name_taken',
      });
      expect(await begins(creation(world, { submissionId }))).toMatchObject({ reason: 'already_submitted' });
      const federated = await begin(world, creation(world, { method: 'federated' }));
      const { externalIdentity } = federated.account;
      const twin = creation(world, { method: 'federated' });
      const same = { ...twin, account: { ...twin.account, externalIdentity } };
      expect(await begins(same)).toEqual({ ok: false, reason: 'subject_taken' });
    });

    it('lists the account by name in its own team until its member is known or it failed', async () => {
      const { store } = world;
      const known = () => store.knownOnServer(['ml-platform']);
      const begun = await begin(world);
      const { operationId, account } = begun;
      const beingCreated = [{ teamName: 'ml-platform', name: account.name }];
      expect(await known()).toEqual({ memberIds: [], beingCreated });
      expect(await store.knownOnServer(['vision'])).toEqual({
        memberIds: [],
        beingCreated: [],
      });
      await store.recordServerIdentity({
        operationId,
        server: { memberId: 'member-2', clientId: undefined },
        nowMs: NOW_MS,
        leaseUntilMs: LEASE_UNTIL_MS,
      });
      expect(await known()).toEqual({ memberIds: ['member-2'], beingCreated });
      await store.failCreation(failure(begun));
      expect(await known()).toEqual({ memberIds: [], beingCreated: [] });
    });

    it('lists an active account only by its member, also while it is being removed', async () => {
      const { store } = world;
      const { begun, completed } = await insertOnServer(world);
      const known = { memberIds: [completed.server.memberId], beingCreated: [] };
      expect(await store.knownOnServer(['ml-platform'])).toEqual(known);
      await store.beginRemoval(removal(begun.account.id));
      expect(await store.knownOnServer(['ml-platform'])).toEqual(known);
    });

    it('activates the account and opens its key’s delivery when it is completed', async () => {
      const { begun, completed, delivery } = await insertOnServer(world);
      expect(await find(begun.account.id)).toEqual(begun.account);
      expect(await earlier(begun.submissionId)).toMatchObject({ keyId: delivery.keyId, delivery: 'sending' });
      await world.store.settleDelivery(settlement(delivery.id, 'accepted'));
      const listed = await world.store.accountsOfTeams(['ml-platform'], { limit: 9 });
      expect(listed).toMatchObject({
        total: 1,
        accounts: [{ key: { keyId: delivery.keyId, expiresAtMs: undefined }, server: completed.server }],
      });
      expect(await lapsed()).toEqual([]);
    });

    it('is completed only by the process that holds the operation', async () => {
      const begun = await begin(world);
      expect(await lapsed(LEASE_UNTIL_MS)).toEqual([]);
      const [claimed] = await lapsed();
      expect(claimed).toMatchObject({
        id: begun.operationId,
        tries: 1,
        person: ada,
        membersBefore: ['member-1'],
      });
      expect(await complete(completion(begun))).toBe('not_held');
      expect(await world.store.failCreation(failure(begun))).toBe(false);
      expect(await find(begun.account.id)).toBeUndefined();
      const leaseUntilMs = claimed?.leaseUntilMs ?? 0;
      expect(await complete(completion({ ...begun, leaseUntilMs }))).toBe('completed');
    });

    it('is claimed by one of several processes that try at once', async () => {
      await begin(world);
      const other = await world.another();
      const claims = await Promise.all([
        lapsed(),
        other.claimLapsedOperations(LEASE_UNTIL_MS + 1, { limit: 10 }),
        lapsed(),
      ]);
      expect(claims.flat()).toHaveLength(1);
    });

    it('frees name, identity and form when nothing was created', async () => {
      const begun = await begin(world, creation(world, { method: 'federated' }));
      expect(await world.store.failCreation(failure(begun))).toBe(true);
      expect(await earlier(begun.submissionId)).toBeUndefined();
      expect(await find(begun.account.id)).toBeUndefined();
      const { name, externalIdentity } = begun.account;
      const again = creation(world, { method: 'federated', name, submissionId: begun.submissionId });
      await begin(world, { ...again, account: { ...again.account, externalIdentity } });
    });

    it('keeps the account and opens a collection when its key was revoked', async () => {
      const begun = await begin(world);
      const undone = await world.store.undoCreation(undoing(begun));
      expect(undone).toMatchObject({ accountId: begun.account.id, person: ada, state: 'open' });
      expect(await find(begun.account.id)).toMatchObject({ status: 'active' });
      expect(await earlier(begun.submissionId)).toMatchObject({ delivery: 'failed', keyId: undefined });
      expect(await world.store.claimCollectionNotifications(NOW_MS, { limit: 9 })).toMatchObject([
        { collection: { id: undone?.id }, revokedKeyId: undefined },
      ]);
      const notified = { collectionId: undone?.id ?? '', revokedKeyId: undefined, nowMs: NOW_MS };
      await world.store.markCollectionNotified(notified);
      expect(await world.store.claimCollectionNotifications(NOW_MS * 2, { limit: 9 })).toEqual([]);
    });

    it('reopens a failed operation for removal when the server created the account later', async () => {
      const begun = await begin(world);
      await world.store.failCreation(failure(begun));
      const server = { memberId: 'member-late', clientId: undefined };
      const recorded = { operationId: begun.operationId, server, nowMs: NOW_MS, leaseUntilMs: NOW_MS + 5 };
      expect(await world.store.recordServerIdentity(recorded)).toBe('reopened');
      expect(await complete(completion({ ...begun, leaseUntilMs: NOW_MS + 5 }))).toBe('not_held');
      expect(await lapsed()).toMatchObject([{ isAbandoned: true, memberId: 'member-late' }]);
    });

    it('leaves an operation that another process completed unchanged', async () => {
      const { begun, completed } = await insertOnServer(world);
      const recorded = {
        operationId: begun.operationId,
        server: completed.server,
        nowMs: NOW_MS,
        leaseUntilMs: 1,
      };
      expect(await world.store.recordServerIdentity(recorded)).toBe('completed');
      expect(await lapsed()).toEqual([]);
    });

    it('can’t be completed after it was abandoned', async () => {
      const begun = await begin(world);
      const abandoned = {
        ...begun,
        nowMs: NOW_MS,
        auditEvent: auditEvent('service_account.creation_abandoned'),
      };
      expect(await world.store.abandonCreation(abandoned)).toBe(true);
      expect(await complete(completion(begun))).toBe('not_held');
    });

    it('writes nothing when its audit event can’t be written', async () => {
      const impossible = impossibleEvent('service_account.created');
      const first = creation(world);
      const begins = world.store.beginCreation({ ...first, auditEvent: impossible });
      await expect(begins).rejects.toThrow();
      expect(await earlier(first.submissionId)).toBeUndefined();
      const begun = await begin(world);
      await expect(complete(completion(begun, { auditEvent: impossible }))).rejects.toThrow();
      expect(await find(begun.account.id)).toBeUndefined();
      expect(await complete(completion(begun))).toBe('completed');
    });
  });

  describe('recreating an account on a W&B server for a collected key', () => {
    const recreation = (collectionId: string, operationId = 'op_again') => ({
      operationId,
      collectionId,
      membersBefore: [],
      leaseUntilMs: LEASE_UNTIL_MS,
      nowMs: NOW_MS,
      auditEvent: auditEvent('api_key.collection_started'),
    });
    const collectable = async () => {
      const { begun, delivery } = await insertOnServer(world);
      const settled = await world.store.settleDelivery(settlement(delivery.id, 'unknown'));
      if (!settled.settled || settled.collection === undefined) throw new Error('no collection');
      return { account: begun.account, collectionId: settled.collection.id };
    };

    it('starts once per collection, after the account was deleted with its revoked key', async () => {
      const { account, collectionId } = await collectable();
      const nothing = { memberId: undefined, clientId: undefined };
      const { accounts } = await world.store.accountsOfTeams(['ml-platform'], {
        limit: 9,
      });
      expect(accounts).toMatchObject([{ account: { id: account.id }, server: nothing }]);
      const begins = (id: string) => world.store.beginRecreation(recreation(collectionId, id));
      expect(await begins('op_1')).toEqual({ ok: true });
      expect(await begins('op_2')).toEqual({ ok: false, reason: 'not_open' });
      const completed = completion({ operationId: 'op_1', leaseUntilMs: LEASE_UNTIL_MS });
      expect(await complete(completed)).toBe('completed');
      const delivered = settlement(completed.key?.delivery.id ?? '', 'accepted');
      await world.store.settleDelivery(delivered);
      expect(await world.store.findCollection(collectionId)).toMatchObject({
        state: 'collected',
      });
    });

    it('reopens the collection when it fails, unless the account was revoked', async () => {
      const { account, collectionId } = await collectable();
      await world.store.beginRecreation(recreation(collectionId));
      const held = { operationId: 'op_again', leaseUntilMs: LEASE_UNTIL_MS };
      await world.store.failCreation(failure(held));
      const state = async () => (await world.store.findCollection(collectionId))?.state;
      expect(await state()).toBe('open');
      await world.store.beginRecreation(recreation(collectionId, 'op_3'));
      const revoked = auditEvent('service_account.revoked');
      await world.store.revokeAccount(account.id, NOW_MS, revoked);
      const late = { operationId: 'op_3', leaseUntilMs: LEASE_UNTIL_MS };
      expect(await complete(completion(late))).toBe('account_revoked');
      await world.store.undoCreation(undoing(late));
      expect(await state()).toBe('closed');
    });
  });
}
