import { readBodyWithin } from '../../../net/bounded-body.ts';
import { startTimeLimit, type TimeLimit } from '../../../net/deadline.ts';
import { transportFailure, type WandbFailure } from './wandb-failure.ts';

export interface ExchangeRequest {
  fetch: typeof globalThis.fetch;
  url: string;
  headers: Record<string, string>;
  body: string;
  /** Over the whole exchange, the reading of the answer included. */
  timeoutMs: number;
  maxAnswerBytes: number;
  signal: AbortSignal | undefined;
}

export interface HttpAnswer {
  status: number;
  retryAfter: string | null;
  location: string | null;
  text: string;
}

export type Exchange =
  | { ok: true; answer: HttpAnswer }
  /** `status` where the head of the answer did arrive. */
  | { ok: false; status: number | undefined; failure: WandbFailure };

/** A refusal is words; one that is longer counts by its status alone. */
const MAX_REFUSAL_BYTES = 64 * 1024;

/** Posts once and reads the answer: within its time and size, no redirect followed, nothing repeated. Never rejects. */
export async function exchangeOnce(request: ExchangeRequest): Promise<Exchange> {
  const limit = startTimeLimit(request.timeoutMs, request.signal);
  if (limit.endedBy() === 'caller') {
    limit.release();
    return { ok: false, status: undefined, failure: { reason: 'cancelled', mayHaveHappened: false } };
  }
  let response: Response | undefined;
  try {
    response = await limit.within(send(request, limit.signal));
    const maxBytes = response.ok ? request.maxAnswerBytes : MAX_REFUSAL_BYTES;
    const text = await limit.within(readBodyWithin(response, maxBytes));
    if (text !== undefined) return { ok: true, answer: httpAnswer(response, text) };
    return withoutBody(response, { reason: 'too_large', mayHaveHappened: true });
  } catch (error) {
    const failure = whyEnded(limit, error);
    return response === undefined
      ? { ok: false, status: undefined, failure }
      : withoutBody(response, failure);
  } finally {
    limit.release();
  }
}

function send({ fetch, url, headers, body }: ExchangeRequest, signal: AbortSignal): Promise<Response> {
  return fetch(url, { method: 'POST', headers, body, redirect: 'manual', signal });
}

function whyEnded(limit: TimeLimit, error: unknown): WandbFailure {
  const endedBy = limit.endedBy();
  if (endedBy === undefined) return transportFailure(error);
  return { reason: endedBy === 'time' ? 'timed_out' : 'cancelled', mayHaveHappened: true };
}

/** A status that says no says enough, also where what follows it can't be read. */
function withoutBody(response: Response, failure: WandbFailure): Exchange {
  if (response.ok || failure.reason === 'cancelled') return { ok: false, status: response.status, failure };
  return { ok: true, answer: httpAnswer(response, '') };
}

function httpAnswer(response: Response, text: string): HttpAnswer {
  return {
    status: response.status,
    retryAfter: response.headers.get('retry-after'),
    location: response.headers.get('location'),
    text,
  };
}
