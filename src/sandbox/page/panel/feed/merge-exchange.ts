import type { Exchange } from '../../../slack/protocol/panel-protocol.ts';

/** As many as the server keeps. */
const KEPT = 1_000;

/** A new exchange at the end, or a known one in its place; an answer that came is never taken back. */
export function mergeExchange(known: readonly Exchange[], arrived: Exchange): readonly Exchange[] {
  const index = known.findLastIndex(({ id }) => id === arrived.id);
  if (index < 0) return [...known, arrived].slice(-KEPT);
  if (known[index]?.durationMs !== undefined && arrived.durationMs === undefined) return known;
  return known.with(index, arrived);
}
