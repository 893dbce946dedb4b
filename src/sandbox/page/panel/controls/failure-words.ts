import type { Failure } from '../../../slack/protocol/failures.ts';

/** `HTTP 503, after the effect` */
export function failureWords(failure: Failure): string {
  const what = kindWords(failure);
  return 'afterEffect' in failure && failure.afterEffect ? `${what}, after the effect` : what;
}

/** `the next call`, `the next 3 calls`, `every call until stopped` */
export function timesWords(times: number | undefined): string {
  if (times === undefined) return 'every call until stopped';
  return times === 1 ? 'the next call' : `the next ${times} calls`;
}

function kindWords(failure: Failure): string {
  switch (failure.kind) {
    case 'rate_limited':
      return `rate limited, Retry-After ${failure.retryAfterSeconds} s`;
    case 'status':
      return `HTTP ${failure.status}`;
    case 'error':
      return `error ${failure.error}`;
    case 'timeout':
      return 'no answer';
    case 'reset':
      return 'dropped connection';
    case 'slow':
      return `slow by ${failure.delayMs / 1000} s`;
    case 'redirect':
      return `redirect to ${failure.location}`;
  }
}
