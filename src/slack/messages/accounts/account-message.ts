import type { KnownBlock, MrkdwnElement, Overflow, PlainTextElement } from '@slack/types';
import type { ShownAccount } from '../../../application/accounts/details/show-service-account.ts';
import { type AccountKey, isLive } from '../../../application/keys/account-key.ts';
import { isLongerThanPolicy } from '../../../domain/organization/policy.ts';
import { accountHistoryLine } from '../audit/audit-sentence.ts';
import {
  code,
  day,
  escapeMarkup,
  link,
  type Message,
  moment,
  plainText,
  shortened,
  shortenedInMiddle,
  teamOption,
} from '../blocks.ts';
import { daysText } from '../failures/policy-text.ts';
import { createKeyButton, keyMenu, menuActions } from '../keys/key-buttons.ts';
import { keyText } from '../keys/key-outcome-text.ts';
import { accountMenu } from './account-menu.ts';
import { collectButton } from './collect-button.ts';
import { setupBlocks } from './key-message.ts';
import { withContent } from './message-content.ts';
import { lastUseText } from './revoke-message.ts';
import { MISSING_TEXT } from './server-account-text.ts';

/** With the other blocks, these fit into Slack's limit of 50 blocks in a message. */
const MAX_SHOWN_KEYS = 30;
const MAX_SHOWN_REVOKED = 5;
const MAX_FIELD_LENGTH = 1_900;
const MAX_NAME_LENGTH = 64;

/** Returns all about one account, for one person. */
export function accountMessage(shown: ShownAccount, nowMs: number): Message {
  const { account, isReadOnly, link, collection, keys, setup } = shown;
  const title = `*${code(account.name)}* in ${code(account.teamName)}`;
  const menu = accountMenu(account, { isReadOnly, isOnServer: link !== undefined });
  const buttons = [
    ...(collection === undefined ? [] : [collectButton(collection)]),
    ...(!isReadOnly && hasChangeableKeys(shown) ? [createKeyButton(account)] : []),
  ];
  const blocks: KnownBlock[] = [
    {
      ...section(`${title}\n${stateText(shown)}`),
      accessory: menu,
    },
    { type: 'section', fields: fieldsOf(shown) },
    ...(account.state === 'active' ? setupBlocks(account, { ...setup, teamPage: link }) : []),
    ...keyBlocks(shown, nowMs),
    ...revokedBlocks(keys),
    ...(buttons.length === 0 ? [] : [{ type: 'actions' as const, elements: buttons }]),
    section(adminsText(shown)),
    ...historyBlocks(shown),
  ];
  return {
    text: 'A service account.',
    blocks: withContent(blocks, { kind: 'account', accountId: account.id }),
  };
}

function hasChangeableKeys({ account, hasOwnKeys }: ShownAccount): boolean {
  return hasOwnKeys && account.state === 'active' && account.method === 'api_key';
}

function menuOfKey(key: AccountKey, shown: ShownAccount): { accessory?: Overflow } {
  const { account, isReadOnly, isContact, mayRotate } = shown;
  if (!hasChangeableKeys(shown) || (isReadOnly && !isContact)) return {};
  return { accessory: keyMenu(account, key, menuActions({ isManaged: !isReadOnly, mayRotate })) };
}

function stateText({ account, link, onServer }: ShownAccount): string {
  if (account.state === 'revoking') return ':hourglass_flowing_sand: Being deleted from W&B';
  if (account.revokedAtMs !== undefined) {
    return `:no_entry: ${link === undefined ? 'Revoked' : 'Deleted'} ${moment(account.revokedAtMs)}`;
  }
  if (onServer.isMissing) return MISSING_TEXT;
  return account.scope === 'organization' ? 'Active · has access to every team' : 'Active';
}

/** People typed some of these, which are plain text. */
function fieldsOf({ account, onServer }: ShownAccount): (MrkdwnElement | PlainTextElement)[] {
  const { contact, createdBy, createdAtMs, externalIdentity, purpose, usedBy, state } = account;
  const typed = (label: string, text: string | undefined) =>
    text === undefined ? [] : [plainText(`${label}\n${shortenedInMiddle(text, MAX_FIELD_LENGTH)}`)];
  return [
    { type: 'mrkdwn', text: `Contact\n<@${contact}>` },
    { type: 'mrkdwn', text: `Created\n${day(createdAtMs)} by <@${createdBy.slackUserId}>` },
    ...(onServer.serverName === undefined
      ? []
      : [{ type: 'mrkdwn' as const, text: `In W&B\n${code(onServer.serverName)}` }]),
    ...typed('Purpose', purpose),
    ...typed('Used by', usedBy),
    // Those of an active account are above the lines for its job.
    ...(externalIdentity === undefined || state === 'active'
      ? []
      : [
          plainText(`Issuer\n${shortenedInMiddle(externalIdentity.issuer, MAX_FIELD_LENGTH)}`),
          plainText(`Subject\n${shortenedInMiddle(externalIdentity.subject, MAX_FIELD_LENGTH)}`),
        ]),
  ];
}

/** Returns the keys that aren't revoked, those that work first. */
function keyBlocks(shown: ShownAccount, nowMs: number): KnownBlock[] {
  const { account, hasOwnKeys, link: page } = shown;
  const isKeyless = account.method === 'federated' || account.state !== 'active';
  const place = page === undefined ? '' : `: ${link(page)}`;
  const managed = `Its keys are managed in W&B, which has no call for single keys. Create, rename or delete them there${place}`;
  const isExpired = ({ expiresAtMs = Number.POSITIVE_INFINITY }: AccountKey) => expiresAtMs <= nowMs;
  const keys = shown.keys
    .filter(({ revokedAtMs }) => revokedAtMs === undefined)
    .sort((one, other) => Number(isExpired(one)) - Number(isExpired(other)));
  const note = hasOwnKeys ? (keys.length === 0 ? 'No active key' : undefined) : managed;
  const more = keys.length - MAX_SHOWN_KEYS;
  return [
    ...keys.slice(0, MAX_SHOWN_KEYS).map((key) => keyBlock(key, shown, nowMs)),
    ...(more > 0 ? [contextOf(`and ${more} more keys that expired`)] : []),
    ...(isKeyless || note === undefined ? [] : [contextOf(note)]),
  ];
}

function contextOf(markup: string): KnownBlock {
  return { type: 'context', elements: [{ type: 'mrkdwn', text: markup }] };
}

function keyBlock(key: AccountKey, shown: ShownAccount, nowMs: number): KnownBlock {
  const { createdAtMs, createdBySlackUserId, expiresAtMs, lastUse } = key;
  const by = createdBySlackUserId === undefined ? '' : ` by <@${createdBySlackUserId}>`;
  const used = lastUse === undefined ? 'Never used' : `Last used ${lastUseText(lastUse)}`;
  const lines = [
    `:key: Key ${code(key.name)} (${code(key.keyId)})`,
    `Created ${day(createdAtMs)}${by}${shown.hasOwnKeys ? ` · ${expiryText(expiresAtMs, nowMs)}` : ''}`,
    ...rotationText(key, shown, nowMs),
    ...(shown.tracksUsage ? [used] : []),
    ...(shown.hasOwnKeys ? longerText(key, shown) : []),
  ];
  return { ...section(lines.join('\n')), ...menuOfKey(key, shown) };
}

const ROTATING = ':hourglass_flowing_sand: Rotating';

/** The expiry above is that of the old key while it's being replaced. */
function rotationText({ keyId }: AccountKey, { rotations }: ShownAccount, nowMs: number): string[] {
  const rotation = rotations.find(({ oldKey }) => oldKey.keyId === keyId);
  if (rotation === undefined) return [];
  const { newKey } = rotation;
  if (newKey === undefined) return [`${ROTATING}: the new key hasn’t reached anyone yet`];
  return [
    isLive(newKey, nowMs)
      ? `${ROTATING}: ${keyText(newKey)} replaces it`
      : `:warning: Rotating: ${keyText(newKey)} replaced it, but no longer works`,
  ];
}

/** A policy applies to new keys, so that an older one keeps its expiry. */
function longerText(key: AccountKey, { policy }: ShownAccount): string[] {
  const { longestKeyLifeDays: days } = policy;
  return days !== undefined && isLongerThanPolicy(policy, key)
    ? [`:warning: Lives longer than the team’s policy allows (${daysText(days)})`]
    : [];
}

function expiryText(expiresAtMs: number | undefined, nowMs: number): string {
  if (expiresAtMs === undefined) return 'never expires';
  return `${expiresAtMs <= nowMs ? 'expired' : 'expires'} ${day(expiresAtMs)}`;
}

function revokedBlocks(keys: readonly AccountKey[]): KnownBlock[] {
  const revoked = keys.filter(({ revokedAtMs }) => revokedAtMs !== undefined);
  if (revoked.length === 0) return [];
  const lines = revoked
    .slice(0, MAX_SHOWN_REVOKED)
    .map(({ name, keyId, revokedAtMs = 0 }) => `${code(name)} (${code(keyId)}) on ${day(revokedAtMs)}`);
  const more = revoked.length > MAX_SHOWN_REVOKED ? `, and ${revoked.length - MAX_SHOWN_REVOKED} more` : '';
  const text = `Revoked keys: ${lines.join(', ')}${more}`;
  return [contextOf(text)];
}

function adminsText(shown: ShownAccount): string {
  const { account, admins } = shown;
  const names = admins.map(({ slackUserId, name }) =>
    slackUserId === undefined ? escapeMarkup(shortened(name, MAX_NAME_LENGTH)) : `<@${slackUserId}>`,
  );
  const contact = hasChangeableKeys(shown) ? ' Its contact can rotate and revoke its keys.' : '';
  if (account.scope === 'organization') {
    const who = names.length === 0 ? '' : `: ${names.join(', ')}`;
    return `Only organization admins can change it${who}.${contact}`;
  }
  const others = names.length === 0 ? 'organization admins' : `${names.join(', ')} and organization admins`;
  return `Admins of ${code(account.teamName)} can change it: ${others}.${contact}`;
}

/** Slack's limit for a section is 3,000 characters. */
const MAX_HISTORY_LENGTH = 2_800;

function historyBlocks({ account, history }: ShownAccount): KnownBlock[] {
  const lines: string[] = [];
  let length = 0;
  for (const line of history.map(accountHistoryLine)) {
    length += line.length + 1;
    if (length <= MAX_HISTORY_LENGTH) lines.push(line);
  }
  if (lines.length === 0) return [];
  const command = `/wandb audit --account ${account.name} ${teamOption(account.teamName)}`;
  return [section(`*History*\n${lines.join('\n')}`), contextOf(`All entries: ${code(command)}`)];
}

function section(markup: string) {
  return { type: 'section' as const, text: { type: 'mrkdwn' as const, text: markup } };
}
