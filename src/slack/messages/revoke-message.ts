import type { RevokeServiceAccountResult } from '../../application/accounts/revoke-service-account.ts';
import type { ServiceAccount } from '../../domain/accounts/service-account.ts';
import { backendFailureWords, byHandWords, unclearCauseWords } from './backend-failure-text.ts';
import { code, type Message, plainText } from './blocks.ts';
import { KEY_MESSAGE_ACTIONS } from './key-message.ts';
import { refusalWords } from './refusal-text.ts';

export const DISMISS_ACTION = 'dismiss';

/** Asks once before an account is cut off. */
export function revokeMessage(account: ServiceAccount): Message {
  const consequence =
    account.method === 'api_key'
      ? 'Its key stops working at once'
      : 'Its workloads can’t sign in from then on';
  const markup = `Revoke ${code(account.name)} in ${code(account.teamName)}? ${consequence}; this can’t be undone.`;
  return {
    text: `Revoke ${account.name} in ${account.teamName}?`,
    blocks: [
      { type: 'section', text: { type: 'mrkdwn', text: markup } },
      {
        type: 'actions',
        elements: [
          {
            type: 'button',
            action_id: KEY_MESSAGE_ACTIONS.revoke,
            style: 'danger',
            text: plainText('Revoke'),
            value: account.id,
          },
          {
            type: 'button',
            action_id: DISMISS_ACTION,
            text: plainText('Keep'),
          },
        ],
      },
    ],
  };
}

export const UNKNOWN_ACCOUNT = 'There is no such account among those of your teams.';

/** How a revocation ended. Markup. */
export function revocationWords(result: RevokeServiceAccountResult): string {
  switch (result.kind) {
    case 'revoked':
      return revokedWords(result.account);
    case 'already_revoked':
      return `${code(result.account.name)} in ${code(result.account.teamName)} had been revoked already; it is cut off.`;
    case 'not_revoked': {
      const { account, failure, link: teamPage } = result;
      const why = backendFailureWords(failure, { effect: 'It is as it was.', teamPage });
      return `${code(account.name)} in ${code(account.teamName)} was not revoked: ${why}`;
    }
    case 'outcome_unknown': {
      const { account, cause, link: teamPage } = result;
      return `Nobody can say yet whether ${code(account.name)} in ${code(account.teamName)} is cut off: ${unclearCauseWords(cause)} Keysmith tries until it is, and tells you in a direct message how it ended. Until then, take it for alive.${byHandWords(teamPage)}`;
    }
    case 'unknown':
      return `${UNKNOWN_ACCOUNT} Nothing was revoked.`;
    case 'refused':
      return `Nothing was revoked. ${refusalWords(result.refusal)}`;
  }
}

function revokedWords({ name, teamName, method }: ServiceAccount): string {
  const consequence =
    method === 'api_key' ? 'Its key is dead from now on.' : 'Its workloads can’t sign in any more.';
  return `:no_entry: ${code(name)} in ${code(teamName)} is revoked. ${consequence}`;
}
