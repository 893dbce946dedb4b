import type { KnownBlock } from '@slack/types';
import type { UnownedCard } from '../../../application/care/care-records.ts';
import type { TakeOverResult } from '../../../application/care/unowned-accounts.ts';
import { code, escapeMarkup, type Message, plainText } from '../blocks.ts';
import { refusalText } from '../failures/refusal-text.ts';
import { accountName } from './names.ts';

export const TAKE_OVER_ACTION = 'take_over_account';

/** Returns the card about the accounts of a contact who left. */
export function unownedContent({ contact, teamName, accounts, more }: UnownedCard): {
  message: Message;
  log: readonly string[];
} {
  const text = `A contact of service accounts in ${escapeMarkup(teamName)} has left.`;
  if (accounts.length === 0) {
    const done = `:white_check_mark: Every service account of <@${contact}> in ${code(teamName)} has a contact again, or has ended.`;
    return { message: { text, blocks: [section(done)] }, log: [] };
  }
  const lead = `:wave: *<@${contact}>, the contact of these service accounts in ${code(teamName)}, has left the team or Slack.* Keysmith notifies the team’s admins instead. *Take over* makes you the contact.`;
  const rest = more === 0 ? [] : [section(`and ${more} more.`)];
  const rows = accounts.map(
    ({ id, name }): KnownBlock => ({
      type: 'section',
      text: { type: 'mrkdwn', text: `• ${code(name)}` },
      accessory: { type: 'button', action_id: TAKE_OVER_ACTION, text: plainText('Take over'), value: id },
    }),
  );
  return { message: { text, blocks: [section(lead), ...rows, ...rest] }, log: [] };
}

/** Returns the outcome of *Take over*. Markup. */
export function takeOverText(result: TakeOverResult): string {
  switch (result.kind) {
    case 'taken':
      return `:white_check_mark: You’re the contact of ${accountName(result.account)} now.`;
    case 'not_unowned':
      return `Nothing was changed: ${accountName(result.account)} has a contact.`;
    case 'not_found':
      return 'Nothing was changed: none of your teams has this account.';
    case 'refused':
      return `Nothing was changed. ${refusalText(result.refusal)}`;
  }
}

function section(markup: string): KnownBlock {
  return { type: 'section', text: { type: 'mrkdwn', text: markup } };
}
