import type { Outcome } from './page-protocol.ts';

/** The result of a request to the app. */
export type AppResponse =
  /** `noRetry`: the app sent `X-Slack-No-Retry`. */
  | { kind: 'responded'; status: number; contentType: string; body: string; noRetry?: boolean }
  /** The app didn't acknowledge in time. */
  | { kind: 'timed_out' }
  | { kind: 'unreachable'; reason: string };

export type ResponseBody =
  | { kind: 'empty' }
  | { kind: 'json'; value: unknown }
  | { kind: 'text'; text: string };

/** Reads the body of a 200. An empty JSON object counts as empty, as at Slack. */
export function readResponseBody({ contentType, body }: { contentType: string; body: string }): ResponseBody {
  const trimmed = body.trim();
  if (trimmed === '') return { kind: 'empty' };
  if (!contentType.startsWith('application/json')) return { kind: 'text', text: body };
  try {
    const value: unknown = JSON.parse(trimmed);
    const isEmpty = typeof value === 'object' && value !== null && Object.keys(value).length === 0;
    return isEmpty ? { kind: 'empty' } : { kind: 'json', value };
  } catch {
    return { kind: 'text', text: body };
  }
}

/** Returns Slack's error code unless the app acknowledged with a 200 in time. */
export function acknowledgementError(
  response: AppResponse,
): 'operation_timeout' | 'dispatch_failed' | undefined {
  switch (response.kind) {
    case 'timed_out':
      return 'operation_timeout';
    case 'unreachable':
      return 'dispatch_failed';
    case 'responded':
      return response.status === 200 ? undefined : 'dispatch_failed';
  }
}

export const done: Outcome = { ok: true };

/** What Slack's client shows when the app failed to acknowledge. */
export function connectionTrouble(error: string): Outcome {
  return { ok: false, error, message: 'We had some trouble connecting. Try again?' };
}

/** Errors that no Slack client could cause; the page API returns them with a 4xx status. */
type PageFault = 'not_found' | 'not_allowed' | 'invalid_request';

export function fault(error: PageFault, message: string): Outcome {
  return { ok: false, error, message };
}
