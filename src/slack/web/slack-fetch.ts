import { readTextWithin } from '../../net/bounded-body.ts';
import { parseBoundedJson } from '../../net/json-bounds.ts';

/** The error code for a response that Slack doesn't send: another format, too large, or with an error that isn't a code. */
export const UNREADABLE_RESPONSE = 'unreadable_answer';

/** Far larger than the response to any call that Keysmith makes. */
const MAX_RESPONSE_BYTES = 1024 * 1024;

/**
 * Returns a `fetch` for WebClient, which reads responses of any size and any content type, decompresses some, and puts bodies
 * that aren't JSON into its errors. It gets bounded JSON objects only, and no body with an error status.
 */
export function createSlackFetch(fetch: typeof globalThis.fetch): typeof globalThis.fetch {
  return async (input, init) => {
    // Slack doesn't redirect, and the token must not go elsewhere.
    const response = await fetch(input, { ...init, redirect: 'manual' });
    const { status } = response;
    if (status !== 200) {
      response.body?.cancel().catch(() => {});
      // `Response` refuses statuses below 200, which fetch never returns, and 0 of an opaque redirect.
      return new Response(null, { status: status === 0 ? 302 : status, headers: keptHeaders(response) });
    }
    const text = (await readTextWithin(response, MAX_RESPONSE_BYTES)) ?? '';
    const body = isApiResponse(text) ? text : JSON.stringify({ ok: false, error: UNREADABLE_RESPONSE });
    return new Response(body, { headers: { 'content-type': 'application/json', ...keptHeaders(response) } });
  };
}

function isApiResponse(text: string): boolean {
  const parsed = parseBoundedJson(text);
  if (!parsed.ok || typeof parsed.value !== 'object' || parsed.value === null) return false;
  const { ok, error } = parsed.value as { ok?: unknown; error?: unknown };
  return ok === true || (ok === false && isErrorCode(error));
}

/** Codes are logged and recorded, so a proxy's echo of the request must not pass as one. */
export function isErrorCode(error: unknown): error is string {
  return typeof error === 'string' && /^[a-z0-9_]{1,64}$/.test(error);
}

function keptHeaders({ status, headers }: Response): Record<string, string> {
  const seconds = retryAfterSeconds(headers);
  // For a 429 without this header, WebClient throws an error of its own.
  const retryAfter = status === 429 ? (seconds ?? DEFAULT_RETRY_SECONDS) : seconds;
  const scopes = headers.get('x-oauth-scopes');
  return {
    ...(retryAfter !== undefined && { 'retry-after': String(retryAfter) }),
    ...(scopes !== null && { 'x-oauth-scopes': scopes }),
  };
}

const DEFAULT_RETRY_SECONDS = 60;
/** Longer than Slack's limits last. A timer of more than 24 days would end at once. */
const MAX_RETRY_SECONDS = 60 * 60;

/** Reads `Retry-After` (RFC 9110, section 10.2.3) in its form of seconds, which Slack sends. At most an hour. */
export function retryAfterSeconds(headers: Headers): number | undefined {
  const value = headers.get('retry-after')?.trim() ?? '';
  return /^\d+$/.test(value) ? Math.min(Number(value), MAX_RETRY_SECONDS) : undefined;
}
