/** Work that is done again and again, one run at a time. */
export interface Repeating {
  /** Runs it now, after the run that may be under way. */
  now(): Promise<void>;
  /** No further run begins; resolves when the last one ended. */
  stop(): Promise<void>;
}

export function startRepeating(
  work: () => Promise<void>,
  { everyMs, onError }: { everyMs: number; onError: (error: unknown) => void },
): Repeating {
  let last: Promise<void> = Promise.resolve();
  let isStopped = false;
  const now = () => {
    last = last.then(async () => {
      if (isStopped) return;
      await work().catch(onError);
    });
    return last;
  };
  const timer = setInterval(() => void now(), everyMs);
  timer.unref();
  void now();
  return {
    now,
    stop() {
      isStopped = true;
      clearInterval(timer);
      return last;
    },
  };
}
