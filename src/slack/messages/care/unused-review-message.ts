import type { KnownBlock } from '@slack/types';
import {
  MAX_REVIEWED_KEYS,
  type UnusedKey,
  type UnusedReviewCard,
} from '../../../application/care/care-records.ts';
import type { KeepKeyResult } from '../../../application/care/unused-reviews.ts';
import { code, day, escapeMarkup, type Message, plainText, teamOption } from '../blocks.ts';
import { refusalText } from '../failures/refusal-text.ts';
import { revokeKeyButton } from '../keys/key-buttons.ts';
import { keyText } from '../keys/key-outcome-text.ts';
import { accountName } from './names.ts';

export const KEEP_KEY_ACTION = 'keep_key';

/** Returns the card with the unused keys of a team. */
export function unusedReviewContent(card: UnusedReviewCard): { message: Message; log: readonly string[] } {
  const { reviewId, teamName, keys, more, keptForDays } = card;
  const total = keys.length + more;
  const atLeast = total >= MAX_REVIEWED_KEYS ? 'at least ' : '';
  const counted = total === 1 ? 'One key' : `${atLeast === '' ? '' : 'At least '}${total} keys`;
  const days = keptForDays === 1 ? 'a day' : `${keptForDays} days`;
  const lead = `:wastebasket: *${counted} of ${code(teamName)} may no longer be needed.* Revoke what nobody needs. For ${days}, Keysmith doesn’t ask again about a key that you keep.`;
  const list = code(`/wandb service-account list ${teamOption(teamName)}`);
  const rest = more === 0 ? [] : [section(`and ${atLeast}${more} more. Open the accounts with ${list}.`)];
  return {
    message: {
      text: `${counted} of ${escapeMarkup(teamName)} may no longer be needed.`,
      blocks: [section(lead), ...keys.flatMap((key) => keyBlocks(reviewId, key)), ...rest],
    },
    log: [],
  };
}

function keyBlocks(reviewId: string, key: UnusedKey): KnownBlock[] {
  const text = section(
    `• ${keyText({ name: key.keyName, keyId: key.keyId })} of ${code(key.account.name)}: ${stateText(key)}`,
  );
  if (key.state !== 'open') return [text];
  return [
    text,
    {
      type: 'actions',
      elements: [
        revokeKeyButton(key.account, key),
        {
          type: 'button',
          action_id: KEEP_KEY_ACTION,
          text: plainText('Keep'),
          value: `${reviewId}:${key.keyId}`,
        },
      ],
    },
  ];
}

function stateText({ state, createdAtMs, lastUsedAtMs, keptBy }: UnusedKey): string {
  switch (state) {
    case 'open':
      return lastUsedAtMs === undefined
        ? `created on ${day(createdAtMs)} and never used`
        : `last used on ${day(lastUsedAtMs)}`;
    case 'kept':
      return keptBy === undefined ? 'kept' : `kept by <@${keptBy}>`;
    case 'used':
      return 'used again';
    case 'ended':
      return 'revoked or expired';
  }
}

/** Reads the value of *Keep*. */
export function readKeepChoice(value: string): { reviewId: string; keyId: string } {
  const [reviewId = '', keyId = ''] = value.split(':', 2);
  return { reviewId, keyId };
}

/** Returns the outcome of *Keep* where the card doesn't show it. Markup. */
export function keepKeyText(result: Exclude<KeepKeyResult, { kind: 'kept' }>): string {
  switch (result.kind) {
    case 'already_kept':
      return `Nothing was changed: someone has already chosen to keep ${keyText({ name: result.key.keyName, keyId: result.key.keyId })} of ${accountName(result.key.account)}.`;
    case 'not_found':
      return 'Nothing was changed: the key is revoked or has expired, or none of your teams has it.';
    case 'refused':
      return `Nothing was changed. ${refusalText(result.refusal)}`;
  }
}

function section(markup: string): KnownBlock {
  return { type: 'section', text: { type: 'mrkdwn', text: markup } };
}
