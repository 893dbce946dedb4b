interface AfterEffect {
  /** The call takes effect first, and only its response is lost. */
  afterEffect?: boolean;
}

/** How a call can fail. */
export type WandbFailure =
  /** W&B's body for the status, or a proxy's HTML (`page`; default from 500 on). `retryAfter`: seconds or an HTTP date. */
  | ({ kind: 'status'; status: number; page?: true; retryAfter?: number | string } & AfterEffect)
  /** 200 with `errors`; `data` is real after the effect, otherwise null. */
  | ({ kind: 'errors'; message: string } & AfterEffect)
  /** 200 with null for every root field, as `entity` is for a team that the caller can't see. */
  | ({ kind: 'null' } & AfterEffect)
  /** 200 with a proxy's login page. */
  | ({ kind: 'login_page' } & AfterEffect)
  /** 200 with `application/json` and a body that isn't JSON. */
  | ({ kind: 'not_json' } & AfterEffect)
  /** 200 with any JSON. */
  | ({ kind: 'json'; body: unknown } & AfterEffect)
  | ({ kind: 'redirect'; location: string; status?: 301 | 302 | 303 | 307 | 308 } & AfterEffect)
  /** Resets the connection without a response. */
  | ({ kind: 'reset' } & AfterEffect)
  /** Never responds. */
  | ({ kind: 'timeout' } & AfterEffect)
  /** JSON that doesn't end before the reader gives up. */
  | ({ kind: 'endless' } & AfterEffect)
  /** The real response, late. */
  | ({ kind: 'slow'; delayMs: number } & AfterEffect)
  /** Closes the connection in the middle of the real response. */
  | { kind: 'truncated' }
  /** The real response, one byte at a time. */
  | { kind: 'drip'; everyMs: number };

interface PlannedWandbFailure {
  /**
   * The GraphQL root field that fails: `createServiceAccount`, `entity`, …; or a call beside `/graphql`: `file_stream`,
   * `oidc_token`, `audit_logs`, `scim_create_user`, …; `*` for every call.
   */
  operation: string;
  failure: WandbFailure;
  /** How many more calls fail; absent: every call until cleared. */
  times?: number;
}

export interface WandbFailures {
  /**
   * Makes calls of an operation fail `times` times or until cleared. A later failure for the same operation replaces an
   * earlier one, and a named operation takes precedence over `*`.
   */
  set(operation: string, failure: WandbFailure, options?: { times?: number }): void;
  clear(operation?: string): void;
  list(): PlannedWandbFailure[];
  /** Calls the listener after every change. */
  onChange(listener: () => void): void;
}

export interface WandbFailurePlan extends WandbFailures {
  /** Returns the failure for a call with these root fields, and counts it. */
  next(operations: string[]): WandbFailure | undefined;
}

export function createWandbFailures(): WandbFailurePlan {
  const planned = new Map<string, { failure: WandbFailure; left: number }>();
  const listeners: (() => void)[] = [];
  const changed = () => {
    for (const listener of listeners) listener();
  };
  return {
    set(operation, failure, { times = Number.POSITIVE_INFINITY } = {}) {
      planned.set(operation, { failure, left: times });
      changed();
    },
    clear(operation) {
      if (operation === undefined) planned.clear();
      else planned.delete(operation);
      changed();
    },
    onChange: (listener) => void listeners.push(listener),
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
      changed();
      return plan.failure;
    },
  };
}

interface Hold {
  /** Resolves when a call reaches the hold. */
  reached: Promise<void>;
  /** Lets the call continue, or removes the hold if no call has reached it. */
  release(): void;
}

type HoldAt = 'before' | 'after';

export interface Holds {
  /** Pauses the next call with this root field (`*`: any) before or after its effect. */
  hold(operation: string, at: { at: HoldAt }): Hold;
  /** Resolves once no hold pauses the call. */
  pass(operations: string[], at: HoldAt): Promise<void>;
}

interface PlacedHold {
  operation: string;
  at: HoldAt;
  reach: () => void;
  released: Promise<void>;
}

export function createHolds(): Holds {
  const placed = new Set<PlacedHold>();
  return {
    hold(operation, { at }) {
      const reached = Promise.withResolvers<void>();
      const released = Promise.withResolvers<void>();
      const own: PlacedHold = { operation, at, reach: reached.resolve, released: released.promise };
      placed.add(own);
      return {
        reached: reached.promise,
        release() {
          placed.delete(own);
          released.resolve();
        },
      };
    },
    async pass(operations, at) {
      const found = [...placed].find(
        (one) => one.at === at && (one.operation === '*' || operations.includes(one.operation)),
      );
      if (!found) return;
      placed.delete(found);
      found.reach();
      await found.released;
    },
  };
}
