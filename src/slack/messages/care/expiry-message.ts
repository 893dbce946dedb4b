import type { Button } from '@slack/types';
import type { LetKeyExpireResult } from '../../../application/care/expiry-notices.ts';
import type { DueAccountNotification } from '../../../application/ports/notifications.ts';
import { code, escapeMarkup, type Message, moment, plainText } from '../blocks.ts';
import { refusalText } from '../failures/refusal-text.ts';
import { rotateButton } from '../keys/key-buttons.ts';
import { accountName } from './names.ts';

export const LET_EXPIRE_ACTION = 'let_key_expire';

/** Returns the direct message before a key expires. */
export function expiryMessage(
  notification: Extract<DueAccountNotification, { message: 'key_expiring' }>,
): Message {
  const { account, keyId, keyName, expiresAtMs, daysBefore } = notification;
  const icon = daysBefore === 0 ? ':rotating_light:' : ':hourglass:';
  const text = [
    `${icon} *${capitalized(keyText(keyName, keyId))} of ${accountName(account)} expires ${moment(expiresAtMs)}*`,
    'Workloads that use it then stop working. *Rotate* creates a new key beside it, so that you can replace it in time.',
  ].join('\n');
  return {
    text: `Key ${keyName} of ${account.name} in ${escapeMarkup(account.teamName)} expires soon.`,
    blocks: [
      { type: 'section', text: { type: 'mrkdwn', text } },
      { type: 'actions', elements: [rotateButton(account, { keyId }), letExpireButton(keyId)] },
    ],
  };
}

function letExpireButton(keyId: string): Button {
  return {
    type: 'button',
    action_id: LET_EXPIRE_ACTION,
    text: plainText('Let it expire'),
    value: keyId,
  };
}

/** Returns the outcome of *Let it expire*. Markup. */
export function letExpireText(result: LetKeyExpireResult): string {
  switch (result.kind) {
    case 'recorded':
    case 'already_recorded':
      return `:white_check_mark: ${capitalized(keyText(result.key.keyName, result.key.keyId))} of ${accountName(result.key.account)} expires ${moment(result.key.expiresAtMs)}. Keysmith sends no more notices about it.`;
    case 'being_rotated':
      return `Nothing was changed: ${keyText(result.key.keyName, result.key.keyId)} of ${accountName(result.key.account)} is being replaced by a new key, and expires ${moment(result.key.expiresAtMs)}.`;
    case 'not_found':
      return 'Nothing was changed: the key is revoked or has expired, or none of your teams has it.';
    case 'refused':
      return `Nothing was changed. ${refusalText(result.refusal)}`;
  }
}

/** Returns a key's name and ID. Markup. */
function keyText(keyName: string, keyId: string): string {
  return `key ${code(keyName)} (${code(keyId)})`;
}

function capitalized(text: string): string {
  return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}`;
}
