import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createMemoryBudget } from '../../../../src/api/gateway/operations/memory-budget.ts';

it('gives an account its share, and leaves the rest to the others', () => {
  const budget = createMemoryBudget({ maxBytes: 100, maxBytesPerAccount: 60 });
  const [first, second, third] = ['a', 'a', 'b'].map((account) => budget.hold(account));
  expect(first?.resize(60)).toBe(true);
  expect(second?.resize(1)).toBe(false);
  expect(third?.resize(41)).toBe(false);
  expect(third?.resize(40)).toBe(true);
  first?.release();
  expect([second?.resize(60), first?.resize(1)]).toEqual([true, false]);
});

it('never exceeds a bound, counts what is held, and gives everything back, whatever the order', () => {
  const step = fc.record({
    at: fc.nat({ max: 5 }),
    bytes: fc.option(fc.nat({ max: 70 }), { freq: 4 }),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const budget = createMemoryBudget({ maxBytes: 100, maxBytesPerAccount: 60 });
      const accounts = ['a', 'a', 'a', 'b', 'b', 'c'];
      const held = accounts.map((account) => budget.hold(account));
      const sizes = accounts.map(() => 0);
      const released = new Set<number>();
      const sum = (account?: string) =>
        sizes.reduce(
          (all, size, at) => all + (account === undefined || accounts[at] === account ? size : 0),
          0,
        );
      for (const { at, bytes } of steps) {
        const size = sizes[at] ?? 0;
        if (bytes === null) {
          released.add(at);
          held[at]?.release();
          sizes[at] = 0;
          continue;
        }
        const more = bytes - size;
        const fits = more <= 0 || (sum() + more <= 100 && sum(accounts[at]) + more <= 60);
        expect(held[at]?.resize(bytes)).toBe(fits && !released.has(at));
        if (fits && !released.has(at)) sizes[at] = bytes;
      }
      for (const each of held) each.release();
      expect(budget.hold('a').resize(60)).toBe(true);
      expect(budget.hold('b').resize(40)).toBe(true);
    }),
    { numRuns: 200 },
  );
});
