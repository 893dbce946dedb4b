import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { RotationStore } from '../../../../src/application/keys/rotation-store.ts';
import type { Store } from '../../../../src/application/ports/store.ts';
import {
  ada,
  auditEvent,
  claimDue,
  claimNotifications,
  DAY_MS,
  draw,
  dueSubjects,
  insertSending,
  NOW_MS,
  type OpenStore,
  openWorld,
  settlement,
  type World,
} from '../world.ts';
import { newKey } from './account-keys.ts';

const HOUR_MS = 60 * 60_000;
export const OWN_EXPIRY_MS = NOW_MS + 90 * DAY_MS;

export interface Started {
  rotationId: string;
  accountId: string;
  oldKeyId: string;
  newKeyId: string;
  deliveryId: string;
}

export async function startRotation(world: World, overlapMs = 7 * DAY_MS): Promise<Started> {
  const { account, key } = await insertSending(world, world.mlPlatform);
  await world.store.settleDelivery(settlement(key.delivery.id, 'accepted'));
  return startRotationOf(world, { accountId: account.id, oldKeyId: key.record.keyId, overlapMs });
}

export async function startRotationOf(
  { store }: World,
  { accountId, oldKeyId, overlapMs }: { accountId: string; oldKeyId: string; overlapMs: number },
): Promise<Started> {
  const rotation = { id: draw('rot'), oldKeyId, overlapMs, revokesUnused: false };
  const key = { ...newKey(accountId), rotation };
  expect(await store.insertKey(key)).toEqual({ ok: true });
  const { record, delivery } = key;
  return { rotationId: rotation.id, accountId, oldKeyId, newKeyId: record.keyId, deliveryId: delivery.id };
}

export const finishRotation = (
  store: RotationStore,
  rotationId: string,
  revokesOldKey: boolean,
  nowMs = NOW_MS,
) =>
  store.finishRotation({
    rotationId,
    revokesOldKey,
    by: ada,
    nowMs,
    auditEvent: auditEvent('api_key.rotation_finished'),
  });
export const extend = (store: RotationStore, rotationId: string, fromMs: number, byMs = DAY_MS) =>
  store.extendRotation({
    rotationId,
    fromMs,
    byMs,
    nowMs: NOW_MS,
    auditEvent: auditEvent('api_key.rotation_extended'),
  });
const ask = (store: RotationStore, rotationId: string) =>
  store.askAboutOldKey({
    rotationId,
    nowMs: NOW_MS,
    notifications: [
      {
        payload: {
          message: 'rotation_ending',
          accountId: 'sa',
          rotationId,
          to: { slackUserId: 'U0BEN' },
          requestId: null,
        },
        start: { atMs: NOW_MS },
      },
    ],
  });

export function describeRotations(openStore: OpenStore): void {
  describe('the rotation of a key', () => {
    let world: World;
    beforeEach(async () => {
      world = await openWorld(openStore);
    });
    afterEach(() => world.close());

    const deliver = ({ deliveryId }: Started, nowMs = NOW_MS) =>
      world.store.settleDelivery(settlement(deliveryId, 'accepted', nowMs));
    const expiryOf = async (keyId: string) => (await world.store.findApiKey(keyId))?.expiresAtMs;
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

    it('shortens the life of the old key once the new one reached its person, and schedules card and job', async () => {
      const started = await startRotation(world);
      expect(await expiryOf(started.oldKeyId)).toBe(OWN_EXPIRY_MS);
      await deliver(started, NOW_MS + HOUR_MS);

      expect(await expiryOf(started.oldKeyId)).toBe(NOW_MS + HOUR_MS + 7 * DAY_MS);
      expect(await dueSubjects(world.store, 'rotation', NOW_MS + HOUR_MS)).toEqual([started.rotationId]);
      const cards = await claimDue(world.store, 'card', NOW_MS + HOUR_MS);
      expect(cards.map(({ payload }) => payload.place)).toEqual(
        expect.arrayContaining([{ slackUserId: ada.slackUserId }, { slackUserId: 'U0BEN' }]),
      );
      expect(await world.store.rotation(started.rotationId)).toMatchObject({
        state: 'open',
        account: { id: started.accountId },
        oldKey: { keyId: started.oldKeyId },
        newKey: { keyId: started.newKeyId, delivery: 'delivered' },
        startedAtMs: NOW_MS + HOUR_MS,
        oldLongestPauseMs: undefined,
      });
      const open = await world.store.openRotations(started.accountId);
      expect(open.map(({ id }) => id)).toEqual([started.rotationId]);
    });

    it('never lets the old key live longer than before', async () => {
      const started = await startRotation(world, 400 * DAY_MS);
      await deliver(started);
      expect(await expiryOf(started.oldKeyId)).toBe(OWN_EXPIRY_MS);
      expect(await extend(world.store, started.rotationId, OWN_EXPIRY_MS)).toBe(OWN_EXPIRY_MS);
    });

    it('is started once for a key', async () => {
      const { accountId, oldKeyId } = await startRotation(world);
      const rotation = { id: draw('rot'), oldKeyId, overlapMs: 1, revokesUnused: false };
      expect(await world.store.insertKey({ ...newKey(accountId), rotation })).toEqual({
        ok: false,
        reason: 'being_rotated',
      });
      const unknown = { ...rotation, oldKeyId: 'no such key' };
      expect(await world.store.insertKey({ ...newKey(accountId), rotation: unknown })).toMatchObject({
        reason: 'key_not_found',
      });
    });

    it('goes on with a collected key, and the old key stays as it is until then', async () => {
      const started = await startRotation(world);
      const settled = await world.store.settleDelivery(settlement(started.deliveryId, 'unknown'));
      const collection = settled.settled ? settled.collection : undefined;
      expect(collection).toMatchObject({ rotationId: started.rotationId });
      expect(await expiryOf(started.oldKeyId)).toBe(OWN_EXPIRY_MS);
      const { record, delivery } = newKey(started.accountId);
      const id = collection?.id ?? '';
      const collecting = { record, delivery: { ...delivery, collectionId: id } };
      await world.store.beginCollection(id, collecting, NOW_MS, auditEvent('api_key.collection_started'));
      await world.store.settleDelivery(settlement(delivery.id, 'accepted', NOW_MS + HOUR_MS));

      expect(await expiryOf(started.oldKeyId)).toBe(NOW_MS + HOUR_MS + 7 * DAY_MS);
      expect((await world.store.rotation(started.rotationId))?.newKey?.keyId).toBe(record.keyId);
    });

    it('is canceled when its key isn’t collected, its new key is revoked, or its account is', async () => {
      const uncollected = await startRotation(world);
      const settled = await world.store.settleDelivery(settlement(uncollected.deliveryId, 'unknown'));
      const id = settled.settled ? (settled.collection?.id ?? '') : '';
      await world.store.expireCollection(id, NOW_MS + 2 * DAY_MS);
      expect(await stateOf(uncollected.rotationId)).toBe('canceled');

      const revoked = await startRotation(world);
      await deliver(revoked);
      await revoke(revoked.accountId, revoked.newKeyId);
      expect(await stateOf(revoked.rotationId)).toBe('canceled');
      expect(await expiryOf(revoked.oldKeyId)).toBe(OWN_EXPIRY_MS);

      const ended = await startRotation(world);
      await deliver(ended);
      await world.store.revokeAccount(ended.accountId, NOW_MS, auditEvent('service_account.revoked'));
      expect(await stateOf(ended.rotationId)).toBe('canceled');
    });

    it('is finished once: when the old key expired, is revoked now, or was revoked by itself', async () => {
      const started = await startRotation(world);
      expect(await finishRotation(world.store, started.rotationId, true)).toBe(false);
      await deliver(started);
      expect(await finishRotation(world.store, started.rotationId, false)).toBe(false);
      expect(await finishRotation(world.store, started.rotationId, true)).toBe(true);
      expect(await finishRotation(world.store, started.rotationId, true)).toBe(false);
      expect((await world.store.findApiKey(started.oldKeyId))?.revokedAtMs).toBe(NOW_MS);

      const expired = await startRotation(world);
      await deliver(expired);
      expect(await finishRotation(world.store, expired.rotationId, false, NOW_MS + 8 * DAY_MS)).toBe(true);
      expect((await world.store.findApiKey(expired.oldKeyId))?.revokedAtMs).toBeUndefined();

      const revoked = await startRotation(world);
      await deliver(revoked);
      await revoke(revoked.accountId, revoked.oldKeyId);
      expect(await world.store.rotation(revoked.rotationId)).toMatchObject({
        state: 'finished',
        finishedBySlackUserId: ada.slackUserId,
      });
    });

    it('asks once, and again after it was extended', async () => {
      const started = await startRotation(world);
      await deliver(started);
      expect(await ask(world.store, started.rotationId)).toBe(true);
      expect(await ask(world.store, started.rotationId)).toBe(false);
      const endMs = NOW_MS + 7 * DAY_MS;
      expect(await extend(world.store, started.rotationId, endMs)).toBe(endMs + DAY_MS);
      // The same click again.
      expect(await extend(world.store, started.rotationId, endMs)).toBe(endMs + DAY_MS);
      expect(await expiryOf(started.oldKeyId)).toBe(NOW_MS + 8 * DAY_MS);
      expect(await ask(world.store, started.rotationId)).toBe(true);
      await world.store.refreshRotation(started.rotationId, NOW_MS);
    });

    it('reports one late use of its old key, and none of other keys', async () => {
      const started = await startRotation(world);
      const use = { keyId: started.oldKeyId, atMs: NOW_MS, address: '10.0.0.1', userAgent: undefined };
      await deliver(started);
      expect(await world.store.queueLateUse(use)).toEqual([]);
      await finishRotation(world.store, started.rotationId, true);
      expect(await world.store.queueLateUse(use)).toEqual(['U0BEN']);
      expect(await world.store.queueLateUse(use)).toEqual([]);
      expect(await world.store.queueLateUse({ ...use, keyId: started.newKeyId })).toEqual([]);
      expect(await claimNotifications(world.store)).toMatchObject([
        { message: 'old_key_used', use: { atMs: NOW_MS, address: '10.0.0.1', userAgent: null } },
      ]);
    });

    it('knows the longest pause of the old key in the last 90 days', async () => {
      const { rotationId, accountId, oldKeyId: keyId } = await startRotation(world);
      const uses = [0, 11, 30, 40, 100, 101].map((hours) => NOW_MS + hours * HOUR_MS);
      for (const atMs of uses) {
        const use = { accountId, keyId, atMs, address: '10.0.0.1', userAgent: undefined };
        await world.store.recordUses([use], atMs);
      }
      expect((await world.store.rotation(rotationId))?.oldLongestPauseMs).toBe(60 * HOUR_MS);
      const late = NOW_MS + 100 * HOUR_MS + 91 * DAY_MS;
      for (const atMs of [late - 10 * DAY_MS, late]) {
        const use = { accountId, keyId, atMs, address: '10.0.0.1', userAgent: undefined };
        await world.store.recordUses([use], atMs);
      }
      expect((await world.store.rotation(rotationId))?.oldLongestPauseMs).toBeGreaterThan(60 * DAY_MS);
    });
  });

  describe('rotations of another organization in the same database', () => {
    let world: World;
    let globex: Store;
    let started: Started;
    beforeEach(async () => {
      world = await openWorld(openStore);
      started = await startRotation(world);
      await world.store.settleDelivery(settlement(started.deliveryId, 'accepted'));
      globex = await world.stores.openOrganization('globex', NOW_MS);
    });
    afterEach(() => world.close());

    const CALLS: Record<keyof RotationStore, { ask: () => Promise<unknown>; gets: unknown }> = {
      rotation: { ask: () => globex.rotation(started.rotationId), gets: undefined },
      openRotations: { ask: () => globex.openRotations(started.accountId), gets: [] },
      finishRotation: { ask: () => finishRotation(globex, started.rotationId, true), gets: false },
      extendRotation: { ask: () => extend(globex, started.rotationId, NOW_MS), gets: undefined },
      askAboutOldKey: { ask: () => ask(globex, started.rotationId), gets: false },
      refreshRotation: { ask: () => globex.refreshRotation(started.rotationId, NOW_MS), gets: undefined },
      queueLateUse: {
        ask: () =>
          globex.queueLateUse({
            keyId: started.oldKeyId,
            atMs: NOW_MS,
            address: '10.0.0.1',
            userAgent: undefined,
          }),
        gets: [],
      },
    };
    it.each(Object.keys(CALLS) as (keyof RotationStore)[])('aren’t reached by %s', async (method) => {
      const before = await world.store.rotation(started.rotationId);
      expect(await CALLS[method].ask()).toEqual(CALLS[method].gets);
      expect(await world.store.rotation(started.rotationId)).toEqual(before);
    });
  });
}
