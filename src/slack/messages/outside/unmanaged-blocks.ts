import type { Button, KnownBlock } from '@slack/types';
import { z } from 'zod';
import type { ListServiceAccountsResult } from '../../../application/accounts/list-service-accounts.ts';
import { code, day, link, plainText, shortened } from '../blocks.ts';

type Listed = Extract<ListServiceAccountsResult, { ok: true }>;
type Unmanaged = Listed['unmanaged'];

/** These keep a full page within Slack's limits: 50 blocks in a message, 3,000 characters in a block. */
const MAX_UNMANAGED = 10;
/** One for each button, because Slack refuses two elements of a block with the same one. */
export const ADOPT_ACTIONS = Array.from(
  { length: MAX_UNMANAGED },
  (_, index) => `adopt_account_${index + 1}`,
);
const MAX_NAME_LENGTH = 40;
const MAX_ACTOR_LENGTH = 40;
/** Leaves room for the title and the count. */
const MAX_LINES_LENGTH = 2_800;
const MAX_LINKS = 5;
/** A page of a team with a long name in other letters than ASCII takes more than a thousand characters. */
const MAX_LINKS_LENGTH = 2_900;
/** Slack's limit for the text of a button is 75. */
const MAX_BUTTON_NAME_LENGTH = 60;
/** Slack's limit for the value of a button. */
const MAX_VALUE_LENGTH = 2_000;

/**
 * Returns the accounts of the same teams that weren't created with Keysmith; at most two blocks, and one with buttons.
 *
 * @param room how many blocks fit into the message
 */
export function unmanagedBlocks({ accounts, total }: Unmanaged, room: number): KnownBlock[] {
  if (accounts.length === 0) return [];
  const lines = fitting(accounts.slice(0, MAX_UNMANAGED).map(lineOf));
  const listed = accounts.slice(0, lines.length);
  const more = total > listed.length ? [`and ${total - listed.length} more`] : [];
  const pages = [...new Set(listed.map((account) => account.link))].filter((one) => one !== undefined);
  const links = pages
    .slice(0, MAX_LINKS)
    .map(link)
    .reduce((text, one) => (text.length + one.length < MAX_LINKS_LENGTH ? `${text} ${one}` : text), '');
  const blocks: KnownBlock[] = [section(['*Created outside Keysmith*', ...lines, ...more].join('\n'))];
  if (pages.length > 0) {
    const text = `Team admins can manage these in W&B:${links}`;
    blocks.push({ type: 'context', elements: [{ type: 'mrkdwn', text }] });
  }
  const buttons = listed.flatMap(adoptButton);
  if (buttons.length > 0 && blocks.length < room) blocks.push({ type: 'actions', elements: buttons });
  return blocks;
}

function lineOf(account: Unmanaged['accounts'][number]): string {
  const { name, teamName } = account;
  return `• ${code(shortened(name, MAX_NAME_LENGTH))} in ${code(shortened(teamName, MAX_NAME_LENGTH))}${createdText(account)}`;
}

/** Escaping makes a text up to five times as long. */
function fitting(lines: readonly string[]): string[] {
  let length = 0;
  return lines.filter((line) => {
    length += line.length;
    return length <= MAX_LINES_LENGTH;
  });
}

/** Says who created the account, if W&B's audit log shows it. */
function createdText({ created }: Unmanaged['accounts'][number]): string {
  if (created === undefined) return '';
  const by = created.actor === undefined ? '' : ` by ${code(shortened(created.actor, MAX_ACTOR_LENGTH))}`;
  return `, created ${day(created.atMs)}${by}`;
}

function adoptButton(
  { teamName, memberId, name, isAdoptable }: Unmanaged['accounts'][number],
  index: number,
): Button[] {
  const value = JSON.stringify([teamName, memberId]);
  const actionId = ADOPT_ACTIONS[index];
  if (!isAdoptable || actionId === undefined || value.length > MAX_VALUE_LENGTH) return [];
  const text = plainText(`Adopt ${shortened(name, MAX_BUTTON_NAME_LENGTH)}`);
  return [{ type: 'button', action_id: actionId, text, value }];
}

const choice = z.tuple([z.string(), z.string()]);

/** Reads the value of *Adopt*, also from the metadata of its form. Undefined if Keysmith didn't write it. */
export function readAdoptChoice(value: string): { teamName: string; memberId: string } | undefined {
  try {
    const [teamName, memberId] = choice.parse(JSON.parse(value));
    return { teamName, memberId };
  } catch {
    return undefined;
  }
}

/** Returns the deleted accounts whose keys an admin hasn't confirmed as deleted; at most one block. */
export function leftKeysBlocks(left: Listed['leftKeys'], room: number): KnownBlock[] {
  if (left === undefined || left.accounts.length === 0 || room < 1) return [];
  const names = left.accounts.map(
    ({ serverName, account: { teamName } }) =>
      `${code(shortened(serverName, MAX_NAME_LENGTH))} in ${code(shortened(teamName, MAX_NAME_LENGTH))}`,
  );
  const more = left.total > names.length ? [`${left.total - names.length} more`] : [];
  const text = `:key: Keys of deleted accounts to delete in W&B: ${[...names, ...more].join(', ')}. Then confirm in the direct message from Keysmith.`;
  return [{ type: 'context', elements: [{ type: 'mrkdwn', text }] }];
}

function section(text: string): KnownBlock {
  return { type: 'section', text: { type: 'mrkdwn', text } };
}
