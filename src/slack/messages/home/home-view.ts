import type { ActionsBlock, Button, HomeView, KnownBlock, Overflow } from '@slack/types';
import type { Refusal } from '../../../application/accounts/refusal.ts';
import { COUNTED_ITEMS, type Few, type KeyOnHome } from '../../../application/home/home-store.ts';
import type { Home } from '../../../application/home/read-home.ts';
import { collectButton } from '../accounts/collect-button.ts';
import { code, day, moment, namesText, plainText } from '../blocks.ts';
import { takeOverButton } from '../care/unowned-message.ts';
import { refusalText } from '../failures/refusal-text.ts';
import { keyMenu, menuActions } from '../keys/key-buttons.ts';
import { finishRotationButton } from '../keys/rotation-text.ts';
import { requestBlocks, requestedName, requestStateText } from '../requests/request-card-message.ts';
import { withdrawButton } from '../requests/request-notification.ts';

/** The buttons and the search of the Home tab. */
export const HOME_ACTIONS = {
  newAccount: 'home_new_account',
  settings: 'home_settings',
  find: 'home_find_account',
} as const;

/** Returns the Home tab of a person, with at most 80 of Slack's 100 blocks. */
export function homeView(home: Home, nowMs: number): HomeView {
  const lists = careBlocks(home, nowMs);
  const calm = section(':white_check_mark: Nothing needs your attention.');
  return {
    type: 'home',
    blocks: [
      section(introduction(home)),
      toolbar(nowMs),
      { type: 'divider' },
      ...(lists.length === 0 ? [calm] : lists),
    ],
  };
}

/** Returns the tab of someone whom Keysmith doesn't serve, or who is in no team. */
export function homeRefusalView(refusal: Refusal): HomeView {
  return {
    type: 'home',
    blocks: [section('*Keysmith* manages service accounts for W&B teams.'), section(refusalText(refusal))],
  };
}

/** Returns the tab when it can't be read. */
export function homeFailureView(markup: string, reference: string): HomeView {
  return {
    type: 'home',
    blocks: [
      section(`:warning: This tab couldn’t be loaded. ${markup}`),
      { type: 'context', elements: [plainText(`Reference ${reference}`)] },
    ],
  };
}

const MAX_TEAMS_NAMED = 10;

function introduction({ own, isOrganizationAdmin, hasUnlistedTeams }: Home): string {
  const lines = ['*Keysmith* manages service accounts for your W&B teams.'];
  if (isOrganizationAdmin) lines.push('You’re an organization admin: you can manage every team.');
  if (hasUnlistedTeams) {
    lines.push('The W&B server doesn’t list them all. Name one with `--team`: `/wandb sa list --team NAME`.');
  }
  if (own.length > 0) {
    const teams = own.map(({ name, role }) => `${code(name)} (${role})`);
    lines.push(`Your teams: ${namesText(teams, MAX_TEAMS_NAMED)}.`);
  }
  return lines.join('\n');
}

/** The search has another ID each time, so that Slack forgets what was chosen before. */
function toolbar(nowMs: number): ActionsBlock {
  return {
    type: 'actions',
    block_id: `home_toolbar_${nowMs}`,
    elements: [
      {
        type: 'button',
        action_id: HOME_ACTIONS.newAccount,
        text: plainText('New service account'),
        style: 'primary',
      },
      {
        type: 'external_select',
        action_id: HOME_ACTIONS.find,
        placeholder: plainText('Find an account'),
        min_query_length: 1,
      },
      { type: 'button', action_id: HOME_ACTIONS.settings, text: plainText('Settings') },
    ],
  };
}

function careBlocks({ care, collections, ownRequests }: Home, nowMs: number): KnownBlock[] {
  return [
    ...list('Keys to collect', collections, ({ collection, ...account }) =>
      section(
        `The key of ${accountText(account)}, until ${moment(collection.expiresAtMs)}`,
        collectButton(collection),
      ),
    ),
    ...list('Requests to decide', care.requests, (row) =>
      requestBlocks({ ...row, isApprover: true, isDecidable: true, accountState: undefined }),
    ),
    ...list('Your requests', ownRequests, (row) =>
      section(
        `${requestedName(row.request)}: ${requestStateText({ ...row, isDecidable: true, accountState: undefined })}`,
        withdrawButton(row.request, row.link),
      ),
    ),
    ...list('Accounts without a contact', care.unowned, (row) =>
      section(
        `${accountText(row)}: without a contact since ${day(row.sinceMs)}`,
        takeOverButton({ id: row.accountId }),
      ),
    ),
    ...list('Keys that expire soon', care.expiring, (row) =>
      section(
        `${upperFirst(keyText(row))} expires ${dayOrMoment(row.expiresAtMs, nowMs)}`,
        expiringMenu(row),
      ),
    ),
    ...list('Rotations in progress', care.rotations, (row) =>
      section(
        `The old ${keyText(row)} ${endText(row.overlapUntilMs, nowMs)}`,
        finishRotationButton({ id: row.rotationId }),
      ),
    ),
    ...list('Unused keys', care.unused, (row) =>
      section(
        `${upperFirst(keyText(row))} ${row.lastUsedAtMs === undefined ? 'was never used' : `was last used on ${day(row.lastUsedAtMs)}`}`,
        keyMenu({ id: row.accountId }, row),
      ),
    ),
  ];
}

function endText(overlapUntilMs: number, nowMs: number): string {
  return overlapUntilMs > nowMs ? `works until ${dayOrMoment(overlapUntilMs, nowMs)}` : 'is about to end';
}

const DAY_MS = 24 * 60 * 60_000;

/** The time only matters on the last day. */
function dayOrMoment(atMs: number, nowMs: number): string {
  return atMs < nowMs + DAY_MS ? moment(atMs) : day(atMs);
}

function list<Item>(
  title: string,
  { items, total }: Few<Item>,
  row: (item: Item) => KnownBlock | KnownBlock[],
): KnownBlock[] {
  if (total === 0) return [];
  const count = total > COUNTED_ITEMS ? `more than ${COUNTED_ITEMS}` : String(total);
  const more = total - items.length;
  const rest = more > 0 ? [context(`And ${total > COUNTED_ITEMS ? 'many' : more} more.`)] : [];
  return [{ type: 'header', text: plainText(`${title} (${count})`) }, ...items.flatMap(row), ...rest];
}

function accountText({ name, teamName }: { name: string; teamName: string }): string {
  return `${code(name)} in ${code(teamName)}`;
}

function keyText(row: KeyOnHome): string {
  return `key ${code(row.keyName)} (${code(row.keyId)}) of ${accountText(row)}`;
}

function upperFirst(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function expiringMenu(row: Home['care']['expiring']['items'][number]): Overflow {
  return keyMenu({ id: row.accountId }, row, menuActions(row));
}

function section(markup: string, accessory?: Button | Overflow): KnownBlock {
  return { type: 'section', text: { type: 'mrkdwn', text: markup }, ...(accessory && { accessory }) };
}

function context(markup: string): KnownBlock {
  return { type: 'context', elements: [{ type: 'mrkdwn', text: markup }] };
}
