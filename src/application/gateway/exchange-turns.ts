/** Bounds the exchanges that run at once: after a start, every team needs one. */
export interface ExchangeTurns {
  /** Runs the work when it is its turn. Returns undefined if the turn comes too late, for example because the server doesn't respond. */
  take<Result>(work: () => Promise<Result>): Promise<Result | undefined>;
}

const MAX_RUNNING = 16;
const LONGEST_WAIT_MS = 10_000;

export function createExchangeTurns(monotonicMs: () => number): ExchangeTurns {
  const waiting: (() => void)[] = [];
  let running = 0;
  return {
    async take(work) {
      if (running >= MAX_RUNNING) {
        const sinceMs = monotonicMs();
        await new Promise<void>((resolve) => waiting.push(resolve));
        if (monotonicMs() - sinceMs > LONGEST_WAIT_MS) {
          waiting.shift()?.();
          return undefined;
        }
      }
      running += 1;
      try {
        return await work();
      } finally {
        running -= 1;
        waiting.shift()?.();
      }
    },
  };
}
