import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { CredentialUse } from '../../../src/application/ports/authority-store.ts';
import { begin } from './server-accounts/server-account-world.ts';
import {
  ada,
  auditEvent,
  DAY_MS,
  dueSubjects,
  ISSUER,
  insertCollectable,
  insertSending,
  keyRecord,
  NOW_MS,
  type OpenStore,
  openWorld,
  pendingDelivery,
  type World,
} from './world.ts';

/** The rows were written at `NOW_MS`, and then the clock was set back to each of these. */
const EARLIER_MS = [NOW_MS - DAY_MS, NOW_MS - 365 * DAY_MS];
/** Within the tolerance for replicas whose clocks differ. */
const SLIGHTLY_EARLIER_MS = NOW_MS - 5_000;

export function describeClockSteps(openStore: OpenStore): void {
  let world: World;

  describe('after the clock was set back', () => {
    beforeEach(async () => {
      world = await openWorld(openStore);
    });
    afterEach(() => world.close());

    it.each(EARLIER_MS)(
      'an open delivery is due, because its lease would last for days (%i)',
      async (nowMs) => {
        const { key } = await insertSending(world, world.mlPlatform);
        expect(await dueSubjects(world.store, 'delivery', SLIGHTLY_EARLIER_MS)).toEqual([]);
        expect(await dueSubjects(world.store, 'delivery', nowMs)).toEqual([key.delivery.id]);
      },
    );

    it.each(EARLIER_MS)('a creation that was left open is due, once (%i)', async (nowMs) => {
      const { server } = await begin(world);
      // Jobs of server accounts may be scheduled a day ahead.
      const backMs = nowMs - DAY_MS;
      expect(await dueSubjects(world.store, 'server_account', SLIGHTLY_EARLIER_MS)).toEqual([]);
      expect(await dueSubjects(world.store, 'server_account', backMs)).toEqual([server.id]);
      expect(await dueSubjects(world.store, 'server_account', backMs)).toEqual([]);
    });

    it.each(EARLIER_MS)(
      'a collection can’t be collected, and then for a day from now on (%i)',
      async (nowMs) => {
        const { collection } = await insertCollectable(world, world.mlPlatform);
        const { id } = collection;
        const record = keyRecord(nowMs);
        const key = { record, delivery: pendingDelivery(record, ada, id) };
        const collect = (atMs: number) =>
          world.store.beginCollection(id, key, atMs, auditEvent('api_key.collection_started'));
        expect(await collect(nowMs)).toEqual({ ok: false, reason: 'expired' });
        expect(await world.store.openCollections(ada.slackUserId, nowMs)).toEqual([]);
        expect(await world.store.openCollections(ada.slackUserId, SLIGHTLY_EARLIER_MS)).toHaveLength(1);

        const redated = { ...collection, expiresAtMs: nowMs + DAY_MS };
        expect(await dueSubjects(world.store, 'collection', nowMs - DAY_MS)).toEqual([id]);
        expect(await world.store.expireCollection(id, nowMs)).toBe(redated.expiresAtMs);
        expect(await world.store.openCollections(ada.slackUserId, nowMs)).toEqual([redated]);
        expect(await collect(nowMs + DAY_MS)).toEqual({ ok: false, reason: 'expired' });
        expect(await collect(nowMs + DAY_MS - 1)).toEqual({ ok: true });
      },
    );

    it.each(EARLIER_MS)(
      'a new use replaces the last use, and a use of another replica doesn’t (%i)',
      async (nowMs) => {
        const { account, key } = await insertSending(world, world.mlPlatform);
        const { keyId } = key.record;
        const use = (atMs: number): CredentialUse => ({
          accountId: account.id,
          keyId,
          atMs,
          address: '192.0.2.1',
          userAgent: undefined,
        });
        await world.store.recordUses([use(NOW_MS)], NOW_MS);
        await world.store.recordUses([use(SLIGHTLY_EARLIER_MS)], SLIGHTLY_EARLIER_MS);
        expect(world.lastUse({ keyId }).atMs).toBe(NOW_MS);

        await world.store.recordUses([use(nowMs)], nowMs);
        expect([world.lastUse({ keyId }).atMs, world.lastUse({ accountId: account.id }).atMs]).toEqual([
          nowMs,
          nowMs,
        ]);
      },
    );
  });

  describe('a clock that was ahead for a while', () => {
    beforeEach(async () => {
      world = await openWorld(openStore);
    });
    afterEach(() => world.close());

    it.each([DAY_MS, 365 * DAY_MS])('lets no JWT be used a second time (%i ms ahead)', async (aheadMs) => {
      const expiresAtMs = NOW_MS + 600_000;
      const use = (tokenId: string, nowMs: number, untilMs = expiresAtMs) =>
        world.store.useAssertionOnce({ issuer: ISSUER, tokenId, expiresAtMs: untilMs, nowMs });
      expect(await use('first', NOW_MS)).toBe(true);
      expect(await use('ahead', NOW_MS + aheadMs, NOW_MS + aheadMs + 600_000)).toBe(true);

      expect(await use('first', NOW_MS)).toBe(false);
      expect(
        await (await world.another()).useAssertionOnce({
          issuer: ISSUER,
          tokenId: 'first',
          expiresAtMs,
          nowMs: NOW_MS,
        }),
      ).toBe(false);
      expect(await use('next', NOW_MS, expiresAtMs + 1)).toBe(true);
    });
  });
}
