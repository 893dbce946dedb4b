import type { ModalView } from '@slack/types';
import type { DirectMessageKind } from '../../../application/home/direct-messages.ts';
import { option, plainText } from '../blocks.ts';

export const MESSAGE_SETTINGS_CALLBACK = 'message_settings';
export const SETTINGS_TITLE = 'Settings';
/** The block and the element with the kinds. */
export const KINDS_FIELD = 'kinds';

/** Returns the modal in which a person chooses which direct messages they get. */
export function messageSettingsView({
  sent,
  wanted,
}: {
  sent: readonly DirectMessageKind[];
  wanted: readonly DirectMessageKind[];
}): ModalView {
  const options = sent.map((kind) => option(kind, messageKindText(kind)));
  const chosen = options.filter(({ value }) => (wanted as readonly string[]).includes(value));
  return {
    type: 'modal',
    callback_id: MESSAGE_SETTINGS_CALLBACK,
    title: plainText(SETTINGS_TITLE),
    submit: plainText('Save'),
    close: plainText('Cancel'),
    blocks: [
      {
        type: 'input',
        block_id: KINDS_FIELD,
        optional: true,
        label: plainText('Send me direct messages about'),
        hint: plainText(
          'You always get messages about your own actions and requests, requests waiting for your decision, accounts whose contact you become, and keys or workloads in danger.',
        ),
        element: {
          type: 'checkboxes',
          action_id: KINDS_FIELD,
          options,
          // Slack refuses an empty list.
          ...(chosen.length > 0 && { initial_options: chosen }),
        },
      },
    ],
  };
}

/** The name of a kind of direct messages. */
export function messageKindText(kind: DirectMessageKind): string {
  switch (kind) {
    case 'expiry':
      return 'Keys that expire soon';
    case 'rotation':
      return 'Rotations in progress';
    case 'unused':
      return 'Unused keys of your teams, once a month';
    case 'unowned':
      return 'Accounts of your teams whose contact left';
    case 'near_match':
      return 'Refused JWTs whose subject nearly matches that of an account';
    case 'review':
      return 'Reviews of accounts that were added from W&B';
    case 'team_changes':
      return 'Changes that others make in W&B, once a day';
  }
}
