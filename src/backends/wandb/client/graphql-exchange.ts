import { readTextWithin } from '../../../net/bounded-body.ts';
import { withDeadline } from '../../../net/deadline.ts';
import { transportFailure, type WandbFailure } from './wandb-failure.ts';

export interface ExchangeRequest {
  fetch: typeof globalThis.fetch;
  /** Default: POST. */
  method?: 'GET' | 'POST' | 'DELETE';
  url: string;
  headers: Record<string, string>;
  body?: string;
  /** For the whole exchange, reading the response body included. */
  timeoutMs: number;
  maxResponseBytes: number;
  signal: AbortSignal | undefined;
}

export interface HttpResponse {
  status: number;
  retryAfter: string | null;
  location: string | null;
  /** Empty when the body of an error response couldn't be read. */
  text: string;
}

export type Exchange =
  | { ok: true; response: HttpResponse }
  /** `status` is undefined when no response headers arrived. */
  | { ok: false; status: number | undefined; failure: WandbFailure };

/** Error responses carry a short message; the status of a longer one is enough. */
const MAX_ERROR_BYTES = 64 * 1024;

/** Sends a request once and reads the response within the limits. Follows no redirect, doesn't retry and never rejects. */
export async function exchangeOnce(request: ExchangeRequest): Promise<Exchange> {
  if (request.signal?.aborted) {
    return { ok: false, status: undefined, failure: { reason: 'cancelled', mayHaveHappened: false } };
  }
  const received: { response?: Response } = {};
  try {
    return await withDeadline(request, async (signal) => {
      const response = await send(request, signal);
      received.response = response;
      const text = await readTextWithin(response, response.ok ? request.maxResponseBytes : MAX_ERROR_BYTES);
      return text === undefined
        ? withoutBody(response, { reason: 'too_large', mayHaveHappened: true })
        : { ok: true, response: httpResponse(response, text) };
    });
  } catch (error) {
    const failure = failureOf(error, request);
    return received.response === undefined
      ? { ok: false, status: undefined, failure }
      : withoutBody(received.response, failure);
  }
}

function send(
  { fetch, method = 'POST', url, headers, body }: ExchangeRequest,
  signal: AbortSignal,
): Promise<Response> {
  return fetch(url, { method, headers, redirect: 'manual', signal, ...(body !== undefined && { body }) });
}

function failureOf(error: unknown, { signal }: ExchangeRequest): WandbFailure {
  if (signal?.aborted && error === signal.reason) return { reason: 'cancelled', mayHaveHappened: true };
  const isTimeout = error instanceof DOMException && error.name === 'TimeoutError';
  return isTimeout ? { reason: 'timed_out', mayHaveHappened: true } : transportFailure(error);
}

/** An error status says enough, even when the body that follows can't be read. */
function withoutBody(response: Response, failure: WandbFailure): Exchange {
  if (response.ok || failure.reason === 'cancelled') return { ok: false, status: response.status, failure };
  return { ok: true, response: httpResponse(response, '') };
}

function httpResponse(response: Response, text: string): HttpResponse {
  return {
    status: response.status,
    retryAfter: response.headers.get('retry-after'),
    location: response.headers.get('location'),
    text,
  };
}
