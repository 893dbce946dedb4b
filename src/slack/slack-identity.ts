import type { WebClient } from '@slack/web-api';
import type { SlackWorkspace } from '../domain/person.ts';
import { slackErrorCode } from './web-client.ts';

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
    `Slack refuses ${setting} (${code}). Copy the ${NAME_ON_THE_PAGE[setting]} from the app's page again, and start anew.`,
    { cause: error },
  );
}
