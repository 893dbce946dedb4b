import type { Button, KnownBlock } from '@slack/types';
import type { DueRequestNotification } from '../../../application/ports/notifications.ts';
import type { AccessRequest, OwnRequestCard } from '../../../application/requests/access-request.ts';
import { isUndecided, lapsedEarly } from '../../../domain/requests/request-state.ts';
import { collectButton } from '../accounts/collect-button.ts';
import { keptKeysText, type ServerPage } from '../accounts/server-account-text.ts';
import { escapeMarkup, type Message, moment, plainText } from '../blocks.ts';
import { REQUEST_ACTIONS, requestedName, requestStateText } from './request-card-message.ts';
import { withdrawnText } from './request-outcome-text.ts';

/** Returns the direct message that tells a person what became of their request. */
export function requestNotificationMessage(due: DueRequestNotification): Message {
  const text = changeText(due);
  const buttons = buttonsOf(due);
  const blocks: KnownBlock[] = [{ type: 'section', text: { type: 'mrkdwn', text } }];
  return {
    text,
    blocks: buttons.length === 0 ? blocks : [...blocks, { type: 'actions', elements: buttons }],
  };
}

function buttonsOf({ change, collection }: DueRequestNotification): Button[] {
  const collects = change === 'approved' || change === 'confirmed';
  return collects && collection !== undefined ? [collectButton(collection)] : [];
}

/** Returns the requester's own message about their request, in the state of the moment. Other messages tell them of each change. */
export function ownRequestContent(card: OwnRequestCard): { message: Message; log: string[] } {
  const { request, collection, link } = card;
  const text = ownRequestText(card);
  const collect = request.state === 'granted' && collection !== undefined ? [collectButton(collection)] : [];
  const elements = isUndecided(request.state) ? [...collect, withdrawButton(request, link)] : [];
  const blocks: KnownBlock[] = [
    { type: 'section', text: { type: 'mrkdwn', text } },
    ...(elements.length === 0 ? [] : [{ type: 'actions' as const, elements }]),
  ];
  return { message: { text, blocks }, log: [] };
}

function ownRequestText({ request, collection, accountState }: OwnRequestCard): string {
  const name = requestedName(request);
  switch (request.state) {
    case 'open':
      return `:raising_hand: You requested ${name}. Its approvers have been asked, and Keysmith tells you what they decide. The request lapses after 7 days.`;
    case 'granted':
      return `:rotating_light: Created ${name} as an urgent request. It ends ${moment(request.confirmUntilMs ?? 0)}, unless an approver confirms it before.${keyText(request, collection)}`;
    case 'withdrawn':
      return withdrawnText({ kind: 'withdrawn', request });
    default:
      return `:raising_hand: You requested ${name}.\n${requestStateText({ request, approvals: 1, accountState, isDecidable: false })}`;
  }
}

/** Returns *Withdraw*. `page`: the team's page on the W&B server, if there is one. */
export function withdrawButton(request: AccessRequest, page: ServerPage): Button {
  const { id, teamName, requested, isUrgent } = request;
  const ends = !isUrgent
    ? ''
    : hasEndingKey(request, page)
      ? ' Its account and key end at once.'
      : ' Its account ends at once.';
  return {
    type: 'button',
    action_id: REQUEST_ACTIONS.withdraw,
    text: plainText('Withdraw'),
    value: id,
    confirm: {
      title: plainText('Withdraw request?'),
      text: plainText(`Nobody can approve the request for ${requested.name} in ${teamName} anymore.${ends}`),
      confirm: plainText('Withdraw'),
      deny: plainText('Keep'),
      style: 'danger',
    },
  };
}

function changeText(due: DueRequestNotification): string {
  const { change, request, collection, link } = due;
  const name = requestedName(request);
  const by = request.decisions
    .filter(({ decision }) => (decision === 'denied') === (change === 'denied'))
    .map(({ slackUserId }) => `<@${slackUserId}>`)
    .join(' and ');
  switch (change) {
    case 'reminded':
      return `:bell: Nobody has decided on your request for ${name} yet. Its approvers have been reminded.`;
    case 'approved_once': {
      const next = isUndecided(request.state)
        ? ' The policy asks for two people, so another approver has to agree.'
        : '';
      return `:white_check_mark: ${by} ${request.isUrgent ? 'confirmed' : 'approved'} your request for ${name}.${next}`;
    }
    case 'approved':
      return `:white_check_mark: ${by} approved your request for ${name}.${keyText(request, collection)}${serverText(request, link)}`;
    case 'confirmed':
      return `:white_check_mark: ${by} confirmed your urgent request for ${name}: the account stays, and its key has the expiry that you asked for.${keyText(request, collection)}`;
    case 'denied':
      return `:no_entry: ${by} denied your request for ${name}: ${escapeMarkup(request.denialReason ?? '')}${request.isUrgent ? `\n${endedText(request, link)}` : ''}`;
    case 'lapsed':
      return request.isUrgent
        ? `:hourglass: Nobody confirmed your urgent request for ${name} in time. ${endedText(request, link)} Run \`/wandb service-account new\` to ask again.`
        : lapsedEarly(request)
          ? `:hourglass: Your request for ${name} lapsed, because you aren’t a member of the team anymore, or the team was archived.`
          : `:hourglass: Your request for ${name} lapsed, because nobody decided on it in time. Run \`/wandb service-account new\` to ask again.`;
    case 'not_collected':
      if (due.isAccountActive) {
        return `:hourglass: You didn’t collect the key of ${name} within 24 hours, so it won’t be created. The account stays, because it has another key. Ask an admin of the team for a key.`;
      }
      return `:hourglass: The key of ${name} wasn’t collected within 24 hours, so the account was ${link === undefined ? 'revoked' : 'deleted'} again. Run \`/wandb service-account new\` to ask again.`;
  }
}

/** Returns what happened to the account of an urgent request that wasn't confirmed. Markup. */
function endedText(request: AccessRequest, page: ServerPage): string {
  if (hasEndingKey(request, page)) return 'Its account and key have ended.';
  const isFederated = request.requested.authentication.method === 'federated';
  return page === undefined || isFederated
    ? 'Its account has ended.'
    : `Its account is being deleted from W&amp;B. ${keptKeysText(page)}`;
}

/** W&B keeps the keys of accounts that Keysmith deletes there. */
function hasEndingKey({ requested }: AccessRequest, page: ServerPage): boolean {
  return page === undefined && requested.authentication.method !== 'federated';
}

function keyText(
  { requested: { authentication }, state, confirmUntilMs }: AccessRequest,
  collection: DueRequestNotification['collection'],
): string {
  if (collection !== undefined) {
    // The account of an urgent request ends before, unless it's confirmed.
    const endsAtMs = state === 'granted' ? confirmUntilMs : undefined;
    const untilMs = Math.min(collection.expiresAtMs, endsAtMs ?? collection.expiresAtMs);
    return `\nPress *Collect key* to create its key, shown once and only to you, until ${moment(untilMs)}.`;
  }
  return authentication.method === 'federated'
    ? ' A direct message with the setup instructions follows.'
    : '';
}

function serverText({ requested: { authentication } }: AccessRequest, link: string | undefined): string {
  return authentication.method === 'api_key_on_server' && link !== undefined
    ? ' A team admin creates its key in W&amp;B; a direct message with the steps follows.'
    : '';
}
