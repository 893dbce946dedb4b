import type { WandbFailure, WandbOperation } from './wandb-failure.ts';

export interface RetryLimits {
  maxTries: number;
  /** Upper bound of the first pause; it doubles with each. */
  basePauseMs: number;
  maxPauseMs: number;
  /** A server that asks for more is not waited for. */
  maxRetryAfterMs: number;
}

const PASSING_STATUSES = [500, 502, 503, 504];
/** A server that starts, or a network that changes; a wrong name or certificate does not pass. */
const PASSING_CODES =
  /^(?:ECONNREFUSED|EAI_AGAIN|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|ECONNRESET|UND_ERR_CONNECT_TIMEOUT|PROXY_50[0234])$/;

/** How long to wait before the call is tried again, with full jitter; undefined where it is not. */
export function pauseBeforeRetryMs(attempt: {
  failure: WandbFailure;
  operation: Pick<WandbOperation<unknown>, 'kind' | 'isIdempotent'>;
  triesMade: number;
  random: () => number;
  limits: RetryLimits;
}): number | undefined {
  const { failure, operation, triesMade, random, limits } = attempt;
  if (triesMade >= limits.maxTries || !mayPass(failure)) return undefined;
  if (operation.kind === 'mutation' && failure.mayHaveHappened) {
    // A server that takes no more calls just now says when it does.
    const isBidden = failure.reason === 'rate_limited' && operation.isIdempotent;
    if (!isBidden) return undefined;
  }
  const jitterMs = random() * Math.min(limits.maxPauseMs, limits.basePauseMs * 2 ** (triesMade - 1));
  const askedForMs = retryAfterMs(failure);
  if (askedForMs > limits.maxRetryAfterMs) return undefined;
  return askedForMs + jitterMs;
}

/** May the same call, made again, end otherwise? */
function mayPass(failure: WandbFailure): boolean {
  switch (failure.reason) {
    case 'rate_limited':
    case 'connection_lost':
    case 'timed_out':
      return true;
    case 'server_error':
      return PASSING_STATUSES.includes(failure.status);
    case 'unreachable':
      return PASSING_CODES.test(failure.code);
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
