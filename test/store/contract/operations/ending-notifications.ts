import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { BeginCreation } from '../../../../src/application/ports/operation-store.ts';
import { notificationPauseMs, retryPauseMs } from '../../../../src/domain/backoff.ts';
import { ada, NOW_MS, type OpenStore, openWorld, type World } from '../world.ts';
import {
  begin,
  completion,
  creation,
  failure,
  LEASE_UNTIL_MS,
  stalled as stalledCutOff,
  undoing,
} from './operation-world.ts';

export function describeEndings(openStore: OpenStore): void {
  let world: World;
  beforeEach(async () => {
    world = await openWorld(openStore);
  });
  afterEach(() => world.close());
  const claim = (nowMs = NOW_MS) => world.store.claimEndingNotifications(nowMs, { limit: 10 });
  const stalledEvent = () => stalledCutOff().auditEvent;
  const fail = async () => {
    const begun = await begin(world);
    await world.store.failCreation({ ...failure(begun), ending: 'not_made' });
    return begun;
  };

  describe('notifying a person of an operation’s ending', () => {
    it('is claimed by one process, retried after growing pauses and done once', async () => {
      const { operationId, account } = await fail();
      const claims = await Promise.all([
        claim(),
        (await world.another()).claimEndingNotifications(NOW_MS, { limit: 10 }),
      ]);
      expect(claims.flat()).toMatchObject([
        { operationId, kind: 'not_made', slackUserId: ada.slackUserId, account: { id: account.id } },
      ]);
      expect(await claim(NOW_MS + notificationPauseMs(0) - 1)).toEqual([]);
      expect(await claim(NOW_MS + notificationPauseMs(0))).toHaveLength(1);
      await world.store.markEndingNotified({
        operationId,
        kind: 'not_made',
        nowMs: NOW_MS,
      });
      expect(await claim(NOW_MS * 2)).toEqual([]);
    });

    it('is queued when the person was queuedEnding that the outcome is unknown', async () => {
      const queuedEnding = async (begun: BeginCreation, end: () => Promise<unknown>) => {
        const { operationId } = begun;
        await world.store.queueEndingNotification(operationId);
        expect(await claim()).toEqual([]);
        await end();
        await world.store.queueEndingNotification(operationId);
        const [claimed] = await claim();
        if (claimed !== undefined) {
          const { kind } = claimed;
          await world.store.markEndingNotified({ operationId, kind, nowMs: NOW_MS });
        }
        await world.store.queueEndingNotification(operationId);
        expect(await claim(NOW_MS * 2)).toEqual([]);
        return claimed?.kind;
      };
      const failed = await begin(world);
      const failing = () => world.store.failCreation(failure(failed));
      expect(await queuedEnding(failed, failing)).toBe('not_made');
      const keyed = await begin(world);
      const completing = (one: BeginCreation) => {
        const completed = completion(one, one.account.method === 'federated' ? { key: undefined } : {});
        return world.store.completeCreation(completed);
      };
      // The settled delivery notifies the person instead.
      expect(await queuedEnding(keyed, () => completing(keyed))).toBeUndefined();
      const federated = await begin(world, creation(world, { method: 'federated' }));
      expect(await queuedEnding(federated, () => completing(federated))).toBe('created_late');
    });

    it('is not needed when the person got the outcome at once', async () => {
      await world.store.failCreation(failure(await begin(world)));
      expect(await claim()).toEqual([]);
    });
  });

  describe('an operation that can’t be finished', () => {
    it('is postponed for pauses that grow with every attempt', async () => {
      await begin(world);
      let nowMs = LEASE_UNTIL_MS + 1;
      for (let triesBefore = 0; triesBefore < 4; triesBefore += 1) {
        const [claimed] = await world.store.claimLapsedOperations(nowMs, { limit: 1 });
        if (claimed === undefined) throw new Error('nothing claimed');
        const { id: operationId, leaseUntilMs } = claimed;
        await world.store.postponeOperation({ operationId, leaseUntilMs, nowMs });
        nowMs += retryPauseMs(triesBefore);
        expect(await world.store.claimLapsedOperations(nowMs, { limit: 1 })).toEqual([]);
        nowMs += 1;
      }
    });

    it('notifies its person once while it goes on, and again of its ending', async () => {
      const { operationId } = await begin(world);
      const postpone = async (nowMs: number) => {
        const [claimed] = await world.store.claimLapsedOperations(nowMs, { limit: 1 });
        const { leaseUntilMs } = claimed ?? { leaseUntilMs: 0 };
        const auditEvent = stalledEvent();
        const stalled = { ending: 'still_there', auditEvent } as const;
        await world.store.postponeOperation({
          operationId,
          leaseUntilMs,
          nowMs,
          stalled,
        });
      };
      await postpone(NOW_MS * 2);
      expect(await claim()).toMatchObject([{ operationId, kind: 'still_there' }]);
      await world.store.markEndingNotified({
        operationId,
        kind: 'still_there',
        nowMs: NOW_MS,
      });
      await postpone(NOW_MS * 3);
      expect(await claim(NOW_MS * 9)).toEqual([]);
      const records = await world.store.auditRecords();
      expect(
        records.filter(({ action }) => action === 'service_account.reconciliation_stalled'),
      ).toHaveLength(1);
      const [claimed] = await world.store.claimLapsedOperations(NOW_MS * 4, {
        limit: 1,
      });
      const held = { operationId, leaseUntilMs: claimed?.leaseUntilMs ?? 0 };
      await world.store.failCreation({ ...failure(held), ending: 'removed_again' });
      expect(await claim()).toMatchObject([{ operationId, kind: 'removed_again' }]);
      // The earlier notification may end only now. It wasn't about this ending.
      await world.store.markEndingNotified({
        operationId,
        kind: 'still_there',
        nowMs: NOW_MS,
      });
      expect(await claim(NOW_MS * 9)).toMatchObject([{ operationId, kind: 'removed_again' }]);
    });

    it('notifies its person only of the ending if that comes first', async () => {
      const begun = await begin(world);
      const stalled = { ending: 'still_unclear', auditEvent: stalledEvent() } as const;
      const { operationId, leaseUntilMs } = begun;
      await world.store.postponeOperation({
        operationId,
        leaseUntilMs,
        nowMs: NOW_MS,
        stalled,
      });
      const [claimed] = await world.store.claimLapsedOperations(NOW_MS * 2, {
        limit: 1,
      });
      const held = { operationId, leaseUntilMs: claimed?.leaseUntilMs ?? 0 };
      await world.store.undoCreation(undoing(held));
      expect(await claim(NOW_MS * 9)).toEqual([]);
    });
  });
}
