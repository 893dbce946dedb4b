import type { WandbFailure, WandbOperation } from './wandb-failure.ts';

export interface RetryLimits {
  maxTries: number;
  /** Upper bound of the first pause; doubles with every try. */
  basePauseMs: number;
  maxPauseMs: number;
  /** When the server asks for a longer pause, the call isn't retried. */
  maxRetryAfterMs: number;
}

const TEMPORARY_STATUSES = [500, 502, 503, 504];
/** A server that is starting, or a network problem. A wrong host name or certificate is permanent. */
const TEMPORARY_CODES =
  /^(?:ECONNREFUSED|EAI_AGAIN|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|ECONNRESET|UND_ERR_CONNECT_TIMEOUT|PROXY_50[0234])$/;

/** Returns how long to wait before the next try, with full jitter; undefined when the call must not be retried. */
export function pauseBeforeRetryMs(attempt: {
  failure: WandbFailure;
  operation: Pick<WandbOperation<unknown>, 'kind' | 'isIdempotent'>;
  triesMade: number;
  /** From 0 up to 1. */
  random: () => number;
  limits: RetryLimits;
}): number | undefined {
  const { failure, operation, triesMade, random, limits } = attempt;
  if (triesMade >= limits.maxTries || !isTemporary(failure)) return undefined;
  if (operation.kind === 'mutation' && failure.mayHaveHappened) {
    // A rate-limited server invites the retry itself; any other unknown effect must not be repeated.
    const isInvited = failure.reason === 'rate_limited' && operation.isIdempotent;
    if (!isInvited) return undefined;
  }
  const jitterMs = random() * Math.min(limits.maxPauseMs, limits.basePauseMs * 2 ** (triesMade - 1));
  const askedForMs = retryAfterMs(failure);
  if (askedForMs > limits.maxRetryAfterMs) return undefined;
  return askedForMs + jitterMs;
}

/** Returns whether the same call may succeed later. */
function isTemporary(failure: WandbFailure): boolean {
  switch (failure.reason) {
    case 'rate_limited':
    case 'connection_lost':
    case 'timed_out':
      return true;
    case 'server_error':
      return TEMPORARY_STATUSES.includes(failure.status);
    case 'unreachable':
      return TEMPORARY_CODES.test(failure.code);
    case 'unauthorized':
    case 'forbidden':
    case 'not_found':
    case 'conflict':
    case 'refused':
    case 'redirected':
    case 'not_json':
    case 'errors':
    case 'unexpected_shape':
    case 'too_large':
    case 'cancelled':
      return false;
  }
}

function retryAfterMs(failure: WandbFailure): number {
  return 'retryAfterSeconds' in failure ? (failure.retryAfterSeconds ?? 0) * 1000 : 0;
}
