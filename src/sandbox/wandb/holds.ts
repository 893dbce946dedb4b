interface Hold {
  /** Settles when a call stands at the hold. */
  reached: Promise<void>;
  /** Lets it go on, or, before it came, takes the hold away. */
  release(): void;
}

type HoldAt = 'before' | 'after';

export interface Holds {
  /** Holds the next call with this root field (`*`: any) before or after its effect. */
  hold(operation: string, at: { at: HoldAt }): Hold;
  /** Goes on once nothing holds the call. */
  pass(operations: string[], at: HoldAt): Promise<void>;
}

interface Placed {
  operation: string;
  at: HoldAt;
  reach: () => void;
  released: Promise<void>;
}

export function createHolds(): Holds {
  const placed = new Set<Placed>();
  return {
    hold(operation, { at }) {
      const reached = Promise.withResolvers<void>();
      const released = Promise.withResolvers<void>();
      const own: Placed = { operation, at, reach: reached.resolve, released: released.promise };
      placed.add(own);
      return {
        reached: reached.promise,
        release() {
          placed.delete(own);
          released.resolve();
        },
      };
    },
    async pass(operations, at) {
      const found = [...placed].find(
        (one) => one.at === at && (one.operation === '*' || operations.includes(one.operation)),
      );
      if (!found) return;
      placed.delete(found);
      found.reach();
      await found.released;
    },
  };
}
