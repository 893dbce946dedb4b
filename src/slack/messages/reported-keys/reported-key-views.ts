import type { KnownBlock, ModalView } from '@slack/types';
import type { OwnKey, ReportKeysResult } from '../../../application/reported-keys/report-keys.ts';
import { MAX_KEYS } from '../../../domain/keys/keys-in-text.ts';
import { withContent } from '../accounts/message-content.ts';
import { code, day, notice, plainText } from '../blocks.ts';
import { refusalText } from '../failures/refusal-text.ts';
import { revokeKeyButton, rotateButton } from '../keys/key-buttons.ts';

/** The same whether or not such a key exists. */
const OTHERS = 'Thanks. If another key in this message is active, its owner has been notified.';
const MORE = `Keysmith looked only at the first ${MAX_KEYS} keys of this message. Ask the owners of the others to revoke them.`;

type OwnKeys = Pick<Extract<ReportKeysResult, { kind: 'own' }>, 'keys' | 'hasOthers' | 'hasMore'>;

const TITLE = plainText('This is a key');

/** Returns the modal with an outcome or a problem. */
export function reportedTextView(markup: string, reference?: string): ModalView {
  return { type: 'modal', title: TITLE, close: plainText('Close'), blocks: notice(markup, reference).blocks };
}

export const LOOKING_VIEW: ModalView = reportedTextView(':hourglass_flowing_sand: Looking at the message…');

/** Returns what the person sees about the message. Never contains a key. */
export function reportedKeysView(
  result: ReportKeysResult,
  { nowMs, reference }: { nowMs: number; reference: string },
): ModalView {
  switch (result.kind) {
    case 'own':
      return ownKeysView(result, nowMs);
    case 'thanked':
      // The same for a key of others and for none.
      return reportedTextView(
        `Thanks. If this is an active key, its owner has been notified.${result.hasMore ? ` ${MORE}` : ''}`,
      );
    case 'wandb_key':
      return reportedTextView(
        'This may be an API key of W&B, which Keysmith doesn’t know. If it is one, its owner has to delete it in W&B (*User Settings*, or the settings of the team for a service account). A hash of a Git commit looks the same.',
      );
    case 'no_key':
      return reportedTextView('Keysmith found no key of its own in this message. Nothing was changed.');
    case 'refused':
      return reportedTextView(refusalText(result.refusal), reference);
  }
}

/** Returns the keys on which the person may act, which change in place after an action. */
export function ownKeysView({ keys, hasOthers, hasMore }: OwnKeys, nowMs: number): ModalView {
  const blocks = [
    ...keys.flatMap((key) => keyBlocks(key, nowMs)),
    ...(hasOthers ? [section(OTHERS)] : []),
    ...(hasMore ? [section(MORE)] : []),
    section('Everyone who can read the message can use a key in it. Delete the message as well.'),
  ];
  const keyIds = keys.map(({ keyId }) => keyId);
  return {
    type: 'modal',
    title: TITLE,
    close: plainText('Close'),
    blocks: withContent(blocks, { kind: 'keys', keyIds, hasOthers, hasMore }),
  };
}

function keyBlocks(key: OwnKey, nowMs: number): KnownBlock[] {
  const name = `Key ${code(key.keyId)} of ${code(key.account.name)} in ${code(key.account.teamName)}`;
  if (key.revokedAtMs !== undefined) return [section(`${name} was revoked ${day(key.revokedAtMs)}.`)];
  if (key.expiresAtMs !== undefined && key.expiresAtMs <= nowMs) {
    return [section(`${name} expired ${day(key.expiresAtMs)}.`)];
  }
  return [
    section(`${name} works.`),
    {
      type: 'actions',
      elements: [
        revokeKeyButton(key.account, key),
        ...(key.mayRotate ? [rotateButton(key.account, key)] : []),
      ],
    },
  ];
}

function section(markup: string): KnownBlock {
  return { type: 'section', text: { type: 'mrkdwn', text: markup } };
}
