import type { Button } from '@slack/types';
import type { Collection } from '../../application/ports/store.ts';
import type { ServiceAccount } from '../../domain/service-account.ts';
import type { Message } from './message.ts';
import { code, moment, plainText } from './text.ts';

export const COLLECT_ACTION = 'collect_key';

/** Offers a key that could not be delivered: it is minted at the click. */
export function collectionMessage(
  collection: Collection,
  account: ServiceAccount,
  deadKeyId: string | undefined,
): Message {
  const text = [
    `:key: *Collect the key of ${code(account.name)}* in ${code(account.teamName)}`,
    deadKeyId === undefined
      ? 'Its key was not sent: the W&B server was too late with it, and what it had made was undone. No key of it is in use.'
      : `Slack could not confirm that the key ${code(deadKeyId)} reached you, so it was cut off: if you see it somewhere, it is dead.`,
    `*Collect key* makes a new key and shows it here, once, only to you, until ${moment(collection.expiresAtMs)}.`,
  ].join('\n');
  return {
    text: `Collect the key of ${account.name} in ${account.teamName}.`,
    blocks: [
      { type: 'section', text: { type: 'mrkdwn', text } },
      { type: 'actions', elements: [collectButton(collection)] },
    ],
  };
}

export function collectButton(collection: Collection): Button {
  return {
    type: 'button',
    action_id: COLLECT_ACTION,
    style: 'primary',
    text: plainText('Collect key'),
    value: collection.id,
  };
}
