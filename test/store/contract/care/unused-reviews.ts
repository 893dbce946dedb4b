import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { postponeDue } from '../jobs.ts';
import {
  ada,
  auditEvent,
  claimDue,
  DAY_MS,
  dueSubjects,
  insertSending,
  NOW_MS,
  type OpenStore,
  openWorld,
  settlement,
  type World,
} from '../world.ts';

export function describeUnusedReviews(openStore: OpenStore): void {
  describe('the unused keys of a team', () => {
    let world: World;
    let keyId: string;
    let accountId: string;
    beforeEach(async () => {
      world = await openWorld(openStore);
      const { key, account } = await insertSending(world, world.mlPlatform);
      await world.store.settleDelivery(settlement(key.delivery.id, 'accepted'));
      keyId = key.record.keyId;
      accountId = account.id;
    });
    afterEach(() => world.close());

    const unused = async (days: number, store = world.store) =>
      (
        await store.unusedKeys(world.mlPlatform.id, {
          unusedAfterDays: 60,
          nowMs: NOW_MS + days * DAY_MS,
          limit: 9,
        })
      ).map(({ scope, ...key }) => (scope === 'team' ? key.keyId : scope));
    const use = (days: number) =>
      world.store.recordUses(
        [{ accountId, keyId, atMs: NOW_MS + days * DAY_MS, address: '192.0.2.1', userAgent: undefined }],
        NOW_MS + days * DAY_MS,
      );
    const review = (nowMs = NOW_MS, store = world.store) =>
      store.openReview({
        teamId: world.mlPlatform.id,
        keyIds: [keyId],
        places: [{ email: ada.email }],
        nowMs,
      });
    const reviewId = async () => {
      expect(await review()).toBe(true);
      const [job] = await postponeDue(world.store, 'card');
      return job?.payload.about.id ?? '';
    };
    const keep = (id: string) => ({
      reviewId: id,
      keyId,
      by: ada.slackUserId,
      untilMs: NOW_MS + 60 * DAY_MS,
      nowMs: NOW_MS,
      auditEvent: auditEvent('api_key.kept'),
    });

    it('are those that were never used for 14 days, or are silent for the days of the policy', async () => {
      expect(await unused(13)).toEqual([]);
      expect(await unused(14)).toEqual([keyId]);
      await use(20);
      expect(await unused(79)).toEqual([]);
      expect(await unused(80)).toEqual([keyId]);
      // It has expired.
      expect(await unused(90)).toEqual([]);
    });

    it('don’t include those of revoked accounts, other teams and other organizations', async () => {
      const other = { unusedAfterDays: 60, nowMs: NOW_MS + 20 * DAY_MS, limit: 9 };
      expect(await world.store.unusedKeys(world.vision.id, other)).toEqual([]);
      const globex = await world.stores.openOrganization('globex', NOW_MS);
      expect(await unused(20, globex)).toEqual([]);
      await world.store.revokeAccount(accountId, NOW_MS, auditEvent('service_account.revoked'));
      expect(await unused(20)).toEqual([]);
    });

    it('have one review in 30 days, whichever process is first, also after the clock was set back', async () => {
      const other = await world.another();
      const opened = await Promise.all([review(), review(NOW_MS, other)]);
      expect(opened.sort()).toEqual([false, true]);
      expect(await review(NOW_MS + 29 * DAY_MS)).toBe(false);
      expect(await review(NOW_MS + 31 * DAY_MS)).toBe(true);
      expect(await review(NOW_MS - 90 * DAY_MS)).toBe(true);
      expect(await review(NOW_MS - 89 * DAY_MS)).toBe(false);
      const reviewedAtMs = async (days: number) =>
        (await world.store.teamsToReview({ after: '', limit: 9, nowMs: NOW_MS + days * DAY_MS })).find(
          ({ name }) => name === 'ml-platform',
        )?.reviewedAtMs;
      expect(await reviewedAtMs(31)).toBe(NOW_MS + 31 * DAY_MS);
      expect(await reviewedAtMs(30)).toBe(NOW_MS);
      expect(await reviewedAtMs(-91)).toBeUndefined();
    });

    it('can be kept once, by name, and then aren’t unused for the days of the policy', async () => {
      const id = await reviewId();
      expect(await world.store.keepKey(keep(id))).toBe('kept');
      expect(await world.store.keepKey(keep(id))).toBe('already_kept');
      expect(await world.store.keepKey({ ...keep(id), keyId: 'other' })).toBe('not_found');
      expect(await world.store.unusedReview(id, NOW_MS)).toMatchObject({
        teamName: 'ml-platform',
        keys: [{ keyId, state: 'kept', keptBy: ada.slackUserId }],
        more: 0,
      });
      expect([await unused(20), await unused(60)]).toEqual([[], [keyId]]);
      expect(await dueSubjects(world.store, 'card')).toEqual([`unused_review:${id}:${ada.email}`]);
    });

    it('show when they were revoked or used, and aren’t visible to another organization', async () => {
      const id = await reviewId();
      const globex = await world.stores.openOrganization('globex', NOW_MS);
      expect(await globex.unusedReview(id, NOW_MS)).toBeUndefined();
      expect(await globex.keepKey(keep(id))).toBe('not_found');
      await use(1);
      expect(await world.store.unusedReview(id, NOW_MS)).toMatchObject({ keys: [{ state: 'used' }] });
      await world.store.revokeKey({
        accountId,
        keyId,
        by: ada,
        nowMs: NOW_MS,
        auditEvent: auditEvent('api_key.revoked'),
        notification: undefined,
      });
      expect(await world.store.unusedReview(id, NOW_MS)).toMatchObject({ keys: [{ state: 'ended' }] });
      expect(await dueSubjects(world.store, 'card')).toEqual([`unused_review:${id}:${ada.email}`]);
      expect(await world.store.keepKey(keep(id))).toBe('not_found');
    });

    it('show on the card that their account was revoked', async () => {
      const id = await reviewId();
      expect(await dueSubjects(world.store, 'card')).toEqual([]);
      await world.store.revokeAccount(accountId, NOW_MS, auditEvent('service_account.revoked'));
      expect(await dueSubjects(world.store, 'card')).toEqual([`unused_review:${id}:${ada.email}`]);
      expect(await world.store.unusedReview(id, NOW_MS)).toMatchObject({ keys: [{ state: 'ended' }] });
    });

    it('show that they were revoked on the last review, not on one from before the clock was set back', async () => {
      const id = await reviewId();
      expect(await review(NOW_MS + 100 * DAY_MS)).toBe(true);
      await world.store.revokeAccount(accountId, NOW_MS, auditEvent('service_account.revoked'));
      expect(await dueSubjects(world.store, 'card')).toContain(`unused_review:${id}:${ada.email}`);
    });

    it('are reviewed by one job, which continues with the next teams', async () => {
      await world.store.startReviews(NOW_MS);
      await world.store.startReviews(NOW_MS);
      const first = await claimDue(world.store, 'unused_review');
      expect(first).toMatchObject([{ payload: { after: '' } }]);
      await world.store.continueReviews({ after: world.mlPlatform.id, runAtMs: NOW_MS + 1 });
      for (const job of first) await world.store.finishJob({ ...job, outcome: 'done', nowMs: NOW_MS });
      const next = await claimDue(world.store, 'unused_review', NOW_MS + 1);
      expect(next).toMatchObject([{ payload: { after: world.mlPlatform.id } }]);
      const teams = await world.store.teamsToReview({ after: world.mlPlatform.id, limit: 9, nowMs: NOW_MS });
      expect(teams.every(({ id }) => id > world.mlPlatform.id)).toBe(true);
    });
  });
}
