import type { Button, KnownBlock } from '@slack/types';
import type { AccessRequest, RequestCard } from '../../../application/requests/access-request.ts';
import type { KeyExpiry } from '../../../domain/accounts/key-expiry.ts';
import type { RequestDecision } from '../../../domain/requests/decide-request.ts';
import { LAPSES_AFTER_MS, lapsedEarly } from '../../../domain/requests/request-state.ts';
import { preformatted } from '../accounts/key-message.ts';
import { code, day, escapeMarkup, type Message, moment, plainText } from '../blocks.ts';

export const REQUEST_ACTIONS = {
  approve: 'request_approve',
  confirm: 'request_confirm',
  deny: 'request_deny',
  withdraw: 'request_withdraw',
} as const;

/** Returns the card of a request, in the state of the moment. */
export function requestCardContent(card: RequestCard): { message: Message; log: string[] } {
  const { request } = card;
  const text = `Request for ${request.requested.name} in ${escapeMarkup(request.teamName)}`;
  return { message: { text, blocks: requestBlocks(card) }, log: card.isApprover ? requestLog(card) : [] };
}

/** Returns everything about a request, with the buttons for those who can decide on it: at most six blocks. */
export function requestBlocks(card: RequestState): KnownBlock[] {
  const { request } = card;
  return [
    section(`${leadText(request)}\n${detailsText(request)}`),
    ...labelled('Reason', request.reason),
    ...labelled('Purpose', request.requested.purpose),
    ...identityBlocks(request),
    section(card.isApprover ? requestStateText(card) : 'You’re no longer asked to decide on this request.'),
    ...(card.isDecidable ? [{ type: 'actions' as const, elements: decisionButtons(request) }] : []),
  ];
}

/** What the text of a request depends on. */
type RequestState = Pick<
  RequestCard,
  'request' | 'approvals' | 'accountState' | 'isApprover' | 'isDecidable' | 'standing'
>;

function decisionButtons({ id, state }: AccessRequest): Button[] {
  const [actionId, text] =
    state === 'granted' ? [REQUEST_ACTIONS.confirm, 'Confirm'] : [REQUEST_ACTIONS.approve, 'Approve'];
  return [
    { type: 'button', action_id: actionId, style: 'primary', text: plainText(text), value: id },
    { type: 'button', action_id: REQUEST_ACTIONS.deny, style: 'danger', text: plainText('Deny'), value: id },
  ];
}

/** Returns who requests what, and why, for the form that denies it. */
export function requestSummary(request: AccessRequest): KnownBlock[] {
  return [section(leadText(request)), ...labelled('Reason', request.reason)];
}

/** The requested account in its team. Markup. */
export function requestedName({ requested, teamName }: AccessRequest): string {
  return `${code(requested.name)} in ${code(teamName)}`;
}

function leadText(request: AccessRequest): string {
  const asks = request.isUrgent ? ':rotating_light: *Urgent:* ' : ':raising_hand: ';
  return `${asks}<@${request.person.slackUserId}> requests the service account ${requestedName(request)}.`;
}

function detailsText({ requested: { authentication, usedBy, contact } }: AccessRequest): string {
  const method =
    authentication.method === 'federated'
      ? 'Federated identity'
      : authentication.method === 'api_key'
        ? `API key, ${expiryText(authentication.keyExpiry)}`
        : 'API key that an admin creates in W&amp;B';
  const used = usedBy === null ? '' : ` · Used by ${escapeMarkup(usedBy)}`;
  return `${method}${used} · Contact <@${contact}>`;
}

function expiryText(expiry: KeyExpiry): string {
  if (expiry === 'never') return 'never expires';
  return 'days' in expiry
    ? `expires ${expiry.days} days after it is created`
    : `expires on ${day(expiry.atMs)}`;
}

function labelled(label: string, text: string | null): KnownBlock[] {
  return text === null ? [] : [section(`*${label}:* ${escapeMarkup(text)}`)];
}

/** Shows the identity unchanged and in full, as an approver has to compare it. */
function identityBlocks({ requested: { authentication } }: AccessRequest): KnownBlock[] {
  if (authentication.method !== 'federated') return [];
  const { issuer, subject } = authentication.identity;
  return [preformatted(`issuer   ${issuer}\nsubject  ${subject}`)];
}

/** Returns what the request waits for, or how it ended. Markup. */
export function requestStateText(of: Omit<RequestState, 'isApprover'>): string {
  const { request, approvals, accountState, isDecidable, standing = request.decisions } = of;
  const { state, createdAtMs, confirmUntilMs = 0, decidedAtMs = 0, decisions } = request;
  const at = moment(decidedAtMs);
  switch (state) {
    case 'open': {
      const waits = waitsText(standing, approvals);
      const end = `It lapses ${moment(createdAtMs + LAPSES_AFTER_MS)}.`;
      return isDecidable ? `${waits} ${end}` : `This request waits for an approver. ${end}`;
    }
    case 'granted':
      return `The account exists until ${moment(confirmUntilMs)}, and then ends unless an approver presses *Confirm*. ${waitsText(standing, approvals)}`;
    case 'approved':
      return `:white_check_mark: ${request.isUrgent ? 'Confirmed' : 'Approved'} by ${people(decisions, ['approved', 'confirmed'])} ${at}.${outcomeText(accountState)}`;
    case 'denied':
      return `:no_entry: Denied by ${people(decisions, ['denied'])} ${at}: ${escapeMarkup(request.denialReason ?? '')}`;
    case 'withdrawn':
      return `:leftwards_arrow_with_hook: Withdrawn by <@${request.person.slackUserId}> ${at}.`;
    case 'lapsed':
      return lapsedEarly(request)
        ? `:hourglass: Lapsed ${at}, because the requester isn’t a member anymore, or the team was archived.`
        : `:hourglass: Lapsed ${at}, because nobody decided in time.`;
  }
}

function waitsText(decisions: readonly RequestDecision[], approvals: 1 | 2): string {
  if (approvals === 1) return 'It needs one approval.';
  return decisions.length === 0
    ? 'It needs approvals of two different people.'
    : `Approved by ${people(decisions, ['approved', 'confirmed'])}; it needs the approval of one more person.`;
}

function people(
  decisions: readonly RequestDecision[],
  which: readonly RequestDecision['decision'][],
): string {
  const ids = decisions
    .filter(({ decision }) => which.includes(decision))
    .map(({ slackUserId }) => slackUserId);
  return ids.map((id) => `<@${id}>`).join(' and ');
}

function outcomeText(state: RequestCard['accountState']): string {
  switch (state) {
    case 'failed':
      return ' W&amp;B didn’t create the account, and the requester was notified.';
    case 'provisioning':
      return ' W&amp;B hasn’t confirmed yet that it created the account.';
    case 'revoked':
    case 'revoking':
      return ' The account has ended since.';
    default:
      return '';
  }
}

/** Returns what happened to a request, oldest first. Entries are only ever added. */
function requestLog({ request, key }: RequestCard): string[] {
  const { person, isUrgent, state, createdAtMs, remindedAtMs, decidedAtMs = 0 } = request;
  const requester = `<@${person.slackUserId}>`;
  const entries: { atMs: number; text: string }[] = [];
  if (remindedAtMs !== undefined) {
    entries.push({ atMs: remindedAtMs, text: ':bell: This request still waits for a decision.' });
  }
  for (const { decision, slackUserId, atMs } of request.decisions) {
    const reason = decision === 'denied' ? `: ${escapeMarkup(request.denialReason ?? '')}` : '.';
    entries.push({ atMs, text: `${VERBS[decision]} by <@${slackUserId}>${reason}` });
  }
  entries.sort((one, other) => one.atMs - other.atMs);
  const end =
    state === 'withdrawn'
      ? `Withdrawn by ${requester}.`
      : state === 'lapsed'
        ? 'Lapsed without a decision.'
        : undefined;
  const ofKey =
    key === 'collected'
      ? `${requester} collected the key.`
      : key === 'closed' && state === 'approved'
        ? 'The key wasn’t collected.'
        : undefined;
  return [
    `${isUrgent ? 'Requested urgently, and granted for four hours,' : 'Requested'} by ${requester} ${moment(createdAtMs)}.`,
    ...entries.map(({ text }) => text),
    ...(isUrgent || end === undefined ? [] : [end]),
    ...(ofKey === undefined ? [] : [ofKey]),
    ...(isUrgent && end !== undefined && decidedAtMs > 0 ? [`${end} The account ends.`] : []),
  ];
}

const VERBS: Record<RequestDecision['decision'], string> = {
  approved: ':white_check_mark: Approved',
  confirmed: ':white_check_mark: Confirmed',
  denied: ':no_entry: Denied',
};

function section(markup: string): KnownBlock {
  return { type: 'section', text: { type: 'mrkdwn', text: markup } };
}
