/**
 * What can be made to fail. With `afterEffect`, the call takes effect first and only the response is lost, as when a
 * connection breaks after the message was posted.
 */
export type Failure =
  | { kind: 'rate_limited'; retryAfterSeconds: number }
  | { kind: 'status'; status: number; afterEffect?: boolean }
  | { kind: 'error'; error: string; afterEffect?: boolean }
  /** Never responds. */
  | { kind: 'timeout'; afterEffect?: boolean }
  /** Resets the connection. */
  | { kind: 'reset'; afterEffect?: boolean }
  /** Sends the usual response late. */
  | { kind: 'slow'; delayMs: number; afterEffect?: boolean }
  /** Sends the usual response once `released` resolves, so that tests don't wait for real time. */
  | { kind: 'held'; released: Promise<void>; afterEffect?: boolean }
  | { kind: 'redirect'; location: string; afterEffect?: boolean };

export interface PlannedFailure {
  method: string;
  failure: Failure;
  /** How many more calls fail; absent: every call until cleared. */
  times?: number;
}

export interface Failures {
  /**
   * Makes calls of a Web API method, or of `response_url`, fail `times` times or until cleared. A later failure for the
   * same method replaces an earlier one.
   */
  set(method: string, failure: Failure, options?: { times?: number }): void;
  clear(method?: string): void;
  /** The failures still planned, in the order in which they were set. */
  list(): PlannedFailure[];
}

/** Failures of another local server, which the panel plans beside those of Slack. */
export interface OtherFailures extends Failures {
  /** What can be made to fail. The names must differ from Slack's methods. */
  methods: string[];
  /** Calls the listener after every change. */
  onChange(listener: () => void): void;
}

export interface FailurePlan extends Failures {
  /** Returns the failure for the next call of a method, and counts it. */
  next(method: string): Failure | undefined;
}

export function createFailures(changed: () => void): FailurePlan {
  const planned = new Map<string, { failure: Failure; left: number }>();
  return {
    set(method, failure, options = {}) {
      planned.set(method, { failure, left: options.times ?? Number.POSITIVE_INFINITY });
      changed();
    },
    clear(method) {
      if (method === undefined) planned.clear();
      else planned.delete(method);
      changed();
    },
    list: () =>
      [...planned].map(([method, { failure, left }]) => ({
        method,
        failure,
        ...(Number.isFinite(left) && { times: left }),
      })),
    next(method) {
      const plan = planned.get(method);
      if (!plan) return undefined;
      plan.left -= 1;
      if (plan.left <= 0) planned.delete(method);
      changed();
      return plan.failure;
    },
  };
}
