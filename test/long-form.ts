/** Whether `npm run test:long` runs, which adds slow cases that differ little from the default ones. */
export const isLongForm = process.env.LONG_TESTS === '1';

/** Returns how many random inputs a property is tested with: `full` in the long form, a fifth of that by default. */
export const randomRuns = (full: number) => (isLongForm ? full : Math.ceil(full / 5));

/**
 * Returns all items in the long form, and by default one of `every` of them. Pass the position of the test as `from`, so that
 * the tests together cover all items.
 */
export function sample<Item>(
  items: readonly Item[],
  { every, from }: { every: number; from: number },
): Item[] {
  return items.filter((_, index) => isLongForm || (index + from) % every === 0);
}
