import { LogLevel, type Logger as SlackLogger } from '@slack/bolt';
import { WebClient } from '@slack/web-api';
import type { Logger } from 'pino';
import type { Secret } from '../../domain/keys/secret.ts';
import type { SlackWorkspace } from '../../domain/organization/person.ts';

/** Lets Bolt, WebClient and Socket Mode write through the app's own logger, so that its redaction holds for them too. */
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

/** Who the app is in Slack. */
export interface SlackIdentity {
  workspace: SlackWorkspace;
  bot: { botId?: string; botUserId?: string; teamId?: string };
}

/** Slack refuses the token: no retry will help. */
export class SlackTokenRefusedError extends Error {
  override name = 'SlackTokenRefusedError';
}

const FINAL = [
  'invalid_auth',
  'not_authed',
  'account_inactive',
  'token_revoked',
  'token_expired',
  'missing_scope',
];

/**
 * Asks Slack who the token belongs to (`auth.test`).
 *
 * @throws SlackTokenRefusedError where it is no good; any other error may be over later
 */
export async function readSlackIdentity(web: WebClient): Promise<SlackIdentity> {
  try {
    const answer = await web.auth.test();
    if (answer.team_id === undefined) throw new Error('auth.test named no workspace');
    return {
      workspace: {
        workspaceId: answer.team_id,
        enterpriseId: answer.enterprise_id,
      },
      bot: {
        teamId: answer.team_id,
        ...(answer.bot_id === undefined ? {} : { botId: answer.bot_id }),
        ...(answer.user_id === undefined ? {} : { botUserId: answer.user_id }),
      },
    };
  } catch (error) {
    throw toTokenRefusal(error, 'SLACK_BOT_TOKEN');
  }
}

const NAME_ON_THE_PAGE = {
  SLACK_BOT_TOKEN: 'Bot User OAuth Token',
  SLACK_APP_TOKEN: 'app-level token',
};

/** Says that Slack refused the token where it did; other errors stay what they are. */
export function toTokenRefusal(error: unknown, setting: keyof typeof NAME_ON_THE_PAGE): unknown {
  const code = slackErrorCode(error);
  if (code === undefined || !FINAL.includes(code)) return error;
  return new SlackTokenRefusedError(
    `Slack rejected ${setting} (${code}). Copy the ${NAME_ON_THE_PAGE[setting]} from the app's page again and restart Keysmith.`,
    { cause: error },
  );
}
