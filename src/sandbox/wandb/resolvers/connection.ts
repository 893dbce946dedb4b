/** Relay's list, of which W&B's clients here read the nodes only. */
export function connection<T>(nodes: T[]): { edges: { node: T }[] } {
  return { edges: nodes.map((node) => ({ node })) };
}
