import type { DueAccountNotification } from '../../../application/ports/notifications.ts';
import { code, escapeMarkup, type Message, notice } from '../blocks.ts';
import { revokeKeyButton, rotateButton } from '../keys/key-buttons.ts';

/** Returns the direct message about a key that someone found in a Slack message. */
export function keyReportedMessage({
  account,
  keyId,
  reportedBy,
  channelId,
  messageUrl,
}: Extract<DueAccountNotification, { message: 'key_reported' }>): Message {
  // Slack shows no name for a direct message.
  const where = channelId !== undefined && /^[CG]/.test(channelId) ? ` in <#${channelId}>` : '';
  const message =
    messageUrl === undefined ? 'a Slack message' : `<${escapeMarkup(messageUrl)}|a Slack message>`;
  const text = `:rotating_light: <@${reportedBy}> found key ${code(keyId)} of ${code(account.name)} in ${code(account.teamName)} in ${message}${where}. It still works. Have the message deleted, and replace or revoke the key.`;
  const { blocks } = notice(text);
  return {
    text: `Key ${keyId} was found in a Slack message.`,
    blocks: [
      ...blocks,
      { type: 'actions', elements: [revokeKeyButton(account, { keyId }), rotateButton(account, { keyId })] },
    ],
  };
}
