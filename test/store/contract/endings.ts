import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { retryPauseMs } from '../../../src/domain/retry-pause.ts';
import { tellingPauseMs } from '../../../src/domain/telling-pause.ts';
import { begin, failure, LEASE_UNTIL_MS } from './operation-world.ts';
import { ada, NOW_MS, type OpenStore, openWorld, type World } from './world.ts';

export function describeEndings(openStore: OpenStore): void {
  let world: World;
  beforeEach(async () => {
    world = await openWorld(openStore);
  });
  afterEach(() => world.close());
  const claim = (nowMs = NOW_MS) => world.store.claimEndings(world.organizationId, nowMs, { limit: 10 });
  const fail = async () => {
    const begun = await begin(world);
    await world.store.failCreation(world.organizationId, { ...failure(begun), ending: 'not_made' });
    return begun;
  };

  describe('the ending of an operation', () => {
    it('is told by one, again after growing pauses, and no more once it is told', async () => {
      const { operationId, account } = await fail();
      const claims = await Promise.all([
        claim(),
        world.another().claimEndings(world.organizationId, NOW_MS, { limit: 10 }),
      ]);
      expect(claims.flat()).toMatchObject([
        { operationId, kind: 'not_made', slackUserId: ada.slackUserId, account: { id: account.id } },
      ]);
      expect(await claim(NOW_MS + tellingPauseMs(0) - 1)).toEqual([]);
      expect(await claim(NOW_MS + tellingPauseMs(0))).toHaveLength(1);
      await world.store.markEndingTold(world.organizationId, { operationId, nowMs: NOW_MS });
      expect(await claim(NOW_MS * 2)).toEqual([]);
    });

    it('is none where the person heard it at once', async () => {
      await world.store.failCreation(world.organizationId, failure(await begin(world)));
      expect(await claim()).toEqual([]);
    });
  });

  describe('an operation that can’t be finished', () => {
    it('is put off for pauses that grow with every try', async () => {
      await begin(world);
      let nowMs = LEASE_UNTIL_MS + 1;
      for (let triesBefore = 0; triesBefore < 4; triesBefore += 1) {
        const [claimed] = await world.store.claimLapsedOperations(world.organizationId, nowMs, { limit: 1 });
        if (claimed === undefined) throw new Error('nothing claimed');
        const { id: operationId, leaseUntilMs } = claimed;
        await world.store.postponeOperation(world.organizationId, { operationId, leaseUntilMs, nowMs });
        nowMs += retryPauseMs(triesBefore);
        expect(await world.store.claimLapsedOperations(world.organizationId, nowMs, { limit: 1 })).toEqual(
          [],
        );
        nowMs += 1;
      }
    });
  });
}
