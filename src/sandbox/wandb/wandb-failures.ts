/** `afterEffect`: what was asked for happens first, and only the answer is lost. */
interface After {
  afterEffect?: boolean;
}

/** What can be made to go wrong with a call. */
export type WandbFailure =
  /** With the body that W&B has for it, or a proxy's HTML (`page`) from 500 on; `retryAfter`: seconds or an HTTP date. */
  | ({ kind: 'status'; status: number; page?: true; retryAfter?: number | string } & After)
  /** 200 with `errors` beside `data`, which is the real one after the effect and else null. */
  | ({ kind: 'errors'; message: string } & After)
  /** 200, and every root field null, as `entity` is for a team that the caller may not see. */
  | ({ kind: 'null' } & After)
  /** 200 with a proxy's HTML. */
  | ({ kind: 'login_page' } & After)
  /** 200 and `application/json`, which it is not. */
  | ({ kind: 'not_json' } & After)
  /** 200 and JSON of any shape. */
  | ({ kind: 'json'; body: unknown } & After)
  | ({ kind: 'redirect'; location: string; status?: 301 | 302 | 303 | 307 | 308 } & After)
  /** Cuts the connection without an answer. */
  | ({ kind: 'reset' } & After)
  /** Never answers. */
  | ({ kind: 'timeout' } & After)
  /** The beginning of JSON that does not end before the reader gives up. */
  | ({ kind: 'endless' } & After)
  /** Cuts the connection in the middle of the real answer. */
  | { kind: 'truncated' }
  /** The real answer, a byte at a time. */
  | { kind: 'drip'; everyMs: number };

interface PlannedWandbFailure {
  /** The GraphQL root field that meets it: `createServiceAccount`, `entity`, …; `*`: every call. */
  operation: string;
  failure: WandbFailure;
  /** How many more calls it meets; absent: until it is cleared. */
  times?: number;
}

export interface WandbFailures {
  /** Holds until cleared, or `times` times. The last one set for an operation counts; named ones go before `*`. */
  set(operation: string, failure: WandbFailure, options?: { times?: number }): void;
  clear(operation?: string): void;
  list(): PlannedWandbFailure[];
}

export interface WandbFailurePlan extends WandbFailures {
  /** The failure that a call of these root fields meets; counts as met. */
  next(operations: string[]): WandbFailure | undefined;
}

export function createWandbFailures(): WandbFailurePlan {
  const planned = new Map<string, { failure: WandbFailure; left: number }>();
  return {
    set(operation, failure, { times = Number.POSITIVE_INFINITY } = {}) {
      planned.set(operation, { failure, left: times });
    },
    clear(operation) {
      if (operation === undefined) planned.clear();
      else planned.delete(operation);
    },
    list: () =>
      [...planned].map(([operation, { failure, left }]) => ({
        operation,
        failure,
        ...(Number.isFinite(left) && { times: left }),
      })),
    next(operations) {
      const operation = [...operations, '*'].find((one) => planned.has(one));
      const plan = operation === undefined ? undefined : planned.get(operation);
      if (operation === undefined || !plan) return undefined;
      plan.left -= 1;
      if (plan.left <= 0) planned.delete(operation);
      return plan.failure;
    },
  };
}
