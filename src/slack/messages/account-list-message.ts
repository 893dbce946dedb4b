import type { Button, KnownBlock } from '@slack/types';
import {
  ACCOUNTS_IN_A_LIST,
  type ListPage,
  type ListServiceAccountsResult,
} from '../../application/accounts/list-service-accounts.ts';
import type { Collection, ListedAccount } from '../../application/ports/account-records.ts';
import type { JoinedAccount } from '../../application/ports/backend.ts';
import { code, day, link, type Message, moment, plainText, shortened } from './blocks.ts';
import { revokeButton } from './key-message.ts';
import { collectButton } from './notification-messages.ts';

type Elsewhere = Extract<ListServiceAccountsResult, { ok: true }>['unmanaged'];

/** With what else a page of the list holds, a message must keep to Slack's 50 blocks and 3,000 characters in one. */
const SHOWN = 10;
const NAME_LENGTH = 40;
const LINKS = 5;

/** Accounts of the same teams that Keysmith did not make: whoever wants to change one does so in W&B. Two blocks at most. */
function elsewhereBlocks({ accounts, total }: Elsewhere): KnownBlock[] {
  // They come with the last page alone.
  if (accounts.length === 0) return [];
  const shown = accounts.slice(0, SHOWN);
  const lines = shown.map(
    ({ name, teamName }) =>
      `• ${code(shortened(name, NAME_LENGTH))} in ${code(shortened(teamName, NAME_LENGTH))}`,
  );
  const more = total > shown.length ? [`and ${total - shown.length} more`] : [];
  const links = [...new Set(shown.map((account) => account.link))].filter((one) => one !== undefined);
  return [
    {
      type: 'section',
      text: { type: 'mrkdwn', text: ['*Created outside Keysmith*', ...lines, ...more].join('\n') },
    },
    ...(links.length === 0
      ? []
      : [
          {
            type: 'context' as const,
            elements: [
              {
                type: 'mrkdwn' as const,
                text: `Team admins can manage these in W&B: ${links.slice(0, LINKS).map(link).join(' ')}`,
              },
            ],
          },
        ]),
  ];
}

export const REVOKE_LISTED_ACTION = 'revoke_listed_account';
export const PAGE_ACTIONS = { previous: 'previous_page', next: 'next_page' } as const;

type Listed = Extract<ListServiceAccountsResult, { ok: true }>;

/** One page of the accounts of the person's teams. `lead` is said above them. */
export function accountListMessage(listed: Listed, nowMs: number, lead?: string): Message {
  const { accounts, total, tracksUsage, collections, page, unmanaged } = listed;
  const blocks: KnownBlock[] = [];
  if (lead !== undefined) blocks.push(section(lead));
  if (accounts.length === 0) blocks.push(section(emptyText(page, unmanaged.total > 0)));
  for (const listedAccount of accounts) {
    const collection = collections.get(listedAccount.account.id);
    blocks.push(...accountBlocks(listedAccount, collection, { page, tracksUsage, nowMs }));
  }
  blocks.push(...elsewhereBlocks(unmanaged), ...pageBlocks(listed));
  return {
    text: total === 1 ? 'One service account.' : `${total} service accounts.`,
    blocks,
  };
}

/** What a button of the list carries: where in the list it stands, and the account it is about. */
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

function emptyText({ teamName, offset }: ListPage, areOthers: boolean): string {
  if (offset > 0) return 'There are no more accounts on this page.';
  const none = areOthers ? 'no service accounts created with Keysmith' : 'no service accounts';
  if (teamName !== undefined) {
    return `${code(teamName)} has ${none} yet. Run \`/wandb service-account new --team ${teamName}\` to create one.`;
  }
  return `Your teams have ${none} yet. Run \`/wandb service-account new\` to create one.`;
}

function pageBlocks({ accounts, total, page }: Listed): KnownBlock[] {
  const { teamName, offset } = page;
  const turn = (label: string, actionId: string, to: number): Button => ({
    type: 'button',
    action_id: actionId,
    text: plainText(label),
    value: listButtonValue({ teamName, offset: Math.max(0, to) }),
  });
  const buttons = [
    ...(offset > 0 ? [turn('Previous', PAGE_ACTIONS.previous, offset - ACCOUNTS_IN_A_LIST)] : []),
    ...(offset + accounts.length < total ? [turn('Next', PAGE_ACTIONS.next, offset + accounts.length)] : []),
  ];
  if (buttons.length === 0) return [];
  const shown = plainText(`${offset + 1} to ${offset + accounts.length} of ${total}`);
  return [
    ...(accounts.length === 0 ? [] : [{ type: 'context' as const, elements: [shown] }]),
    { type: 'actions', elements: buttons },
  ];
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
  const buttons: Button[] = collection === undefined ? [] : [collectButton(collection)];
  const about = [
    account.externalIdentity && `${account.externalIdentity.issuer} · ${account.externalIdentity.subject}`,
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
    ...(about.length === 0
      ? []
      : [
          {
            type: 'context' as const,
            elements: about.map((text) => plainText(text)),
          },
        ]),
    ...(buttons.length === 0 ? [] : [{ type: 'actions' as const, elements: buttons }]),
  ];
}

function credentialText(account: ListedAccount['account'], key: ListedAccount['key'], nowMs: number): string {
  if (account.method === 'federated') return 'federated identity';
  if (key === undefined || key.revokedAtMs !== undefined) return 'no active key';
  if (key.expiresAtMs === undefined) return `key ${code(key.keyId)}`;
  const verb = key.expiresAtMs <= nowMs ? 'expired' : 'expires';
  return `key ${code(key.keyId)} ${verb} ${day(key.expiresAtMs)}`;
}

/** An account that nobody was given a key of was not used, of course. */
function lastUseText({ account, key, lastUsedAtMs }: ListedAccount): string {
  if (lastUsedAtMs !== undefined) return ` · last used ${day(lastUsedAtMs)}`;
  return account.method === 'api_key' && key === undefined ? '' : ' · never used';
}

function section(markup: string) {
  return {
    type: 'section' as const,
    text: { type: 'mrkdwn' as const, text: markup },
  };
}
