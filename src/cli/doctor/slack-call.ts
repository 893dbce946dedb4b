import type { Secret } from '../../domain/secret.ts';
import { readBounded } from '../../net/outbound-fetch.ts';

export type SlackAnswer =
  | {
      kind: 'answered';
      body: Record<string, unknown> & { ok: boolean };
      /** Of the token, where Slack said so. */
      scopes: string[] | undefined;
      /** How far this machine's clock is ahead of Slack's. */
      clockAheadMs: number | undefined;
    }
  | { kind: 'unreachable'; text: string };

export interface SlackCallOptions {
  fetch: typeof fetch;
  apiUrl: string;
  timeoutMs: number;
  now: () => number;
}

const MAX_ANSWER_BYTES = 64 * 1024;

/** Calls one method once. Follows no redirect, which would carry the token elsewhere, and reads a bounded answer. */
export async function callSlack(
  options: SlackCallOptions,
  method: string,
  token: Secret,
): Promise<SlackAnswer> {
  try {
    const response = await options.fetch(`${options.apiUrl}${method}`, {
      method: 'POST',
      headers: {
        Authorization: `Bearer ${token.reveal()}`,
        'Content-Type': 'application/x-www-form-urlencoded',
      },
      redirect: 'manual',
      signal: AbortSignal.timeout(options.timeoutMs),
    });
    const receivedAtMs = options.now();
    const body = await readJson(response);
    if (response.status !== 200 || body === undefined) {
      return { kind: 'unreachable', text: `answered HTTP ${response.status}, not as Slack does` };
    }
    return {
      kind: 'answered',
      body,
      scopes: response.headers
        .get('x-oauth-scopes')
        ?.split(',')
        .map((scope) => scope.trim()),
      clockAheadMs: clockAheadMs(response.headers.get('date'), receivedAtMs),
    };
  } catch (error) {
    return { kind: 'unreachable', text: failureText(error) };
  }
}

function clockAheadMs(date: string | null, receivedAtMs: number): number | undefined {
  const serverMs = Date.parse(date ?? '');
  return Number.isNaN(serverMs) ? undefined : receivedAtMs - serverMs;
}

async function readJson(
  response: Response,
): Promise<(Record<string, unknown> & { ok: boolean }) | undefined> {
  try {
    // What is cut off is no JSON any more.
    const body: unknown = JSON.parse(await readBounded(response, MAX_ANSWER_BYTES));
    if (typeof body !== 'object' || body === null || !('ok' in body) || typeof body.ok !== 'boolean')
      return undefined;
    return { ...body, ok: body.ok };
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** Why a request came to nothing: the code alone, since messages may quote the request. */
export function failureText(error: unknown): string {
  if (error instanceof Error && (error.name === 'TimeoutError' || error.name === 'AbortError')) {
    return 'did not answer in time';
  }
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  return /^[A-Z][A-Z0-9_]{2,60}$/.test(code) ? `can not be reached (${code})` : 'can not be reached';
}
