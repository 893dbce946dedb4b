import type { RevokeServiceAccountResult } from '../../application/accounts/revoke-service-account.ts';
import type { ServiceAccount } from '../../domain/accounts/service-account.ts';
import { backendFailureText, manualStepsText, outcomeCauseText } from './backend-failure-text.ts';
import { code, escapeMarkup, type Message, plainText } from './blocks.ts';
import { KEY_MESSAGE_ACTIONS } from './key-message.ts';
import { refusalText } from './refusal-text.ts';

export const DISMISS_ACTION = 'dismiss';

/** Returns the question that `/wandb service-account revoke NAME` asks first. */
export function revokeMessage(account: ServiceAccount): Message {
  const consequence =
    account.method === 'api_key'
      ? 'Its key will stop working immediately.'
      : 'Its workloads will no longer be able to sign in.';
  const markup = `Revoke ${code(account.name)} in ${code(account.teamName)}? ${consequence} This can’t be undone.`;
  return {
    text: `Revoke ${account.name} in ${escapeMarkup(account.teamName)}?`,
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

/** Returns how a revocation ended. Markup. */
export function revocationText(result: RevokeServiceAccountResult): string {
  switch (result.kind) {
    case 'revoked':
      return revokedText(result.account);
    case 'already_revoked':
      return `${code(result.account.name)} in ${code(result.account.teamName)} was already revoked.`;
    case 'not_revoked': {
      const { account, failure, link: teamPage } = result;
      return `${code(account.name)} in ${code(account.teamName)} wasn’t revoked: ${backendFailureText(failure, teamPage)}`;
    }
    case 'outcome_unknown': {
      const { account, cause, link: teamPage } = result;
      return `We don’t know yet whether ${code(account.name)} in ${code(account.teamName)} was revoked: ${outcomeCauseText(cause)} Treat it as active until Keysmith confirms in a direct message.${manualStepsText(teamPage)}`;
    }
    case 'not_found':
      return 'Nothing was revoked: none of your teams has this account.';
    case 'refused':
      return `Nothing was revoked. ${refusalText(result.refusal)}`;
  }
}

/** Returns that an account was revoked. Markup. */
export function revokedText({ name, teamName, method }: ServiceAccount): string {
  const consequence =
    method === 'api_key' ? 'Its key no longer works.' : 'Its workloads can no longer sign in.';
  return `:no_entry: Revoked ${code(name)} in ${code(teamName)}. ${consequence}`;
}
