import type { Button, KnownBlock } from '@slack/types';
import type { ListServiceAccountsResult } from '../../application/list-service-accounts.ts';
import type { Collection, ListedAccount } from '../../application/ports/store.ts';
import { collectButton } from './collection-message.ts';
import { revokeButton } from './key-message.ts';
import type { Message } from './message.ts';
import { code, day, plainText } from './text.ts';

export const REVOKE_LISTED_ACTION = 'revoke_listed_account';

type Listed = Extract<ListServiceAccountsResult, { ok: true }>;

/** The accounts of the person's teams. `lead` is said above them. */
export function accountListMessage(listed: Listed, nowMs: number, lead?: string): Message {
  const { accounts, total, collections } = listed;
  const blocks: KnownBlock[] = [];
  if (lead !== undefined) blocks.push(section(lead));
  if (accounts.length === 0) {
    blocks.push(section('Your teams have no service accounts yet. `/wandb service-account new` makes one.'));
  }
  for (const listedAccount of accounts) {
    blocks.push(...accountBlocks(listedAccount, collections.get(listedAccount.account.id), nowMs));
  }
  if (total > accounts.length) {
    blocks.push(
      section(
        `${accounts.length} of ${total} are shown. \`/wandb service-account list --team NAME\` shows one team.`,
      ),
    );
  }
  return {
    text: total === 1 ? 'One service account.' : `${total} service accounts.`,
    blocks,
  };
}

function accountBlocks(
  { account, key }: ListedAccount,
  collection: Collection | undefined,
  nowMs: number,
): KnownBlock[] {
  const head = `*${code(account.name)}* in ${code(account.teamName)} · ${credentialWords(account, key, nowMs)}\nContact <@${account.contact}> · made ${day(account.createdAtMs)} by <@${account.createdBy.slackUserId}>`;
  const buttons: Button[] = collection === undefined ? [] : [collectButton(collection)];
  const about = [
    account.externalIdentity && `${account.externalIdentity.issuer} · ${account.externalIdentity.subject}`,
    account.purpose,
    account.usedBy && `Used by: ${account.usedBy}`,
  ].filter((text) => text !== undefined);
  return [
    {
      ...section(head),
      accessory: revokeButton(account, REVOKE_LISTED_ACTION),
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

function credentialWords(
  account: ListedAccount['account'],
  key: ListedAccount['key'],
  nowMs: number,
): string {
  if (account.method === 'federated') return 'federated identity';
  if (key === undefined || key.revokedAtMs !== undefined) return 'no live key';
  const verb = key.expiresAtMs <= nowMs ? 'ended' : 'ends';
  return `key ${code(key.keyId)} ${verb} ${day(key.expiresAtMs)}`;
}

function section(markup: string) {
  return {
    type: 'section' as const,
    text: { type: 'mrkdwn' as const, text: markup },
  };
}
