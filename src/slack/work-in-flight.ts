/** Counts what still runs, so that a shutdown waits for it: Bolt's own `stop` does not wait for acknowledged listeners. */
export interface WorkInFlight {
  track<Value>(work: Promise<Value>): Promise<Value>;
  /** Resolves when nothing runs any more, or after the time; answers how much still does. */
  drained(withinMs: number): Promise<number>;
}

export function createWorkInFlight(): WorkInFlight {
  const running = new Set<Promise<unknown>>();
  return {
    track(work) {
      const ended: Promise<unknown> = work.then(
        () => running.delete(ended),
        () => running.delete(ended),
      );
      running.add(ended);
      return work;
    },
    async drained(withinMs) {
      let timer: NodeJS.Timeout | undefined;
      const isOver = new Promise<true>((resolve) => {
        timer = setTimeout(resolve, withinMs, true);
      });
      while (running.size > 0) {
        if ((await Promise.race([Promise.allSettled(running), isOver])) === true) break;
      }
      clearTimeout(timer);
      return running.size;
    },
  };
}
