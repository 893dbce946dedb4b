import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  ada,
  auditEvent,
  claimDue,
  DAY_MS,
  NOW_MS,
  type OpenStore,
  openWorld,
  settlement,
  type World,
} from '../world.ts';
import { newKey } from './account-keys.ts';
import { extend, OWN_EXPIRY_MS, type Started, startRotation, startRotationOf } from './rotations.ts';

const HOUR_MS = 60 * 60_000;

export function describeEndedKeys(openStore: OpenStore): void {
  describe('a key of a rotation that ends', () => {
    let world: World;
    beforeEach(async () => {
      world = await openWorld(openStore);
    });
    afterEach(() => world.close());

    const deliver = ({ deliveryId }: Started, nowMs = NOW_MS) =>
      world.store.settleDelivery(settlement(deliveryId, 'accepted', nowMs));
    const expiryOf = async (keyId: string) => (await world.store.findApiKey(keyId))?.expiresAtMs;
    const revokedAt = async (keyId: string) => (await world.store.findApiKey(keyId))?.revokedAtMs;
    const stateOf = async (id: string) => (await world.store.rotation(id))?.state;
    const revoke = (accountId: string, keyId: string) =>
      world.store.revokeKey({
        accountId,
        keyId,
        by: ada,
        nowMs: NOW_MS,
        auditEvent: auditEvent('api_key.revoked'),
        notification: undefined,
      });
    const leak = (keyId: string, nowMs = NOW_MS) =>
      world.store.recordLeak({
        keyId,
        place: 'https://example.com/a',
        nowMs,
        eventOf: ({ account }) => ({
          ...auditEvent('api_key.leak_reported'),
          subject: `service_account:${account.id}`,
        }),
      });
    const finish = (rotationId: string, nowMs = NOW_MS) =>
      world.store.finishRotation({
        rotationId,
        revokesOldKey: true,
        by: undefined,
        nowMs,
        auditEvent: auditEvent('api_key.rotation_finished'),
      });
    const rotateAgain = ({ accountId, newKeyId }: Started) =>
      startRotationOf(world, { accountId, oldKeyId: newKeyId, overlapMs: HOUR_MS });

    it('leaves the old key its expiry if the new one is revoked before its delivery is settled', async () => {
      const started = await startRotation(world);
      await revoke(started.accountId, started.newKeyId);
      expect(await stateOf(started.rotationId)).toBe('canceled');
      expect(await expiryOf(started.oldKeyId)).toBe(OWN_EXPIRY_MS);
      await deliver(started);
      expect(await expiryOf(started.oldKeyId)).toBe(OWN_EXPIRY_MS);
    });

    it('cancels the rotation if its new key is found in public, and the old key works as before', async () => {
      const started = await startRotation(world);
      await deliver(started);
      expect(await leak(started.newKeyId, NOW_MS + HOUR_MS)).toBe('revoked');
      expect(await world.store.rotation(started.rotationId)).toMatchObject({
        state: 'canceled',
        finishedBySlackUserId: undefined,
      });
      expect(await expiryOf(started.oldKeyId)).toBe(OWN_EXPIRY_MS);
      expect(await finish(started.rotationId, NOW_MS + 2 * HOUR_MS)).toBe(false);
      expect(await revokedAt(started.oldKeyId)).toBeUndefined();
      const cards = await claimDue(world.store, 'card', NOW_MS + HOUR_MS);
      expect(cards.map(({ payload }) => payload.about)).toContainEqual({
        card: 'rotation',
        id: started.rotationId,
      });
    });

    it('finishes the rotation if its old key is found in public', async () => {
      const started = await startRotation(world);
      await deliver(started);
      await leak(started.oldKeyId);
      expect(await stateOf(started.rotationId)).toBe('finished');
      expect(await revokedAt(started.newKeyId)).toBeUndefined();
    });

    it('isn’t revoked by Keysmith or a click once the new one has expired', async () => {
      const started = await startRotation(world, 400 * DAY_MS);
      await deliver(started, NOW_MS + DAY_MS);
      const next = await rotateAgain(started);
      await deliver(next);
      // The old key of the second rotation is the new one of the first, which ends in an hour.
      expect(await finish(started.rotationId, NOW_MS + 2 * HOUR_MS)).toBe(false);
      expect(await revokedAt(started.oldKeyId)).toBeUndefined();
    });

    it('starts no overlap with a new key that has expired on its way', async () => {
      const started = await startRotation(world);
      await deliver(started, OWN_EXPIRY_MS);
      expect(await stateOf(started.rotationId)).toBe('canceled');
      expect(await expiryOf(started.oldKeyId)).toBe(OWN_EXPIRY_MS);
    });

    it('doesn’t give the oldest of three keys its longer life back when the second one ends', async () => {
      const first = await startRotation(world);
      await deliver(first);
      const second = await rotateAgain(first);
      await deliver(second);
      expect(await finish(second.rotationId)).toBe(true);
      expect(await stateOf(first.rotationId)).toBe('open');
      expect(await expiryOf(first.oldKeyId)).toBe(NOW_MS + 7 * DAY_MS);
      await leak(second.newKeyId);
      expect(await expiryOf(first.oldKeyId)).toBe(NOW_MS + 7 * DAY_MS);
    });

    it('closes the collection of a new key that is being created when the old one is revoked', async () => {
      const started = await startRotation(world);
      const settled = await world.store.settleDelivery(settlement(started.deliveryId, 'unknown'));
      const id = (settled.settled && settled.collection?.id) || '';
      const { record, delivery } = newKey(started.accountId);
      const collecting = { record, delivery: { ...delivery, collectionId: id } };
      await world.store.beginCollection(id, collecting, NOW_MS, auditEvent('api_key.collection_started'));
      await revoke(started.accountId, started.oldKeyId);
      await world.store.settleDelivery(settlement(delivery.id, 'unknown'));
      expect((await world.store.findCollection(id))?.state).toBe('closed');
    });
  });

  describe('the limits of a rotation', () => {
    let world: World;
    beforeEach(async () => {
      world = await openWorld(openStore);
    });
    afterEach(() => world.close());

    const expiryOf = async (keyId: string) => (await world.store.findApiKey(keyId))?.expiresAtMs;
    const stateOf = async (id: string) => (await world.store.rotation(id))?.state;

    it('don’t include one whose key has reached nobody: the next one replaces it', async () => {
      const { rotationId, accountId, oldKeyId, deliveryId } = await startRotation(world);
      expect(await world.store.expiringKey(oldKeyId)).toMatchObject({ isBeingRotated: true });
      const settled = await world.store.settleDelivery(settlement(deliveryId, 'unknown'));
      const id = settled.settled ? (settled.collection?.id ?? '') : '';
      expect(await world.store.expiringKey(oldKeyId)).toMatchObject({ isBeingRotated: false });
      const next = await startRotationOf(world, { accountId, oldKeyId, overlapMs: HOUR_MS });
      expect([await stateOf(rotationId), await stateOf(next.rotationId)]).toEqual(['canceled', 'open']);
      expect((await world.store.findCollection(id))?.state).toBe('closed');
      await world.store.settleDelivery(settlement(next.deliveryId, 'accepted'));
      expect(await expiryOf(oldKeyId)).toBe(NOW_MS + HOUR_MS);
    });

    it('are 30 days, however often it is extended', async () => {
      const started = await startRotation(world);
      await world.store.settleDelivery(settlement(started.deliveryId, 'accepted'));
      const latestEndMs = NOW_MS + 30 * DAY_MS;
      let endMs = NOW_MS + 7 * DAY_MS;
      for (let click = 0; click < 5; click += 1)
        endMs = (await extend(world.store, started.rotationId, endMs, 7 * DAY_MS)) ?? 0;
      expect([endMs, await expiryOf(started.oldKeyId)]).toEqual([latestEndMs, latestEndMs]);
      expect((await world.store.rotation(started.rotationId))?.latestEndMs).toBe(latestEndMs);
    });
  });
}
