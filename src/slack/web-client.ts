import { WebClient } from '@slack/web-api';
import type { Logger } from 'pino';
import type { Secret } from '../domain/secret.ts';
import { createSlackLogger } from './slack-logger.ts';

/** Options of every WebClient here: bounded in time and tries, through the app's own `fetch` and logger. */
export function webClientOptions(options: {
  fetch: typeof globalThis.fetch;
  apiUrl: string;
  logger: Logger;
}) {
  return {
    slackApiUrl: options.apiUrl,
    fetch: options.fetch,
    logger: createSlackLogger(options.logger),
    // Left alone it would retry for half an hour without a time-out, also what must not happen twice.
    timeout: 5_000,
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
    allowAbsoluteUrls: false,
  };
}

/** As above, but that `apps.connections.open` is asked again and again: Socket Mode gives up for good where it fails. */
export function socketClientOptions(options: Parameters<typeof webClientOptions>[0]) {
  return {
    ...webClientOptions(options),
    retryConfig: { retries: 10_000, factor: 2, minTimeout: 500, maxTimeout: 30_000, randomize: true },
    rejectRateLimitedCalls: false,
  };
}

export function createWebClient(
  botToken: Secret,
  options: { fetch: typeof globalThis.fetch; apiUrl: string; logger: Logger },
): WebClient {
  return new WebClient(botToken.reveal(), webClientOptions(options));
}

/** Slack's error code in what WebClient threw; undefined where Slack gave none. */
export function slackErrorCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('data' in error)) return undefined;
  const { data } = error;
  if (typeof data !== 'object' || data === null || !('error' in data)) return undefined;
  return typeof data.error === 'string' ? data.error : undefined;
}
