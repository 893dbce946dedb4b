import { WebAPIRateLimitedError } from '@slack/web-api';

/** Returns Slack's error code in an error of WebClient, or undefined if it has none. */
export function slackErrorCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('data' in error)) return undefined;
  const { data } = error;
  if (typeof data !== 'object' || data === null || !('error' in data)) return undefined;
  return typeof data.error === 'string' ? data.error : undefined;
}

/** Returns after how many seconds Slack accepts the call again, if its limit was reached. */
export function rateLimitSeconds(error: unknown): number | undefined {
  return error instanceof WebAPIRateLimitedError ? error.retryAfter : undefined;
}
