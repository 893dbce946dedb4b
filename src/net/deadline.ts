/** Ends work after a time, or when the caller's signal says so, even where the work pays no heed to its signal. */
export interface TimeLimit {
  signal: AbortSignal;
  endedBy(): 'time' | 'caller' | undefined;
  /** Rejects when the limit is reached. */
  within<Value>(work: Promise<Value>): Promise<Value>;
  release(): void;
}

export function startTimeLimit(milliseconds: number, callerSignal: AbortSignal | undefined): TimeLimit {
  const controller = new AbortController();
  let endedBy: 'time' | 'caller' | undefined;
  const end = (by: 'time' | 'caller') => {
    endedBy ??= by;
    controller.abort();
  };
  const endByCaller = () => end('caller');
  const timer = setTimeout(end, milliseconds, 'time');
  callerSignal?.addEventListener('abort', endByCaller, { once: true });
  if (callerSignal?.aborted) endByCaller();
  return {
    signal: controller.signal,
    endedBy: () => endedBy,
    within: (work) => {
      const { promise: ended, reject } = Promise.withResolvers<never>();
      const stop = () => reject(controller.signal.reason);
      controller.signal.addEventListener('abort', stop, { once: true });
      if (controller.signal.aborted) stop();
      return Promise.race([work, ended]).finally(() => controller.signal.removeEventListener('abort', stop));
    },
    release: () => {
      clearTimeout(timer);
      callerSignal?.removeEventListener('abort', endByCaller);
    },
  };
}

/** The value of a promise if it comes in time, else undefined; the promise goes on. A rejection in time is thrown. */
export async function settledWithin<Value>(
  promise: Promise<Value>,
  milliseconds: number,
): Promise<{ value: Value } | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(resolve, milliseconds, undefined);
  });
  try {
    return await Promise.race([promise.then((value) => ({ value })), late]);
  } finally {
    clearTimeout(timer);
  }
}
