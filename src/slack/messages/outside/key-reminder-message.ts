import type { ConfirmKeysDeletedResult } from '../../../application/outside-changes/confirm-keys-deleted.ts';
import type { DueAccountNotification } from '../../../application/ports/notifications.ts';
import { code, day, escapeMarkup, link, type Message, plainText, shortened, teamOption } from '../blocks.ts';
import { refusalText } from '../failures/refusal-text.ts';

export const KEYS_DELETED_ACTION = 'all_keys_deleted';

/** Returns the reminder that W&B keeps the keys of a deleted account. */
export function keyReminderMessage({
  account,
  serverName,
  serverAccountId,
  link: page,
}: Extract<DueAccountNotification, { message: 'keys_to_delete' }>): Message {
  const there = code(shortened(serverName, 100));
  const place = page === undefined ? 'the service accounts of the team in W&B' : link(page);
  const text = [
    // The account's plain name may also be that of a newer, active attempt.
    `:key: *Delete the keys of ${there} in ${code(account.teamName)}*`,
    `The account was deleted from W&B, which keeps its API keys, and they may still work. Open ${place} and delete every key of ${there}. Then press *All keys deleted*.`,
  ].join('\n');
  return {
    text: `Delete the keys of ${escapeMarkup(shortened(serverName, 100))} in ${escapeMarkup(account.teamName)} in W&B.`,
    blocks: [
      { type: 'section', text: { type: 'mrkdwn', text } },
      {
        type: 'actions',
        elements: [
          {
            type: 'button',
            action_id: KEYS_DELETED_ACTION,
            text: plainText('All keys deleted'),
            value: serverAccountId,
          },
        ],
      },
      {
        type: 'context',
        elements: [
          plainText(
            'Keysmith reminds the team’s admins once a week, up to four times, until one of them confirms.',
          ),
        ],
      },
    ],
  };
}

/** Returns the outcome of *All keys deleted*. Markup. */
export function keysDeletedText(result: ConfirmKeysDeletedResult): string {
  switch (result.kind) {
    case 'confirmed':
      return `:white_check_mark: Recorded: all keys of ${nameOf(result)} are deleted in W&B. Keysmith sends no more reminders.`;
    case 'already_confirmed':
      return `Nothing was changed: no keys of ${nameOf(result)} are left to confirm.`;
    case 'not_found':
      return 'Nothing was recorded: none of your teams has this account.';
    case 'refused':
      return refusalText(result.refusal);
  }
}

function nameOf({ account, serverName }: Extract<ConfirmKeysDeletedResult, { serverName: string }>): string {
  return `${code(shortened(serverName, 100))} in ${code(account.teamName)}`;
}

/** Returns the reminder to check whether an adopted account is still needed. */
export function reviewMessage({ account }: DueAccountNotification): Message {
  const { name, teamName, createdAtMs, createdBy, purpose, usedBy } = account;
  const text = [
    `:calendar: *Review ${code(name)} in ${code(teamName)}*`,
    `<@${createdBy.slackUserId}> adopted it on ${day(createdAtMs)}, and its review is due. If it’s still needed, you don’t need to do anything. If not, run ${code(`/wandb service-account revoke ${name} ${teamOption(teamName)}`)}.`,
  ].join('\n');
  const details = [purpose, usedBy && `Used by: ${usedBy}`].filter((one) => one !== undefined && one !== '');
  return {
    text: `Review ${name} in ${escapeMarkup(teamName)}.`,
    blocks: [
      { type: 'section', text: { type: 'mrkdwn', text } },
      ...(details.length === 0
        ? []
        : [
            {
              type: 'context' as const,
              elements: details.map((one) => plainText(shortened(one ?? '', 150))),
            },
          ]),
    ],
  };
}
