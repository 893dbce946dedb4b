export interface PageArguments {
  after?: string | null | undefined;
  first?: number | null | undefined;
}

export interface Page<T> {
  edges: { node: T; cursor: string }[];
  pageInfo: { endCursor: string | null; hasNextPage: boolean };
  totalCount: number;
}

const MAX_PAGE = 1000;

/** Returns one page of a Relay connection. A cursor is the position of its node. */
export function pageOf<T, N>(
  all: readonly T[],
  { after, first }: PageArguments,
  toNode: (one: T) => N,
): Page<N> {
  const from = Math.max(0, Number.parseInt(after || '0', 10) || 0);
  const count = Math.min(Math.max(0, first ?? 50), MAX_PAGE);
  const edges = all
    .slice(from, from + count)
    .map((one, index) => ({ node: toNode(one), cursor: String(from + index + 1) }));
  const hasNextPage = from + count < all.length;
  return {
    edges,
    pageInfo: { endCursor: edges.at(-1)?.cursor ?? null, hasNextPage },
    totalCount: all.length,
  };
}

/** Returns a time as W&B writes it, without milliseconds and zone. */
export const dateTime = (ms: number) => new Date(ms).toISOString().slice(0, 19);
