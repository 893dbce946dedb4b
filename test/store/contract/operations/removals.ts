import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ServerIdentity } from '../../../../src/application/ports/operation-store.ts';
import { STALLED_AFTER_TRIES } from '../../../../src/domain/backoff.ts';
import {
  ada,
  auditEvent,
  draw,
  NOW_MS,
  type OpenStore,
  openWorld,
  settlement,
  type World,
} from '../world.ts';
import {
  begin,
  completion,
  insertOnServer,
  LEASE_UNTIL_MS,
  removal,
  stalled,
  undoing,
} from './operation-world.ts';

export function describeRemovals(openStore: OpenStore): void {
  let world: World;
  beforeEach(async () => {
    world = await openWorld(openStore);
  });
  afterEach(() => world.close());
  const remove = (requested: ReturnType<typeof removal>) => world.store.beginRemoval(requested);
  const written = (action: Parameters<typeof auditEvent>[0]) => ({
    nowMs: NOW_MS,
    auditEvent: auditEvent(action),
  });
  const actions = async () => (await world.store.auditRecords()).map(({ action }) => action);

  const recreate = (collectionId: string, operationId = draw('op')) =>
    world.store.beginRecreation({
      operationId,
      collectionId,
      membersBefore: [],
      leaseUntilMs: LEASE_UNTIL_MS,
      ...written('api_key.collection_started'),
    });

  describe('removing an account from a W&B server', () => {
    it('leaves the account active until any process completes it, once', async () => {
      const { begun, completed } = await insertOnServer(world);
      const requested = removal(begun.account.id);
      expect(await remove(requested)).toEqual({
        kind: 'begun',
        operation: { operationId: requested.operationId, leaseUntilMs: LEASE_UNTIL_MS },
        server: completed.server,
      });
      const find = () => world.store.findAccount(begun.account.id);
      expect(await find()).toMatchObject({ status: 'active' });
      const { operationId } = requested;
      const removed = { operationId, server: completed.server, ...written('service_account.revoked') };
      expect(await world.store.completeRemoval(removed)).toBe('revoked');
      expect(await world.store.completeRemoval(removed)).toBe('already_revoked');
      expect(await find()).toMatchObject({ status: 'revoked' });
      expect((await actions()).filter((action) => action === 'service_account.revoked')).toHaveLength(1);
      expect(await remove(removal(begun.account.id))).toEqual({ kind: 'already_revoked' });
      expect(await remove(removal('sa_nowhere'))).toEqual({ kind: 'not_found' });
    });

    it('continues the removal under way when it is requested again', async () => {
      const { begun } = await insertOnServer(world);
      const first = removal(begun.account.id);
      await remove(first);
      const again = await remove(removal(begun.account.id, LEASE_UNTIL_MS + 9));
      const operation = { operationId: first.operationId, leaseUntilMs: LEASE_UNTIL_MS + 9 };
      expect(again).toMatchObject({ kind: 'begun', operation });
    });

    it('blocks recreating the account and collecting a key until it failed', async () => {
      const { begun, delivery } = await insertOnServer(world);
      const requested = removal(begun.account.id);
      await remove(requested);
      const { store } = world;
      const unknown = settlement(delivery.id, 'unknown');
      const { id: collectionId } = unknown.newCollection;
      const settled = await store.settleDelivery(unknown);
      expect(settled).toEqual({ settled: true, collection: undefined, isBeingRevoked: true });
      const open = () => store.openCollections(ada.slackUserId, NOW_MS);
      const tellings = () => store.claimCollectionNotifications(NOW_MS, { limit: 9 });
      expect([await open(), await tellings()]).toEqual([[], []]);
      expect(await recreate(collectionId)).toEqual({ ok: false, reason: 'being_revoked' });
      const { operationId, leaseUntilMs } = requested;
      const failed = { operationId, leaseUntilMs, ...written('service_account.deletion_failed') };
      expect(await store.failRemoval(failed)).toBe(true);
      expect([await open(), await tellings()]).toMatchObject([
        [{ id: collectionId }],
        [{ collection: { id: collectionId }, revokedKeyId: delivery.keyId }],
      ]);
      expect(await recreate(collectionId)).toEqual({ ok: true });
    });

    it('continues with the new account if the account was recreated since', async () => {
      const { begun, delivery, completed } = await insertOnServer(world);
      const { store } = world;
      const requested = removal(begun.account.id);
      const { operationId } = requested;
      // Two processes call the server. One is refused; the account is recreated before the other finds it gone.
      await remove(requested);
      await store.failRemoval({ ...requested, ...written('service_account.deletion_failed') });
      const unknown = settlement(delivery.id, 'unknown');
      await store.settleDelivery(unknown);
      const recreation = { operationId: draw('op'), leaseUntilMs: LEASE_UNTIL_MS };
      await recreate(unknown.newCollection.id, recreation.operationId);
      const recreated = completion(recreation);
      expect(await store.completeCreation(recreated)).toBe('completed');
      const removed = (server: ServerIdentity) =>
        store.completeRemoval({ operationId, server, ...written('service_account.revoked') });
      expect(await removed(completed.server)).toBe('recreated');
      const account = () => store.findAccount(begun.account.id);
      expect(await account()).toMatchObject({ status: 'active' });
      expect(await actions()).not.toContain('service_account.revoked');
      const lapsed = await store.claimLapsedOperations(NOW_MS + 1, { limit: 9 });
      expect(lapsed).toMatchObject([{ id: operationId, kind: 'remove', ...recreated.server }]);
      expect(await removed(recreated.server)).toBe('revoked');
      expect(await account()).toMatchObject({ status: 'revoked' });
    });

    it('is completed by the process that finds the account gone, also after another one was refused', async () => {
      const { begun, completed } = await insertOnServer(world);
      const requested = removal(begun.account.id);
      await remove(requested);
      await world.store.failRemoval({
        ...requested,
        ...written('service_account.deletion_failed'),
      });
      const { operationId } = requested;
      const removed = { operationId, server: completed.server, ...written('service_account.revoked') };
      expect(await world.store.completeRemoval(removed)).toBe('revoked');
    });

    it('revokes the account at once if the server doesn’t have it', async () => {
      const begun = await begin(world);
      await world.store.undoCreation(undoing(begun));
      expect(await remove(removal(begun.account.id))).toEqual({ kind: 'revoked' });
      expect((await actions()).at(-1)).toBe('service_account.revoked');
    });

    it('keeps the account when it fails, and only its holder can fail it', async () => {
      const { begun } = await insertOnServer(world);
      const { operationId } = removal(begun.account.id);
      await remove({ ...removal(begun.account.id), operationId });
      const fail = (leaseUntilMs: number) => {
        const failed = { operationId, leaseUntilMs, ...written('service_account.deletion_failed') };
        return world.store.failRemoval(failed);
      };
      expect(await fail(LEASE_UNTIL_MS + 1)).toBe(false);
      expect(await fail(LEASE_UNTIL_MS)).toBe(true);
      expect(await world.store.findAccount(begun.account.id)).toMatchObject({
        status: 'active',
      });
    });
  });

  describe('revoking an undelivered key on a W&B server', () => {
    const claim = (deliveryId: string, leaseUntilMs: number, nowMs: number) =>
      world.store.claimKeyRevocation({
        deliveryId,
        leaseUntilMs,
        nowMs,
        auditEvent: auditEvent('service_account.deletion_started'),
        stalled: stalled(),
      });

    it('is claimed by one process for growing pauses and recorded once', async () => {
      const { delivery, completed } = await insertOnServer(world);
      const { id, leaseUntilMs } = delivery;
      const claims = await Promise.all([
        claim(id, leaseUntilMs, NOW_MS),
        (await world.another()).claimKeyRevocation({
          deliveryId: id,
          leaseUntilMs,
          nowMs: NOW_MS,
          auditEvent: auditEvent('service_account.deletion_started'),
          stalled: stalled(),
        }),
      ]);
      expect(claims.filter((one) => one !== undefined)).toEqual([completed.server]);
      expect(await world.store.isKeyRevocationUnderWay(id)).toBe(true);
      const lapsed = (nowMs: number) => world.store.lapsedDeliveries(nowMs);
      expect(await lapsed(NOW_MS + 60_001)).toEqual([]);
      const [again] = await lapsed(NOW_MS + 60_002);
      const leaseAgainMs = again?.delivery.leaseUntilMs ?? 0;
      expect(await claim(id, leaseAgainMs, NOW_MS + 60_002)).toEqual(completed.server);
      expect(await lapsed(NOW_MS + 60_002 + 120_000)).toEqual([]);
      const started = (await actions()).filter((action) => action === 'service_account.deletion_started');
      expect(started).toHaveLength(1);
    });

    it('notifies the person and is recorded once when it stalls', async () => {
      const { begun, delivery, completed } = await insertOnServer(world);
      const endings = () => world.store.claimEndingNotifications(NOW_MS * 2, { limit: 9 });
      let { leaseUntilMs } = delivery;
      for (let tries = 0; tries < STALLED_AFTER_TRIES + 3; tries += 1) {
        expect(await claim(delivery.id, leaseUntilMs, leaseUntilMs + 1)).toEqual(completed.server);
        const [lapsed] = await world.store.lapsedDeliveries(NOW_MS * 2);
        leaseUntilMs = lapsed?.delivery.leaseUntilMs ?? 0;
        const notified = await endings();
        expect(notified.map(({ kind }) => kind)).toEqual(
          tries === STALLED_AFTER_TRIES ? ['still_there'] : [],
        );
        for (const { operationId, kind, account, slackUserId } of notified) {
          expect({ id: account.id, slackUserId }).toEqual({
            id: begun.account.id,
            slackUserId: delivery.person.slackUserId,
          });
          await world.store.markEndingNotified({ operationId, kind, nowMs: NOW_MS });
        }
      }
      const stalls = (await actions()).filter(
        (action) => action === 'service_account.reconciliation_stalled',
      );
      expect(stalls).toHaveLength(1);
      expect(await world.store.claimLapsedOperations(NOW_MS * 3, { limit: 9 })).toEqual([]);
    });

    it('isn’t undone by a late acceptance', async () => {
      const { delivery } = await insertOnServer(world);
      await claim(delivery.id, delivery.leaseUntilMs, NOW_MS);
      const settle = (outcome: 'accepted' | 'unknown') =>
        world.store.settleDelivery(settlement(delivery.id, outcome));
      expect(await settle('accepted')).toEqual({ settled: false });
      expect(await settle('unknown')).toMatchObject({ settled: true, collection: { state: 'open' } });
      expect(await world.store.isKeyRevocationUnderWay(delivery.id)).toBe(false);
    });
  });
}
