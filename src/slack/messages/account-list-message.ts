import type { Button, KnownBlock } from '@slack/types';
import {
  ACCOUNTS_IN_A_LIST,
  type ListPage,
  type ListServiceAccountsResult,
} from '../../application/accounts/list-service-accounts.ts';
import type { Collection, ListedAccount } from '../../application/ports/account-records.ts';
import type { JoinedAccount } from '../../application/ports/backend.ts';
import { code, day, link, type Message, moment, plainText, shortened, shortenedInMiddle } from './blocks.ts';
import { revokeButton } from './key-message.ts';
import { collectButton } from './notification-messages.ts';

export const REVOKE_LISTED_ACTION = 'revoke_listed_account';
export const PAGE_ACTIONS = { previous: 'previous_page', next: 'next_page' } as const;

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
  if (accounts.length === 0) blocks.push(section(emptyText(page, unmanaged.total > 0)));
  for (const listedAccount of accounts) {
    const collection = collections.get(listedAccount.account.id);
    blocks.push(...accountBlocks(listedAccount, collection, { page, tracksUsage, nowMs }));
  }
  blocks.push(...unmanagedBlocks(unmanaged), ...pageBlocks(listed));
  return {
    text: total === 1 ? 'One service account.' : `${total} service accounts.`,
    blocks,
  };
}

function emptyText({ teamName, offset }: ListPage, areOthers: boolean): string {
  if (offset > 0) return 'There are no accounts on this page anymore.';
  const none = areOthers ? 'no service accounts created with Keysmith' : 'no service accounts';
  if (teamName !== undefined) {
    return `${code(teamName)} has ${none} yet. Run \`/wandb service-account new --team ${teamName}\` to create one.`;
  }
  return `Your teams have ${none} yet. Run \`/wandb service-account new\` to create one.`;
}

function accountBlocks(
  { account, key, lastUsedAtMs, isMissing }: JoinedAccount,
  collection: Collection | undefined,
  { page, tracksUsage, nowMs }: { page: ListPage; tracksUsage: boolean; nowMs: number },
): KnownBlock[] {
  const used = tracksUsage ? lastUseText({ account, key, lastUsedAtMs }) : '';
  const waiting =
    collection === undefined ? '' : `\nKey ready to collect until ${moment(collection.expiresAtMs)}`;
  const missing = isMissing
    ? '\n:warning: No longer in W&B: someone deleted it there. Press *Revoke* to remove it from this list.'
    : '';
  const head = `*${code(account.name)}* in ${code(account.teamName)} · ${credentialText(account, key, nowMs)}${missing}\nContact <@${account.contact}> · created ${day(account.createdAtMs)} by <@${account.createdBy.slackUserId}>${used}${waiting}`;
  const details = [
    account.externalIdentity && identityText(account.externalIdentity),
    account.purpose,
    account.usedBy && `Used by: ${account.usedBy}`,
  ].filter((text) => text !== undefined);
  return [
    {
      ...section(head),
      accessory: {
        ...revokeButton(account, REVOKE_LISTED_ACTION),
        value: listButtonValue(page, account.id),
      },
    },
    ...(details.length === 0
      ? []
      : [{ type: 'context' as const, elements: details.map((text) => plainText(text)) }]),
    ...(collection === undefined
      ? []
      : [{ type: 'actions' as const, elements: [collectButton(collection)] }]),
  ];
}

/** Slack rejects a message whose blocks are too large together, and a page has many accounts. */
function identityText({ issuer, subject }: { issuer: string; subject: string }): string {
  return `${shortenedInMiddle(issuer, 150)} · ${shortenedInMiddle(subject, 255)}`;
}

function credentialText(account: ListedAccount['account'], key: ListedAccount['key'], nowMs: number): string {
  if (account.method === 'federated') return 'federated identity';
  if (key === undefined || key.revokedAtMs !== undefined) return 'no active key';
  if (key.expiresAtMs === undefined) return `key ${code(key.keyId)}`;
  const verb = key.expiresAtMs <= nowMs ? 'expired' : 'expires';
  return `key ${code(key.keyId)} ${verb} ${day(key.expiresAtMs)}`;
}

/** Empty for an account without any key, where "never used" would say nothing. */
function lastUseText({ account, key, lastUsedAtMs }: ListedAccount): string {
  if (lastUsedAtMs !== undefined) return ` · last used ${day(lastUsedAtMs)}`;
  return account.method === 'api_key' && key === undefined ? '' : ' · never used';
}

/** These keep a full page within Slack's limits: 50 blocks in a message, 3,000 characters in a block. */
const MAX_UNMANAGED = 10;
const MAX_NAME_LENGTH = 40;
const MAX_LINKS = 5;

/** Returns the accounts of the same teams that weren't created with Keysmith; at most two blocks. */
function unmanagedBlocks({ accounts, total }: AccountPage['unmanaged']): KnownBlock[] {
  if (accounts.length === 0) return [];
  const listed = accounts.slice(0, MAX_UNMANAGED);
  const lines = listed.map(
    ({ name, teamName }) =>
      `• ${code(shortened(name, MAX_NAME_LENGTH))} in ${code(shortened(teamName, MAX_NAME_LENGTH))}`,
  );
  const more = total > listed.length ? [`and ${total - listed.length} more`] : [];
  const pages = [...new Set(listed.map((account) => account.link))].filter((one) => one !== undefined);
  const links = pages.slice(0, MAX_LINKS).map(link).join(' ');
  return [
    section(['*Created outside Keysmith*', ...lines, ...more].join('\n')),
    ...(pages.length === 0
      ? []
      : [
          {
            type: 'context' as const,
            elements: [{ type: 'mrkdwn' as const, text: `Team admins can manage these in W&B: ${links}` }],
          },
        ]),
  ];
}

function pageBlocks({ accounts, total, page }: AccountPage): KnownBlock[] {
  const { teamName, offset } = page;
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
  if (buttons.length === 0) return [];
  const range = plainText(`${offset + 1} to ${offset + accounts.length} of ${total}`);
  return [
    ...(accounts.length === 0 ? [] : [{ type: 'context' as const, elements: [range] }]),
    { type: 'actions', elements: buttons },
  ];
}

/** Reads the value of a button in the list: its page and, for *Revoke*, its account. */
export function readListButton(value: string): { accountId: string; page: ListPage } {
  const fields = new URLSearchParams(value);
  const offset = Number(fields.get('offset') ?? 0);
  return {
    accountId: fields.get('account') ?? '',
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

function section(markup: string) {
  return {
    type: 'section' as const,
    text: { type: 'mrkdwn' as const, text: markup },
  };
}
