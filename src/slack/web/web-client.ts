import { LogLevel, type Logger as SlackLogger } from '@slack/bolt';
import { WebClient } from '@slack/web-api';
import type { Logger } from 'pino';
import type { Secret } from '../../domain/keys/secret.ts';
import type { SlackWorkspace } from '../../domain/organization/person.ts';
import { createSlackFetch } from './slack-fetch.ts';
import { toTokenRejection } from './token-rejection.ts';

/**
 * Creates a logger for Bolt, WebClient and Socket Mode that writes through Keysmith's own, with its redaction.
 *
 * @param options.isQuiet writes everything at level debug
 */
export function createSlackLogger(logger: Logger, { isQuiet = false } = {}): SlackLogger {
  const write = (level: 'debug' | 'info' | 'warn' | 'error', parts: unknown[]) => {
    const used = isQuiet ? 'debug' : level;
    if (logger.isLevelEnabled(used)) logger[used](lineOf(parts));
  };
  return {
    debug: (...parts) => write('debug', parts),
    info: (...parts) => write('info', parts),
    warn: (...parts) => write('warn', parts),
    error: (...parts) => write('error', parts),
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
    fetch: createSlackFetch(options.fetch),
    logger: createSlackLogger(options.logger),
    // By default WebClient retries for half an hour without a timeout, even calls that must not happen twice.
    timeout: options.callTimeoutMs ?? CALL_TIMEOUT_MS,
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
    allowAbsoluteUrls: false,
  };
}

export function createWebClient(
  botToken: Secret,
  options: Parameters<typeof webClientOptions>[0],
): WebClient {
  return new WebClient(botToken.reveal(), webClientOptions(options));
}

/**
 * Returns the ID of the app's direct message with a person. If Slack doesn't return it, returns the person's own ID, at which it
 * refuses an ephemeral message.
 */
export async function directMessageWith(web: WebClient, slackUserId: string): Promise<string> {
  try {
    const { channel } = await web.conversations.open({ users: slackUserId });
    return channel?.id ?? slackUserId;
  } catch {
    return slackUserId;
  }
}

export interface SlackIdentity {
  workspace: SlackWorkspace;
  bot: { botId?: string; botUserId?: string; teamId?: string };
}

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
