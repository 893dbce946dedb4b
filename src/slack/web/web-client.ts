import { LogLevel, type Logger as SlackLogger } from '@slack/bolt';
import { WebClient } from '@slack/web-api';
import type { Logger } from 'pino';
import type { Secret } from '../../domain/keys/secret.ts';
import type { SlackWorkspace } from '../../domain/organization/person.ts';

/** Creates a logger for Bolt, WebClient and Socket Mode that writes through Keysmith's own, with its redaction. */
export function createSlackLogger(logger: Logger): SlackLogger {
  return {
    debug: (...parts) => logger.debug(lineOf(parts)),
    info: (...parts) => logger.info(lineOf(parts)),
    warn: (...parts) => logger.warn(lineOf(parts)),
    error: (...parts) => logger.error(lineOf(parts)),
    setLevel: () => {},
    getLevel: () => (logger.isLevelEnabled('debug') ? LogLevel.DEBUG : LogLevel.INFO),
    setName: () => {},
  };
}

function lineOf(parts: readonly unknown[]): string {
  return parts.map((part) => (typeof part === 'string' ? part : inspected(part))).join(' ');
}

function inspected(part: unknown): string {
  if (part instanceof Error) return part.stack ?? part.message;
  try {
    return JSON.stringify(part) ?? String(part);
  } catch {
    return String(part);
  }
}

const CALL_TIMEOUT_MS = 5_000;

/** Returns the options of every WebClient: a timeout, no retries, and Keysmith's own `fetch` and logger. */
export function webClientOptions(options: {
  fetch: typeof globalThis.fetch;
  apiUrl: string;
  logger: Logger;
  callTimeoutMs?: number | undefined;
}) {
  return {
    slackApiUrl: options.apiUrl,
    fetch: options.fetch,
    logger: createSlackLogger(options.logger),
    // By default WebClient retries for half an hour without a timeout, even calls that must not happen twice.
    timeout: options.callTimeoutMs ?? CALL_TIMEOUT_MS,
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
    allowAbsoluteUrls: false,
  };
}

/** Returns the same options with retries: Socket Mode stops for good when `apps.connections.open` fails. */
export function socketClientOptions(options: Parameters<typeof webClientOptions>[0]) {
  return {
    ...webClientOptions(options),
    retryConfig: { retries: 10_000, factor: 2, minTimeout: 500, maxTimeout: 30_000, randomize: true },
    rejectRateLimitedCalls: false,
  };
}

export function createWebClient(
  botToken: Secret,
  options: Parameters<typeof webClientOptions>[0],
): WebClient {
  return new WebClient(botToken.reveal(), webClientOptions(options));
}

/** Returns Slack's error code in an error of WebClient, or undefined if it has none. */
export function slackErrorCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('data' in error)) return undefined;
  const { data } = error;
  if (typeof data !== 'object' || data === null || !('error' in data)) return undefined;
  return typeof data.error === 'string' ? data.error : undefined;
}

export interface SlackIdentity {
  workspace: SlackWorkspace;
  bot: { botId?: string; botUserId?: string; teamId?: string };
}

/** Slack rejected the token; a retry doesn't help. */
export class SlackTokenRejectedError extends Error {
  override name = 'SlackTokenRejectedError';
}

const INVALID_TOKEN_CODES = [
  'invalid_auth',
  'not_authed',
  'account_inactive',
  'token_revoked',
  'token_expired',
  'missing_scope',
];

/**
 * Returns the workspace and bot that a token belongs to (`auth.test`).
 *
 * @throws SlackTokenRejectedError for an invalid token; any other error may be temporary
 */
export async function readSlackIdentity(web: WebClient): Promise<SlackIdentity> {
  try {
    const response = await web.auth.test();
    if (response.team_id === undefined) throw new Error('auth.test returned no workspace');
    return {
      workspace: {
        workspaceId: response.team_id,
        enterpriseId: response.enterprise_id,
      },
      bot: {
        teamId: response.team_id,
        ...(response.bot_id === undefined ? {} : { botId: response.bot_id }),
        ...(response.user_id === undefined ? {} : { botUserId: response.user_id }),
      },
    };
  } catch (error) {
    throw toTokenRejection(error, 'SLACK_BOT_TOKEN');
  }
}

const NAME_IN_SLACK = {
  SLACK_BOT_TOKEN: 'Bot User OAuth Token',
  SLACK_APP_TOKEN: 'app-level token',
};

/** Converts Slack's errors for an invalid token; returns any other error unchanged. */
export function toTokenRejection(error: unknown, setting: keyof typeof NAME_IN_SLACK): unknown {
  const code = slackErrorCode(error);
  if (code === undefined || !INVALID_TOKEN_CODES.includes(code)) return error;
  return new SlackTokenRejectedError(
    `Slack rejected ${setting} (${code}). Copy the ${NAME_IN_SLACK[setting]} from the app's page again and restart Keysmith.`,
    { cause: error },
  );
}
