import type { Button, KnownBlock } from '@slack/types';
import type { UnownedCard } from '../../../application/care/care-records.ts';
import type { TakeOverResult } from '../../../application/care/unowned-accounts.ts';
import { COUNTED_ACCOUNTS } from '../../../application/ports/account-records.ts';
import type { ServiceAccount } from '../../../domain/accounts/service-account.ts';
import { editButton } from '../accounts/account-menu.ts';
import { code, escapeMarkup, type Message, plainText } from '../blocks.ts';
import { refusalText } from '../failures/refusal-text.ts';
import { accountName } from './names.ts';

export const TAKE_OVER_ACTION = 'take_over_account';

/** Returns the card about the accounts of a contact who left. */
export function unownedContent(card: UnownedCard): { message: Message; log: readonly string[] } {
  const { contact, teamName, accounts, more } = card;
  const text = `A contact of service accounts in ${escapeMarkup(teamName)} has left.`;
  if (accounts.length === 0) {
    const done = `:white_check_mark: Every service account of <@${contact}> in ${code(teamName)} has a contact again, or has ended.`;
    return { message: { text, blocks: [section(done), ...takenOverBlocks(card)] }, log: [] };
  }
  const lead = `:wave: *<@${contact}>, the contact of these service accounts in ${code(teamName)}, has left the team or Slack.* Keysmith notifies the team’s admins instead. *Take over* makes you the contact; *Edit* lets you choose someone else.`;
  const rest = more === 0 ? [] : [section(moreText(more))];
  const rows = accounts.flatMap((account): KnownBlock[] => [
    section(`• ${code(account.name)}`),
    { type: 'actions', elements: [takeOverButton(account), editButton(account)] },
  ]);
  return {
    message: { text, blocks: [section(lead), ...rows, ...rest, ...takenOverBlocks(card)] },
    log: [],
  };
}

export function takeOverButton({ id }: Pick<ServiceAccount, 'id'>): Button {
  return { type: 'button', action_id: TAKE_OVER_ACTION, text: plainText('Take over'), value: id };
}

/** Says who is the contact now. */
function takenOverBlocks({ takenOver, moreTakenOver }: UnownedCard): KnownBlock[] {
  if (takenOver.length === 0) return [];
  const lines = takenOver.map(
    ({ name, contact }) => `:white_check_mark: <@${contact}> is the contact of ${code(name)} now.`,
  );
  return [section([...lines, ...(moreTakenOver === 0 ? [] : [moreText(moreTakenOver)])].join('\n'))];
}

function moreText(more: number): string {
  const counted = Math.min(more, COUNTED_ACCOUNTS).toLocaleString('en');
  return `and ${more > COUNTED_ACCOUNTS ? 'more than ' : ''}${counted} more.`;
}

/** Returns the outcome of *Take over*. Markup. */
export function takeOverText(result: TakeOverResult): string {
  switch (result.kind) {
    case 'taken':
      return `:white_check_mark: You’re the contact of ${accountName(result.account)} now.`;
    case 'not_unowned':
      return `Nothing was changed: ${accountName(result.account)} has a contact.`;
    case 'ended':
      return `Nothing was changed: ${accountName(result.account)} has ended.`;
    case 'not_found':
      return 'Nothing was changed: none of your teams has this account.';
    case 'refused':
      return `Nothing was changed. ${refusalText(result.refusal)}`;
  }
}

function section(markup: string): KnownBlock {
  return { type: 'section', text: { type: 'mrkdwn', text: markup } };
}
