import type { ServiceAccount } from '../../domain/service-account.ts';
import { KEY_MESSAGE_ACTIONS } from './key-message.ts';
import type { Message } from './message.ts';
import { code, plainText } from './text.ts';

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
