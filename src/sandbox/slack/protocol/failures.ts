/**
 * What can be made to go wrong. `afterEffect`: what was asked for happens first, and only the answer is lost, as when
 * a connection breaks after the message was posted.
 */
export type Failure =
  | { kind: 'rate_limited'; retryAfterSeconds: number }
  | { kind: 'status'; status: number; afterEffect?: boolean }
  | { kind: 'error'; error: string; afterEffect?: boolean }
  /** Never answers. */
  | { kind: 'timeout'; afterEffect?: boolean }
  /** Destroys the connection. */
  | { kind: 'reset'; afterEffect?: boolean }
  /** Answers as usual, but late. */
  | { kind: 'slow'; delayMs: number; afterEffect?: boolean }
  /** Responds as usual once `released` resolves. For tests, which don't wait for real time. */
  | { kind: 'held'; released: Promise<void>; afterEffect?: boolean }
  | { kind: 'redirect'; location: string; afterEffect?: boolean };

export interface PlannedFailure {
  method: string;
  failure: Failure;
  /** How many more calls it meets; absent: until it is switched off. */
  times?: number;
}

export interface Failures {
  /** `method`: a Web API method or `response_url`. Holds until cleared, or `times` times. The last one set counts. */
  set(method: string, failure: Failure, options?: { times?: number }): void;
  clear(method?: string): void;
  /** What the next calls will meet, in the order in which it was planned. */
  list(): PlannedFailure[];
}

export interface FailurePlan extends Failures {
  /** The failure that the next call of the method meets; counts as met. */
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
