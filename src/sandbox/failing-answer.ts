import { setTimeout as delay } from 'node:timers/promises';
import type { Failure } from './failures.ts';

export interface HttpAnswer {
  status: number;
  headers: Record<string, string>;
  body: string;
}

/** `silence` and `reset` are for the caller to bring about on the connection. */
export type FailingAnswer = HttpAnswer | 'silence' | 'reset';

/** Answers a call, or lets it fail as planned, before or after its effect. */
export async function answerOrFail(
  failure: Failure | undefined,
  effect: () => HttpAnswer,
  parts: { signal: AbortSignal; errorStatus: number },
): Promise<FailingAnswer> {
  if (!failure) return effect();
  if (failure.kind === 'rate_limited') {
    const headers = { 'retry-after': String(failure.retryAfterSeconds) };
    return jsonAnswer({ ok: false, error: 'ratelimited' }, { status: 429, headers });
  }
  const answer = failure.afterEffect ? effect() : undefined;
  switch (failure.kind) {
    case 'slow': {
      const isStopped = await delay(failure.delayMs, false, { signal: parts.signal }).catch(() => true);
      return isStopped ? 'silence' : (answer ?? effect());
    }
    case 'error':
      return jsonAnswer({ ok: false, error: failure.error }, { status: parts.errorStatus });
    case 'status':
      return { status: failure.status, headers: {}, body: '' };
    case 'redirect':
      return { status: 302, headers: { location: failure.location }, body: '' };
    case 'timeout':
      return 'silence';
    case 'reset':
      return 'reset';
  }
}

export function jsonAnswer(
  body: unknown,
  { status = 200, headers = {} }: { status?: number; headers?: Record<string, string> } = {},
): HttpAnswer {
  return {
    status,
    headers: { 'content-type': 'application/json; charset=utf-8', ...headers },
    body: JSON.stringify(body),
  };
}
