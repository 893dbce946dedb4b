/** Time, as two functions, because only one of them can be set. */
export interface Clock {
  /**
   * Returns milliseconds since the epoch, for times that are stored, shown or compared with another system's. They can step back
   * or ahead between two calls: an age from two of them proves nothing.
   */
  now: () => number;
  /** Returns milliseconds that never step, from an arbitrary start. Every age, pause, deadline and rate in a process uses them. */
  monotonicMs: () => number;
}
