import type { KnownBlock } from '@slack/types';
import type { UnusedKey, UnusedReviewCard } from '../../../application/care/care-records.ts';
import type { KeepKeyResult } from '../../../application/care/unused-reviews.ts';
import { code, day, escapeMarkup, type Message, plainText } from '../blocks.ts';
import { refusalText } from '../failures/refusal-text.ts';
import { revokeKeyButton } from '../keys/key-buttons.ts';
import { keyText } from '../keys/key-outcome-text.ts';
import { accountName } from './names.ts';

export const KEEP_KEY_ACTION = 'keep_key';

/** Returns the card with the unused keys of a team. */
export function unusedReviewContent({ reviewId, teamName, keys, more }: UnusedReviewCard): {
  message: Message;
  log: readonly string[];
} {
  const total = keys.length + more;
  const counted = total === 1 ? 'One key' : `${total} keys`;
  const lead = `:wastebasket: *${counted} of ${code(teamName)} may no longer be needed.* Revoke what nobody needs. A key that you keep isn’t asked about again for some time.`;
  const rest =
    more === 0
      ? []
      : [section(`and ${more} more: run ${code('/wandb service-account list --status unused')}.`)];
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
