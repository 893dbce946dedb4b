import type { Failure } from '../../../slack/protocol/failures.ts';
import type { SetFailureRequest } from '../../../slack/protocol/panel-protocol.ts';

export type FailureKind =
  | 'rate_limited'
  | 'status_500'
  | 'status_503'
  | 'timeout'
  | 'reset'
  | 'slow'
  | 'error';

/** The content of the form. Fields of other kinds keep their values while they are hidden. */
export interface FailureDraft {
  method: string | null;
  kind: FailureKind;
  retryAfterSeconds: number;
  delaySeconds: number;
  error: string;
  afterEffect: boolean;
  often: 'once' | 'times' | 'always';
  times: number;
}

export const emptyFailureDraft: FailureDraft = {
  method: null,
  kind: 'rate_limited',
  retryAfterSeconds: 30,
  delaySeconds: 5,
  error: '',
  afterEffect: false,
  often: 'once',
  times: 3,
};

export const failureKinds: { id: FailureKind; label: string }[] = [
  { id: 'rate_limited', label: 'Rate limited (429)' },
  { id: 'status_500', label: 'HTTP 500 Internal Server Error' },
  { id: 'status_503', label: 'HTTP 503 Service Unavailable' },
  { id: 'timeout', label: 'Timeout: no response' },
  { id: 'reset', label: 'Dropped connection' },
  { id: 'slow', label: 'Slow response' },
  { id: 'error', label: 'Error code (ok: false)' },
];

/** Explains “after the effect” for a kind; undefined for a rate limit, which applies before any effect. */
export function afterEffectExplanation(kind: FailureKind): string | undefined {
  if (kind === 'rate_limited') return undefined;
  return kind === 'slow'
    ? 'The call takes effect immediately; only the response is late.'
    : 'The call takes effect, but the response is lost, so the app can’t tell that it worked.';
}

export function switchedFrom(draft: FailureDraft & { method: string }): SetFailureRequest {
  const failure = failureFrom(draft);
  const { method, often } = draft;
  if (often === 'always') return { method, failure };
  return { method, failure, times: often === 'once' ? 1 : draft.times };
}

function failureFrom(draft: FailureDraft): Failure {
  const effect = draft.afterEffect ? { afterEffect: true } : {};
  switch (draft.kind) {
    case 'rate_limited':
      return { kind: 'rate_limited', retryAfterSeconds: draft.retryAfterSeconds };
    case 'status_500':
      return { kind: 'status', status: 500, ...effect };
    case 'status_503':
      return { kind: 'status', status: 503, ...effect };
    case 'timeout':
      return { kind: 'timeout', ...effect };
    case 'reset':
      return { kind: 'reset', ...effect };
    case 'slow':
      return { kind: 'slow', delayMs: Math.round(draft.delaySeconds * 1000), ...effect };
    case 'error':
      return { kind: 'error', error: draft.error.trim(), ...effect };
  }
}

/** Returns, for example, `HTTP 503, after the effect`. */
export function failureText(failure: Failure): string {
  const what = kindText(failure);
  return 'afterEffect' in failure && failure.afterEffect ? `${what}, after the effect` : what;
}

/** Returns `the next call`, `the next 3 calls` or `every call until stopped`. */
export function timesText(times: number | undefined): string {
  if (times === undefined) return 'every call until stopped';
  return times === 1 ? 'the next call' : `the next ${times} calls`;
}

function kindText(failure: Failure): string {
  switch (failure.kind) {
    case 'rate_limited':
      return `rate limited, Retry-After ${failure.retryAfterSeconds} s`;
    case 'status':
      return `HTTP ${failure.status}`;
    case 'error':
      return `error ${failure.error}`;
    case 'timeout':
      return 'no response';
    case 'reset':
      return 'dropped connection';
    case 'slow':
      return `response delayed by ${failure.delayMs / 1000} s`;
    case 'held':
      return 'response held back';
    case 'redirect':
      return `redirect to ${failure.location}`;
  }
}
