/** How often callers whom Keysmith can't name were refused since the start, by reason: they are counted, not recorded. */
export interface RefusalCount {
  /** Answers how often it has been this reason now. */
  add(reason: string): number;
}

export function createRefusalCount(): RefusalCount {
  const counts = new Map<string, number>();
  return {
    add(reason) {
      const count = (counts.get(reason) ?? 0) + 1;
      counts.set(reason, count);
      return count;
    },
  };
}
