import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { nextLateCheckMs } from '../../../../src/domain/backoff.ts';
import { auditEvent, NOW_MS, type OpenStore, openWorld, type World } from '../world.ts';
import { begin, completion, creation, failure } from './operation-world.ts';

const MINUTE_MS = 60_000;

export function describeLateChecks(openStore: OpenStore): void {
  let world: World;
  beforeEach(async () => {
    world = await openWorld(openStore);
  });
  afterEach(() => world.close());
  const due = (nowMs: number) => world.store.claimLateChecks(nowMs, { limit: 9 });
  const giveUp = async () => {
    const begun = await begin(world);
    const lookFromMs = nextLateCheckMs(NOW_MS, NOW_MS);
    const failed = { ...failure(begun), ending: 'not_made', lookFromMs } as const;
    await world.store.failCreation(failed);
    return begun;
  };
  const note = ({ operationId }: { operationId: string }) =>
    world.store.recordLateEffect({
      operationId,
      nowMs: NOW_MS,
      auditEvent: auditEvent('service_account.appeared_late'),
    });
  const endings = () => world.store.claimEndingNotifications(NOW_MS * 2, { limit: 9 });

  describe('checking for late effects of an operation that was given up', () => {
    it('happens a few times within a day, by one process at a time', async () => {
      const { operationId, account } = await giveUp();
      expect(await due(NOW_MS + 5 * MINUTE_MS - 1)).toEqual([]);
      for (const minutes of [5, 30, 120, 360, 1440]) {
        const atMs = NOW_MS + minutes * MINUTE_MS;
        const claims = await Promise.all([
          due(atMs),
          (await world.another()).claimLateChecks(atMs, { limit: 9 }),
          due(atMs),
        ]);
        expect(claims.flat()).toMatchObject([
          { id: operationId, membersBefore: ['member-1'], account: { id: account.id } },
        ]);
      }
      expect(await due(NOW_MS * 2)).toEqual([]);
    });

    it('doesn’t happen when nothing can take effect late', async () => {
      await world.store.failCreation(failure(await begin(world)));
      expect(await due(NOW_MS * 2)).toEqual([]);
    });

    it('stops when the server responded later', async () => {
      const { operationId } = await giveUp();
      const server = { memberId: 'member-late', clientId: undefined };
      const recorded = { operationId, server, nowMs: NOW_MS, leaseUntilMs: NOW_MS + 5 };
      expect(await world.store.recordServerIdentity(recorded)).toBe('reopened');
      expect(await due(NOW_MS * 2)).toEqual([]);
      // An operation under way ends on its own.
      expect(await note({ operationId })).toBe(false);
    });

    it('notifies the person once more when an account appeared', async () => {
      const begun = await giveUp();
      const [notified] = await endings();
      expect(notified).toMatchObject({ kind: 'not_made' });
      const { operationId } = begun;
      await world.store.markEndingNotified({
        operationId,
        kind: 'not_made',
        nowMs: NOW_MS,
      });
      expect(await note(begun)).toBe(true);
      expect(await note(begun)).toBe(false);
      expect(await endings()).toMatchObject([{ kind: 'appeared_late', account: { id: begun.account.id } }]);
      expect(await due(NOW_MS * 2)).toEqual([]);
      const records = await world.store.auditRecords();
      expect(records.filter(({ action }) => action === 'service_account.appeared_late')).toHaveLength(1);
    });
  });

  describe('accounts created under a name', () => {
    const made = (name: string) => world.store.createdUnderName({ teamId: world.mlPlatform.id, name });

    it('are found in every state, with whether an operation is under way', async () => {
      const { account } = await giveUp();
      const { name } = account;
      expect(await made(name)).toEqual({ memberIds: [], isUnderWay: false });
      const again = await begin(world, creation(world, { name }));
      expect(await made(name)).toEqual({ memberIds: [], isUnderWay: true });
      const completed = completion(again);
      await world.store.completeCreation(completed);
      const memberIds = [completed.server.memberId];
      expect(await made(name)).toEqual({ memberIds, isUnderWay: false });
      const revoked = auditEvent('service_account.revoked');
      await world.store.revokeAccount(again.account.id, NOW_MS, revoked);
      expect(await made(name)).toEqual({ memberIds, isUnderWay: false });
      expect(await made('another-name')).toEqual({ memberIds: [], isUnderWay: false });
    });
  });
}
