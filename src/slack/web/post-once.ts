import { readTextWithin } from '../../net/bounded-body.ts';
import { withDeadline } from '../../net/deadline.ts';
import { parseBoundedJson } from '../../net/json-bounds.ts';
import { isErrorCode, retryAfterSeconds, UNREADABLE_RESPONSE } from './slack-fetch.ts';

/** `unknown`: the message may have arrived. `cause`: Slack's error code, `http_` and a status, or the transport's failure. */
export type PostAttempt =
  | { outcome: 'accepted' }
  | { outcome: 'rejected' | 'unknown'; cause: string; retryAfterSeconds?: number };

export interface PostRequest {
  fetch: typeof globalThis.fetch;
  url: string;
  headers?: Record<string, string>;
  body: unknown;
  timeoutMs: number;
  /** Returns Slack's error code in the body of a response, or undefined if Slack accepted the message. */
  errorIn: (responseBody: string) => string | undefined;
}

const MAX_RESPONSE_BYTES = 64 * 1024;

/** Posts JSON in one attempt with a timeout. Retries nothing and follows no redirect. Never throws. */
export async function postOnce(request: PostRequest): Promise<PostAttempt> {
  try {
    const { status, body, waitSeconds } = await withDeadline(request, async (signal) => {
      const response = await request.fetch(request.url, {
        method: 'POST',
        headers: { 'content-type': 'application/json; charset=utf-8', ...request.headers },
        body: JSON.stringify(request.body),
        redirect: 'manual',
        signal,
      });
      const text = (await readTextWithin(response, MAX_RESPONSE_BYTES)) ?? '';
      return { status: response.status, body: text, waitSeconds: retryAfterSeconds(response.headers) };
    });
    if (status >= 400 && status < 500) {
      const code = request.errorIn(body);
      const isReadable = code !== undefined && code !== UNREADABLE_RESPONSE;
      return {
        outcome: 'rejected',
        cause: isReadable ? code : `http_${status}`,
        ...(status === 429 && waitSeconds !== undefined && { retryAfterSeconds: waitSeconds }),
      };
    }
    if (status < 200 || status > 299) return { outcome: 'unknown', cause: `http_${status}` };
    const code = request.errorIn(body);
    return code === undefined ? { outcome: 'accepted' } : { outcome: 'rejected', cause: code };
  } catch (error) {
    const isTimeout = error instanceof DOMException && error.name === 'TimeoutError';
    return { outcome: 'unknown', cause: isTimeout ? 'timeout' : 'connection_lost' };
  }
}

/** Returns the error code in a response URL's response: none for the text `ok`, else as in {@link webApiError}. */
export function responseUrlError(body: string): string | undefined {
  if (body.trim() === 'ok') return undefined;
  return webApiError(body);
}

/** Returns the error code in a Web API response. A body in any other format counts as an error. */
export function webApiError(body: string): string | undefined {
  const parsed = parseBoundedJson(body);
  if (!parsed.ok || typeof parsed.value !== 'object' || parsed.value === null) return UNREADABLE_RESPONSE;
  if ('ok' in parsed.value && parsed.value.ok === true) return undefined;
  return 'error' in parsed.value && isErrorCode(parsed.value.error)
    ? parsed.value.error
    : UNREADABLE_RESPONSE;
}
