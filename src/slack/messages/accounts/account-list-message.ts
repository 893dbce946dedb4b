import type { Button, KnownBlock } from '@slack/types';
import type {
  ListPage,
  ListServiceAccountsResult,
} from '../../../application/accounts/list-service-accounts.ts';
import {
  COUNTED_ACCOUNTS,
  type Collection,
  type ListStart,
} from '../../../application/ports/account-records.ts';
import type { AccountMark } from '../../../domain/accounts/account-status.ts';
import { code, day, type Message, moment, notice, plainText, quoted, teamOption } from '../blocks.ts';
import { refusalMessage } from '../failures/refusal-text.ts';
import { leftKeysBlocks, unmanagedBlocks } from '../outside/unmanaged-blocks.ts';
import { accountMenu } from './account-menu.ts';
import { collectButton } from './collect-button.ts';
import { listPageValue } from './list-page-value.ts';
import { withContent } from './message-content.ts';
import { MISSING_TEXT } from './server-account-text.ts';

export const PAGE_ACTIONS = { previous: 'previous_page', next: 'next_page' } as const;

/** Slack's limit for the blocks of a message. */
const MAX_BLOCKS = 50;

type AccountPage = Extract<ListServiceAccountsResult, { ok: true }>;
type ListedRow = AccountPage['accounts'][number];

/**
 * Returns one page of the accounts of a person's teams.
 *
 * @param lead markup to show above them, such as the outcome of a revocation
 */
export function accountListMessage(listed: AccountPage, nowMs: number, lead?: string): Message {
  const { accounts, total, tracksUsage, collections, unmanaged } = listed;
  const blocks: KnownBlock[] = [];
  if (lead !== undefined) blocks.push(section(lead));
  if (accounts.length === 0) blocks.push(section(emptyText(listed)));
  for (const row of accounts) {
    blocks.push(...accountBlocks(row, collections.get(row.account.id), { tracksUsage, nowMs }));
  }
  const pages = pageBlocks(listed);
  const room = () => MAX_BLOCKS - blocks.length - pages.length;
  blocks.push(...unmanagedBlocks(unmanaged, room()));
  blocks.push(...leftKeysBlocks(listed.leftKeys, room()), ...pages);
  const content = { kind: 'list', page: listed.page } as const;
  return {
    blocks: withContent(blocks, content),
    text: total === 1 ? 'One service account.' : `${upperFirst(countText(total))}.`,
  };
}

function emptyText({ page, unmanaged, isReadOnly }: AccountPage): string {
  const { teamName, status, namePart } = page;
  const whose = teamName === undefined ? 'Your teams have' : `${code(teamName)} has`;
  if (status !== undefined || namePart !== undefined) {
    const which = status === undefined ? '' : `${status} `;
    const named = namePart === undefined ? '' : ` with ${code(quoted(namePart))} in the name`;
    return `${whose} no ${which}service accounts${named}.`;
  }
  const none = unmanaged.total > 0 ? 'no service accounts created with Keysmith' : 'no service accounts';
  const found = `${whose} ${none} yet.`;
  if (isReadOnly) return `${found} A team admin can create one.`;
  const team = teamName === undefined ? '' : ` ${teamOption(teamName)}`;
  return `${found} Run ${code(`/wandb service-account new${team}`)} to create one.`;
}

/** Returns the blocks of one account, with short lines: a phone shows about 40 characters in a line. */
function accountBlocks(
  row: ListedRow,
  collection: Collection | undefined,
  { tracksUsage, nowMs }: { tracksUsage: boolean; nowMs: number },
): KnownBlock[] {
  const { account, isReadOnly = false, serverName, link: teamPage } = row;
  const isOnServer = teamPage !== undefined;
  const lines = [
    `*${code(account.name)}* in ${code(account.teamName)}`,
    // An admin who looks for it in W&B needs the name there.
    serverName === undefined || serverName === account.name ? undefined : `In W&B: ${code(serverName)}`,
    markText(row, { tracksUsage, isReadOnly }),
    [
      account.revokedAtMs === undefined
        ? credentialText(row, { nowMs, isOnServer: serverName !== undefined })
        : `${isOnServer ? 'Deleted' : 'Revoked'} ${day(account.revokedAtMs)}`,
      tracksUsage && account.state !== 'revoked' ? lastUseText(row) : undefined,
      `<@${account.contact}>`,
    ]
      .filter((part) => part !== undefined)
      .join(' · '),
    collection && `Key ready to collect until ${moment(collection.expiresAtMs)}`,
  ].filter((line) => line !== undefined);
  return [
    {
      ...section(lines.join('\n')),
      accessory: accountMenu(account, { isReadOnly, isOnServer }),
    },
    // The person's own, also of an account that they requested or whose key they rotated as its contact.
    ...(collection === undefined
      ? []
      : [{ type: 'actions' as const, elements: [collectButton(collection)] }]),
  ];
}

const MARKS: Record<AccountMark, string> = {
  rotating: ':hourglass_flowing_sand: Rotating',
  expiring: ':warning: Expires soon',
  unowned: ':warning: Unowned',
  unused: ':warning: Unused',
  beyond_policy: ':warning: Lives longer than the policy allows',
};

/** Returns what needs attention, in one line. */
function markText(
  { account, marks, isMissing }: ListedRow,
  { tracksUsage, isReadOnly }: { tracksUsage: boolean; isReadOnly: boolean },
): string | undefined {
  if (account.state === 'revoking') return ':hourglass_flowing_sand: Being deleted from W&B';
  if (isMissing) {
    return `${MISSING_TEXT}${isReadOnly ? '' : MISSING_HINT}`;
  }
  const shown = marks.filter((mark) => mark !== 'unused' || tracksUsage).map((mark) => MARKS[mark]);
  return shown.length === 0 ? undefined : shown.join(' · ');
}

const MISSING_HINT = ' Choose *Delete* to remove it from this list.';

/** @param options `isOnServer`: the account can have keys that only the W&B server knows */
function credentialText(
  { account, key, workingKeys, firstExpiry }: ListedRow,
  { nowMs, isOnServer }: { nowMs: number; isOnServer: boolean },
): string {
  if (account.method === 'federated') return 'Federated identity';
  if (workingKeys > 1) return `${workingKeys} keys${firstExpiryText(firstExpiry)}`;
  if (key === undefined && isOnServer) return 'Its keys are managed in W&B';
  if (key === undefined || key.revokedAtMs !== undefined) return 'No active key';
  if (key.expiresAtMs === undefined) return `Key ${code(key.keyId)}`;
  const verb = key.expiresAtMs <= nowMs ? 'expired' : 'expires';
  return `Key ${code(key.keyId)} ${verb} ${day(key.expiresAtMs)}`;
}

function firstExpiryText(first: ListedRow['firstExpiry']): string {
  if (first === undefined) return '';
  return `, the ${first.isReplaced ? 'old one works until' : 'first expires'} ${day(first.atMs)}`;
}

/** Undefined for an account without any key, where "never used" would say nothing. */
function lastUseText({ account, key, lastUsedAtMs }: ListedRow): string | undefined {
  if (lastUsedAtMs !== undefined) return `last used ${day(lastUsedAtMs)}`;
  return account.method === 'api_key' && key === undefined ? undefined : 'never used';
}

type ListRefusal = Extract<ListServiceAccountsResult, { ok: false }>['refusal'];

/** Returns why there is no list. */
export function notListedMessage(
  refusal: ListRefusal,
  reference: string,
  teamName: string | undefined,
): Message {
  switch (refusal.reason) {
    case 'use_not_known':
      return notice(
        'Keysmith can’t list unused accounts here: it doesn’t see when their credentials are used. Run `/wandb service-account list` to see all accounts.',
        reference,
      );
    case 'keys_never_expire':
      return notice(
        'There are no expiring accounts here: the keys of a W&B server don’t expire. Run `/wandb service-account list` to see all accounts.',
        reference,
      );
    default:
      return refusalMessage(refusal, reference, teamName);
  }
}

function upperFirst(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** Returns `more than 1,000 service accounts` where Keysmith stopped counting. */
function countText(total: number): string {
  const counted = Math.min(total, COUNTED_ACCOUNTS).toLocaleString('en');
  return `${total > COUNTED_ACCOUNTS ? 'more than ' : ''}${counted} service accounts`;
}

/** Returns what the person can't do with some of the accounts. */
function readOnlyNotes(accounts: readonly ListedRow[]): string[] {
  const readOnly = accounts.filter(({ isReadOnly }) => isReadOnly);
  const ofTeam = readOnly.some(({ account }) => account.scope === 'team');
  const ofAllTeams = readOnly.some(({ account }) => account.scope === 'organization');
  return [
    ...(ofTeam ? ['Only admins of a team can change its accounts.'] : []),
    ...(ofAllTeams ? ['Only organization admins can change accounts for all teams.'] : []),
  ];
}

/** Returns how many accounts there are, the buttons to other pages, and what a member can't do here; at most two blocks. */
function pageBlocks({ accounts, total, page, previous, next }: AccountPage): KnownBlock[] {
  const buttons = [
    ...(previous === undefined ? [] : [pageButton('previous', page, previous)]),
    ...(next === undefined ? [] : [pageButton('next', page, next)]),
  ];
  const notes = [...readOnlyNotes(accounts), ...(buttons.length === 0 ? [] : [upperFirst(countText(total))])];
  return [
    ...(notes.length === 0
      ? []
      : [{ type: 'context' as const, elements: notes.map((note) => plainText(note)) }]),
    ...(buttons.length === 0 ? [] : [{ type: 'actions' as const, elements: buttons }]),
  ];
}

function pageButton(to: keyof typeof PAGE_ACTIONS, page: ListPage, start: ListStart): Button {
  return {
    type: 'button',
    action_id: PAGE_ACTIONS[to],
    text: plainText(to === 'previous' ? 'Previous' : 'Next'),
    value: listPageValue(page, start),
  };
}

function section(markup: string) {
  return {
    type: 'section' as const,
    text: { type: 'mrkdwn' as const, text: markup },
  };
}
