import type { Button, KnownBlock, Overflow } from '@slack/types';
import {
  ACCOUNTS_IN_A_LIST,
  type ListPage,
  type ListServiceAccountsResult,
} from '../../../application/accounts/list-service-accounts.ts';
import {
  type Collection,
  countedAccounts,
  type ListedAccount,
} from '../../../application/ports/account-records.ts';
import { hasTag } from '../../../domain/accounts/server-name.ts';
import {
  code,
  day,
  type Message,
  moment,
  option,
  plainText,
  shortenedInMiddle,
  teamOption,
} from '../blocks.ts';
import { leftKeysBlocks, unmanagedBlocks } from '../outside/unmanaged-blocks.ts';
import { collectButton } from './collect-button.ts';
import { revokeConfirmation } from './key-message.ts';
import { endVerb } from './server-account-text.ts';

export const REVOKE_LISTED_ACTION = 'revoke_listed_account';
export const PAGE_ACTIONS = { previous: 'previous_page', next: 'next_page' } as const;

/** Slack's limit for the blocks of a message. */
const MAX_BLOCKS = 50;

type AccountPage = Extract<ListServiceAccountsResult, { ok: true }>;

/**
 * Returns one page of the accounts of a person's teams.
 *
 * @param lead markup to show above them, such as the outcome of a revocation
 */
export function accountListMessage(listed: AccountPage, nowMs: number, lead?: string): Message {
  const { accounts, total, tracksUsage, collections, page, unmanaged } = listed;
  const blocks: KnownBlock[] = [];
  if (lead !== undefined) blocks.push(section(lead));
  if (accounts.length === 0) blocks.push(section(emptyText(listed)));
  for (const listedAccount of accounts) {
    const collection = collections.get(listedAccount.account.id);
    blocks.push(...accountBlocks(listedAccount, collection, { page, tracksUsage, nowMs }));
  }
  const pages = pageBlocks(listed);
  const room = () => MAX_BLOCKS - blocks.length - pages.length;
  blocks.push(...unmanagedBlocks(unmanaged, room()));
  blocks.push(...leftKeysBlocks(listed.leftKeys, room()), ...pages);
  return {
    text: total === 1 ? 'One service account.' : `${upperFirst(countText(total, page))} service accounts.`,
    blocks,
  };
}

function emptyText({ page: { teamName, offset }, unmanaged, isReadOnly }: AccountPage): string {
  if (offset > 0) return 'There are no accounts on this page anymore.';
  const none = unmanaged.total > 0 ? 'no service accounts created with Keysmith' : 'no service accounts';
  const found =
    teamName === undefined ? `Your teams have ${none} yet.` : `${code(teamName)} has ${none} yet.`;
  if (isReadOnly) return `${found} A team admin can create one.`;
  const team = teamName === undefined ? '' : ` ${teamOption(teamName)}`;
  return `${found} Run ${code(`/wandb service-account new${team}`)} to create one.`;
}

/** Returns the blocks of one account, with short lines: a phone shows about 40 characters in a line. */
function accountBlocks(
  {
    account,
    key,
    lastUsedAtMs,
    isMissing,
    isReadOnly,
    serverName,
    link: teamPage,
  }: AccountPage['accounts'][number],
  collection: Collection | undefined,
  { page, tracksUsage, nowMs }: { page: ListPage; tracksUsage: boolean; nowMs: number },
): KnownBlock[] {
  // An adopted account was created earlier, by someone else.
  const since = serverName === undefined || hasTag(serverName) ? 'created' : 'added';
  const used = tracksUsage ? lastUseText({ account, key, lastUsedAtMs }) : '';
  const lines = [
    `*${code(account.name)}* in ${code(account.teamName)}`,
    serverName !== undefined && serverName !== account.name && `In W&B: ${code(serverName)}`,
    account.state === 'revoking' && ':hourglass_flowing_sand: Being deleted from W&B',
    credentialText({ account, key }, { nowMs, isOnServer: serverName !== undefined }),
    isMissing && `:warning: No longer in W&B: someone deleted it there.${isReadOnly ? '' : MISSING_HINT}`,
    `Contact <@${account.contact}> · ${since} ${day(account.createdAtMs)} by <@${account.createdBy.slackUserId}>${used}`,
    collection && `Key ready to collect until ${moment(collection.expiresAtMs)}`,
  ].filter((line) => typeof line === 'string');
  const details = [
    account.externalIdentity && identityText(account.externalIdentity),
    account.purpose && onOneLine(account.purpose),
    account.usedBy && `Used by: ${onOneLine(account.usedBy)}`,
  ].filter((text) => text !== undefined);
  return [
    {
      ...section(lines.join('\n')),
      ...(isReadOnly ? {} : { accessory: accountMenu(account, page, teamPage !== undefined) }),
    },
    ...(details.length === 0
      ? []
      : [{ type: 'context' as const, elements: details.map((text) => plainText(text)) }]),
    ...(collection === undefined || isReadOnly
      ? []
      : [{ type: 'actions' as const, elements: [collectButton(collection)] }]),
  ];
}

/** Shortens both, because Slack rejects a message whose blocks are too large together, and a page has many accounts. */
function identityText({ issuer, subject }: { issuer: string; subject: string }): string {
  return `${shortenedInMiddle(issuer, 150)} · ${shortenedInMiddle(subject, 255)}`;
}

const MISSING_HINT = ' Choose *Delete* to remove it from this list.';
const MAX_DETAIL_LENGTH = 100;

/** Keeps the joiners of emoji; these texts contain no other invisible characters. */
function onOneLine(text: string): string {
  const characters = [...text.replaceAll('\n', ' ')];
  return characters.length > MAX_DETAIL_LENGTH
    ? `${characters.slice(0, MAX_DETAIL_LENGTH).join('')}…`
    : characters.join('');
}

/** Slack shows the confirmation for every option, so the menu has no option that needs none. */
function accountMenu(account: ListedAccount['account'], page: ListPage, isOnServer: boolean): Overflow {
  return {
    type: 'overflow',
    action_id: REVOKE_LISTED_ACTION,
    options: [option(menuValue(page, account.id), endVerb(isOnServer))],
    confirm: revokeConfirmation(account, isOnServer),
  };
}

/** @param options `isOnServer`: the account can have keys that only the W&B server knows */
function credentialText(
  { account, key }: Pick<ListedAccount, 'account' | 'key'>,
  { nowMs, isOnServer }: { nowMs: number; isOnServer: boolean },
): string {
  if (account.method === 'federated') return 'Federated identity';
  if (key === undefined && isOnServer) return 'Its keys are managed in W&B';
  if (key === undefined || key.revokedAtMs !== undefined) return 'No active key';
  if (key.expiresAtMs === undefined) return `Key ${code(key.keyId)}`;
  const verb = key.expiresAtMs <= nowMs ? 'expired' : 'expires';
  return `Key ${code(key.keyId)} ${verb} ${day(key.expiresAtMs)}`;
}

/** Empty for an account without any key, where "never used" would say nothing. */
function lastUseText({ account, key, lastUsedAtMs }: ListedAccount): string {
  if (lastUsedAtMs !== undefined) return ` · last used ${day(lastUsedAtMs)}`;
  return account.method === 'api_key' && key === undefined ? '' : ' · never used';
}

function formatCount(count: number): string {
  return count.toLocaleString('en');
}

function upperFirst(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** Returns `more than 1,000` where Keysmith stopped counting. */
function countText(total: number, { offset }: ListPage): string {
  const counted = countedAccounts({ limit: ACCOUNTS_IN_A_LIST, offset });
  return total > counted ? `more than ${formatCount(counted)}` : formatCount(total);
}

function readOnlyNote(isOnServer: boolean): string {
  return `Only admins of a team can ${isOnServer ? 'delete' : 'revoke'} its accounts.`;
}

/** Returns the range and its buttons, and what a member can't do here; at most two blocks. */
function pageBlocks({ accounts, total, page }: AccountPage): KnownBlock[] {
  const { teamName, offset } = page;
  const readOnly = accounts.find(({ isReadOnly }) => isReadOnly);
  const pageButton = (label: string, actionId: string, to: number): Button => ({
    type: 'button',
    action_id: actionId,
    text: plainText(label),
    value: listButtonValue({ teamName, offset: Math.max(0, to) }),
  });
  const buttons = [
    ...(offset > 0 ? [pageButton('Previous', PAGE_ACTIONS.previous, offset - ACCOUNTS_IN_A_LIST)] : []),
    ...(offset + accounts.length < total
      ? [pageButton('Next', PAGE_ACTIONS.next, offset + accounts.length)]
      : []),
  ];
  const notes = [
    ...(readOnly === undefined ? [] : [readOnlyNote(readOnly.link !== undefined)]),
    ...(buttons.length === 0 || accounts.length === 0
      ? []
      : [
          `${formatCount(offset + 1)} to ${formatCount(offset + accounts.length)} of ${countText(total, page)}`,
        ]),
  ];
  return [
    ...(notes.length === 0
      ? []
      : [{ type: 'context' as const, elements: notes.map((note) => plainText(note)) }]),
    ...(buttons.length === 0 ? [] : [{ type: 'actions' as const, elements: buttons }]),
  ];
}

/** The page of a list, and for *Revoke* its account. */
export interface ListChoice {
  accountId: string;
  page: ListPage;
  /** The page is of the account's own team, whose name didn't fit. */
  isOwnTeam: boolean;
}

/** Reads the value of a button or menu option in the list. */
export function readListChoice(value: string): ListChoice {
  const fields = new URLSearchParams(value);
  const offset = Number(fields.get('offset') ?? 0);
  return {
    accountId: fields.get('account') ?? '',
    isOwnTeam: fields.has('own_team'),
    page: {
      teamName: fields.get('team') ?? undefined,
      offset: Number.isSafeInteger(offset) && offset > 0 ? offset : 0,
    },
  };
}

function listButtonValue({ teamName, offset }: ListPage, accountId?: string): string {
  const fields = new URLSearchParams({ offset: String(offset) });
  if (teamName !== undefined) fields.set('team', teamName);
  if (accountId !== undefined) fields.set('account', accountId);
  return fields.toString();
}

/** Slack's limit for the value of an option. */
const MAX_OPTION_VALUE_LENGTH = 150;

/** A team's name may be too long for an option. In a list of one team, every account stands for it. */
function menuValue(page: ListPage, accountId: string): string {
  const value = listButtonValue(page, accountId);
  return value.length <= MAX_OPTION_VALUE_LENGTH
    ? value
    : `${listButtonValue({ ...page, teamName: undefined }, accountId)}&own_team=`;
}

function section(markup: string) {
  return {
    type: 'section' as const,
    text: { type: 'mrkdwn' as const, text: markup },
  };
}
