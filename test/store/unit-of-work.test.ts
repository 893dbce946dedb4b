import { describe, expect, it } from 'vitest';
import { insertSending, NOW_MS } from './contract/world.ts';
import { openSqliteWorld } from './database/temporary-database.ts';

describe('Writing many uses of credentials', () => {
  it('lets requests run in between, and writes all of them', async () => {
    const world = await openSqliteWorld();
    const { account } = await insertSending(world, world.mlPlatform);
    const lastUse = () => world.lastUse({ accountId: account.id }).atMs;
    const uses = Array.from({ length: 120 }, (_, index) => ({
      accountId: account.id,
      keyId: undefined,
      atMs: NOW_MS + index,
      address: '203.0.113.9',
      userAgent: undefined,
    }));
    const seen = new Set<number | null>();
    const request = () => {
      seen.add(lastUse());
      next = setImmediate(request);
    };
    let next = setImmediate(request);
    await world.store.recordUses(uses, NOW_MS + 1_000);
    clearImmediate(next);
    expect(lastUse()).toBe(NOW_MS + 119);
    expect([...seen]).toEqual(expect.arrayContaining([NOW_MS + 49, NOW_MS + 99]));
  });
});
