import { describe, expect, it } from 'vitest';
import { NOW_MS, type OpenStore, openWorld } from '../world.ts';

export function describeCards(openStore: OpenStore): void {
  describe('cards', () => {
    it('remembers where a card was posted, and how far its log is', async () => {
      const world = await openWorld(openStore);
      const posted = { channelId: 'D1', messageTs: '1.2', postedEntries: 0 };
      expect(await world.store.postedCard('request:req_1:U1')).toBeUndefined();
      await world.store.recordCard('request:req_1:U1', { ...posted, nowMs: NOW_MS });
      await world.store.recordCard('request:req_1:U1', { ...posted, postedEntries: 2, nowMs: NOW_MS + 1 });
      expect(await world.store.postedCard('request:req_1:U1')).toEqual({ ...posted, postedEntries: 2 });
      expect(await world.store.postedCard('request:req_1:U2')).toBeUndefined();
      await world.close();
    });
  });
}
