/** Tells the time in two ways, because the system clock can be set. */
export interface Clock {
  /**
   * Returns milliseconds since the epoch, for times that are stored, shown or compared with another system. The clock can step
   * between two calls, so the difference of two such times isn't an age.
   */
  now: () => number;
  /** Returns milliseconds since an arbitrary start, which never step. Use it for every age, pause, deadline and rate in a process. */
  monotonicMs: () => number;
}
