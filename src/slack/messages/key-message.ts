import type { Button, KnownBlock, RichTextBlock } from '@slack/types';
import type { IssuedKey } from '../../application/ports/backend.ts';
import type { ServiceAccount } from '../../domain/accounts/service-account.ts';
import { code, day, type Message, plainText } from './blocks.ts';

export const KEY_MESSAGE_ACTIONS = {
  stored: 'mark_key_stored',
  revoke: 'revoke_account',
} as const;

const NEVER_ENDS = ' W&B’s keys do not end by themselves: revoke the account when it is no longer needed.';

/** The one message that holds a key. Its `text` does not. */
export function keyMessage({ account, delivery, key, expiresAtMs }: IssuedKey, publicUrl: string): Message {
  const lines = [
    `WANDB_API_KEY=${key.reveal()}`,
    `WANDB_ENTITY=${account.teamName}`,
    `WANDB_BASE_URL=${publicUrl}`,
  ];
  return {
    text: `Your API key for ${account.name} in ${account.teamName} is ready. It is shown once.`,
    blocks: [
      {
        type: 'section',
        text: {
          type: 'mrkdwn',
          text: `:key: *The API key of ${code(account.name)} is ready*`,
        },
      },
      {
        type: 'section',
        fields: [
          { type: 'mrkdwn', text: `*Account*\n${code(account.name)}` },
          { type: 'mrkdwn', text: `*Team*\n${code(account.teamName)}` },
          { type: 'mrkdwn', text: `*Key ID*\n${code(delivery.keyId)}` },
          ...(expiresAtMs === undefined
            ? []
            : [{ type: 'mrkdwn' as const, text: `*Expires*\n${day(expiresAtMs)}` }]),
        ],
      },
      preformatted(key.reveal()),
      {
        type: 'section',
        text: { type: 'mrkdwn', text: 'For the environment of the job:' },
      },
      preformatted(lines.join('\n')),
      {
        type: 'section',
        text: {
          type: 'mrkdwn',
          text: `*Shown once.* Put it into your secret manager now: Keysmith keeps no copy and can’t show it again.${expiresAtMs === undefined ? NEVER_ENDS : ''}`,
        },
      },
      credentialActions(account),
    ],
  };
}

/** What a workload of a federated account needs; there is no secret in it. */
export function federatedAccountMessage(
  account: ServiceAccount,
  { publicUrl, organizationName }: { publicUrl: string; organizationName: string },
): Message {
  const lines = [
    'WANDB_IDENTITY_TOKEN_FILE=/path/to/the/workload/token',
    `WANDB_ENTITY=${account.teamName}`,
    `WANDB_BASE_URL=${publicUrl}`,
  ];
  const { issuer = '', subject = '' } = account.externalIdentity ?? {};
  return {
    text: `The federated account ${account.name} in ${account.teamName} is ready.`,
    blocks: [
      {
        type: 'section',
        text: {
          type: 'mrkdwn',
          text: `:key: *The federated account ${code(account.name)} is ready*`,
        },
      },
      {
        type: 'section',
        fields: [
          { type: 'mrkdwn', text: `*Account*\n${code(account.name)}` },
          { type: 'mrkdwn', text: `*Team*\n${code(account.teamName)}` },
        ],
      },
      {
        type: 'section',
        text: {
          type: 'mrkdwn',
          text: 'It has no key: it signs in with JWTs that say exactly this:',
        },
      },
      preformatted(
        `issuer (iss)    ${issuer}\nsubject (sub)   ${subject}\naudience (aud)  ${organizationName}`,
      ),
      {
        type: 'section',
        text: { type: 'mrkdwn', text: 'For the environment of the job:' },
      },
      preformatted(lines.join('\n')),
      credentialActions(account),
    ],
  };
}

function credentialActions(account: ServiceAccount): KnownBlock {
  return {
    type: 'actions',
    elements: [
      {
        type: 'button',
        action_id: KEY_MESSAGE_ACTIONS.stored,
        style: 'primary',
        text: plainText('I’ve stored it'),
        value: account.id,
      },
      revokeButton(account, KEY_MESSAGE_ACTIONS.revoke),
    ],
  };
}

/** A *Revoke* button that asks before it acts. */
export function revokeButton(account: ServiceAccount, actionId: string): Button {
  const consequence =
    account.method === 'api_key'
      ? 'Its key stops working at once.'
      : 'Its workloads can’t sign in any more from that moment.';
  return {
    type: 'button',
    action_id: actionId,
    style: 'danger',
    text: plainText('Revoke'),
    value: account.id,
    confirm: {
      title: plainText('Revoke this account?'),
      text: plainText(`${account.name} in ${account.teamName}: ${consequence} This can’t be undone.`),
      confirm: plainText('Revoke'),
      deny: plainText('Keep'),
      style: 'danger',
    },
  };
}

/** Rich text shows its text letter for letter, with nothing made of it. */
function preformatted(text: string): RichTextBlock {
  return {
    type: 'rich_text',
    elements: [{ type: 'rich_text_preformatted', elements: [{ type: 'text', text }] }],
  };
}
