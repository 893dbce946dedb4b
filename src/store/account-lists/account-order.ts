import type { AccountPosition, ListStart } from '../../application/ports/account-records.ts';

/** The accounts that a list can show, in its order. `Row` has what identifies its position. */
export interface AccountOrder<Row> {
  /** Reads the rows beyond a position, or from that end of the list, the nearest first. */
  read(direction: ListStart['direction'], position: AccountPosition | undefined, limit: number): Row[];
  positionOf(row: Row): AccountPosition;
  /** Counts the rows, at most to this number. */
  count(atMost: number): number;
}

interface RowPage<Row> {
  rows: Row[];
  previous: ListStart | undefined;
  next: ListStart | undefined;
}

/**
 * Reads a page. A start may come from outside or be old: where nothing follows it, the page is the last one, and where too
 * little precedes it, the first one.
 */
export function readOrderedPage<Row>(
  order: AccountOrder<Row>,
  { start, limit }: { start: ListStart | undefined; limit: number },
): RowPage<Row> {
  if (start?.direction === 'before') return pageBefore(order, start.position, limit);
  const found = order.read('after', start?.position, limit + 1);
  if (found.length === 0 && start !== undefined) return pageBefore(order, undefined, limit);
  const rows = found.slice(0, limit);
  const [first] = rows;
  return {
    rows,
    previous: start === undefined ? undefined : pageStart(order, 'before', first),
    next: found.length > limit ? startFrom(order, 'after', rows.at(-1)) : undefined,
  };
}

function pageBefore<Row>(
  order: AccountOrder<Row>,
  position: AccountPosition | undefined,
  limit: number,
): RowPage<Row> {
  const found = order.read('before', position, limit + 1);
  if (found.length <= limit) return readOrderedPage(order, { start: undefined, limit });
  const rows = found.slice(0, limit).reverse();
  const [first] = rows;
  return {
    rows,
    previous: startFrom(order, 'before', first),
    next: pageStart(order, 'after', rows.at(-1)),
  };
}

/** Returns the start of the page beyond a row, if there is one. */
function pageStart<Row>(
  order: AccountOrder<Row>,
  direction: ListStart['direction'],
  row: Row | undefined,
): ListStart | undefined {
  const start = startFrom(order, direction, row);
  if (start === undefined) return undefined;
  return order.read(direction, start.position, 1).length > 0 ? start : undefined;
}

function startFrom<Row>(
  { positionOf }: AccountOrder<Row>,
  direction: ListStart['direction'],
  row: Row | undefined,
): ListStart | undefined {
  return row === undefined ? undefined : { direction, position: positionOf(row) };
}
