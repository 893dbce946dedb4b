/** A part of a sorted list, between two keys. */
export interface KeyedPage<Item> {
  items: Item[];
  /** The key before the previous page; empty for the first one, undefined if there is none. */
  previous: string | undefined;
  /** The key before the next page. */
  next: string | undefined;
}

/** Returns the page after a key, which needn't be in the list any more. The first page comes after the empty key. */
export function pageAfter<Item>(
  sorted: readonly Item[],
  keyOf: (item: Item) => string,
  { after, size }: { after: string; size: number },
): KeyedPage<Item> {
  const found = after === '' ? 0 : sorted.findIndex((item) => keyOf(item) > after);
  // Beyond the end, the last page.
  const start = found === -1 ? Math.max(0, sorted.length - size) : found;
  const keyBefore = (index: number) => {
    const item = sorted[index - 1];
    return item === undefined ? '' : keyOf(item);
  };
  return {
    items: sorted.slice(start, start + size),
    previous: start === 0 ? undefined : keyBefore(Math.max(0, start - size)),
    next: start + size < sorted.length ? keyBefore(start + size) : undefined,
  };
}
