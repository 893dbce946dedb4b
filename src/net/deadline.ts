/** How long work may take, and who may end it earlier. */
export interface DeadlineOptions {
  timeoutMs: number;
  /** Ends the work early; the caller's own cancellation, or a longer deadline around several pieces of work. */
  signal?: AbortSignal | undefined;
}

/**
 * Runs work until its deadline, or until the caller's signal aborts. Doesn't wait for work that ignores its signal: the
 * result is rejected at the deadline, and the work may continue unobserved.
 *
 * @param work gets a signal that aborts at the deadline; isn't started when the caller's signal has already aborted
 * @throws DOMException named `TimeoutError` at the deadline; the reason of the caller's signal; else what the work throws
 */
export async function withDeadline<Value>(
  { timeoutMs, signal: callerSignal }: DeadlineOptions,
  work: (signal: AbortSignal) => Promise<Value>,
): Promise<Value> {
  callerSignal?.throwIfAborted();
  const controller = new AbortController();
  const { signal } = controller;
  const { promise: ended, reject } = Promise.withResolvers<never>();
  signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  const abortByCaller = () => controller.abort(callerSignal?.reason);
  callerSignal?.addEventListener('abort', abortByCaller, { once: true });
  const timer = setTimeout(() => {
    controller.abort(new DOMException('The operation timed out.', 'TimeoutError'));
  }, timeoutMs);
  try {
    return await Promise.race([work(signal), ended]);
  } catch (error) {
    // Aborted work may fail with an error of its own first.
    throw signal.aborted ? signal.reason : error;
  } finally {
    clearTimeout(timer);
    callerSignal?.removeEventListener('abort', abortByCaller);
  }
}

/**
 * Waits for a promise for a limited time, and leaves it running when it takes longer.
 *
 * @returns the value in an object of its own, as it may be undefined itself; undefined when the time runs out
 * @throws what the promise rejects with in time
 */
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
