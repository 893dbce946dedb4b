import { isErrorCode } from './slack-fetch.ts';

/** Returns Slack's error code in an error of WebClient, or undefined if it has none. */
export function slackErrorCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('data' in error)) return undefined;
  const { data } = error;
  if (typeof data !== 'object' || data === null || !('error' in data)) return undefined;
  return isErrorCode(data.error) ? data.error : undefined;
}

/** Slack rejected the token; a retry doesn't help. */
export class SlackTokenRejectedError extends Error {
  override name = 'SlackTokenRejectedError';
}

type Setting = keyof typeof NAME_IN_SLACK;

const NAME_IN_SLACK = {
  SLACK_BOT_TOKEN: 'Bot User OAuth Token',
  SLACK_APP_TOKEN: 'app-level token',
};

/** What an operator has to do. */
type Remedy = 'copy' | 'install' | 'scopes' | 'other_token' | 'allow';

/** Slack's error codes that mean the token itself (docs.slack.dev/reference/methods/apps.connections.open#errors). */
const REJECTIONS = new Map<string, Remedy>([
  ['invalid_auth', 'copy'],
  ['not_authed', 'copy'],
  ['token_expired', 'copy'],
  ['token_revoked', 'copy'],
  ['account_inactive', 'install'],
  ['app_uninstalled', 'install'],
  ['team_disabled', 'install'],
  ['user_removed_from_team', 'install'],
  ['missing_scope', 'scopes'],
  ['is_bot', 'other_token'],
  ['not_allowed_token_type', 'other_token'],
  ['access_denied', 'allow'],
  ['forbidden_team', 'allow'],
  ['no_permission', 'allow'],
  ['team_access_not_granted', 'allow'],
]);

/** Returns whether Slack's error code means that it will never accept the token as it is. */
export function isTokenRejection(code: string): boolean {
  return REJECTIONS.has(code);
}

/** Returns whether Slack's error code means that the token has been revoked, or the app uninstalled. */
export function isRevokedToken(code: string): boolean {
  const remedy = REJECTIONS.get(code);
  return remedy === 'copy' || remedy === 'install';
}

/** Converts Slack's errors for a rejected token; returns any other error unchanged. */
export function toTokenRejection(error: unknown, setting: Setting): unknown {
  const code = slackErrorCode(error);
  const remedy = code === undefined ? undefined : REJECTIONS.get(code);
  if (remedy === undefined) return error;
  return new SlackTokenRejectedError(
    `Slack rejected ${setting} (${code}). ${remedyText(remedy, setting)} Then restart Keysmith.`,
    { cause: error },
  );
}

function remedyText(remedy: Remedy, setting: Setting): string {
  const token = NAME_IN_SLACK[setting];
  switch (remedy) {
    case 'copy':
      return `Copy the ${token} from the app's page again.`;
    case 'install':
      return `Install the app in the workspace again, and copy the ${token} from its page.`;
    case 'scopes':
      return setting === 'SLACK_APP_TOKEN'
        ? `Generate an ${token} with the scope connections:write.`
        : 'Paste the manifest again and reinstall the app.';
    case 'other_token':
      return `Set it to the ${token} from the app's page, which starts with ${setting === 'SLACK_APP_TOKEN' ? 'xapp-' : 'xoxb-'}.`;
    case 'allow':
      return 'Ask an admin of the Slack workspace to allow the app.';
  }
}
