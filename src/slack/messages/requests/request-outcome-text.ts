import type { AccessRequest } from '../../../application/requests/access-request.ts';
import type { ApprovalObstacle } from '../../../application/requests/approval-checks.ts';
import type { DecideAccessRequestResult } from '../../../application/requests/decide-access-request.ts';
import type { RequestAccountResult } from '../../../application/requests/request-account.ts';
import type { WithdrawResult } from '../../../application/requests/withdraw-access-request.ts';
import { FREE_TEXT_LENGTH } from '../../../domain/accounts/names.ts';
import { code, escapeMarkup, moment } from '../blocks.ts';
import { backendFailureText, outcomeCauseText } from '../failures/backend-failure-text.ts';
import { policyProblemText } from '../failures/policy-text.ts';
import { refusalText } from '../failures/refusal-text.ts';
import { requestedName } from './request-card-message.ts';

const GONE = 'Nothing was changed: this request isn’t there anymore, or its team was archived.';

/** Returns how a member's submission of the form ended. Markup. */
export function requestedText(
  result: Exclude<RequestAccountResult, { kind: 'invalid' | 'refused' | 'may_create' }>,
): string {
  switch (result.kind) {
    case 'requested':
      return `:raising_hand: Requested ${code(result.name)} in ${code(result.teamName)}. Its approvers have been asked, and a direct message from Keysmith tells you what they decide.`;
    case 'granted': {
      const next = result.isCollected
        ? 'Press *Collect key* in the direct message from Keysmith.'
        : 'Setup instructions are in a direct message from Keysmith.';
      return `:rotating_light: Created ${code(result.name)} in ${code(result.teamName)}. It ends ${moment(result.confirmUntilMs)}, unless an approver confirms it before. ${next}`;
    }
    case 'already_submitted':
      return 'This form was already submitted, so nothing else was requested. A direct message from Keysmith tells you what its approvers decide.';
    case 'too_many':
      return result.of === 'person'
        ? 'Nothing was requested: 10 of your requests still wait for a decision. Withdraw one in its direct message, or wait for its approvers.'
        : `Nothing was requested: 100 requests of ${code(result.teamName)} still wait for a decision. Ask an admin of the team to decide on them.`;
    case 'no_approvers':
      return `Nothing was requested: the policy of ${code(result.teamName)} asks for ${result.needed === 1 ? 'an approval' : 'two approvals'}, and ${result.found === 0 ? 'nobody else may approve' : 'only one other person may approve'}. Ask an organization admin to change the policy.`;
    case 'not_created':
      return `:warning: The account wasn’t created, and nothing was requested: ${backendFailureText(result.failure, result.link)}`;
    case 'outcome_unknown':
      return `:warning: We don’t know yet whether the account was created: ${outcomeCauseText(result.cause)} A direct message from Keysmith follows.`;
  }
}

/** Returns how a click on *Approve*, *Confirm* or *Deny* ended, for the person who clicked. Markup. */
export function decidedText(result: DecideAccessRequestResult): string {
  switch (result.kind) {
    case 'approved':
      return `:white_check_mark: Approved the request for ${requestedName(result.request)}.`;
    case 'confirmed':
      return `:white_check_mark: Confirmed the urgent request for ${requestedName(result.request)}.`;
    case 'denied':
      return `:no_entry: Denied the request for ${requestedName(result.request)}. ${requester(result.request)} has been notified.`;
    case 'waits_for_another':
      return `Your approval of ${requestedName(result.request)} is recorded. The policy asks for two approvals, so another approver has to approve it too. An organization admin can change it.`;
    case 'already_decided':
      return `Nothing was changed: the request for ${requestedName(result.request)} was already ${endedText(result.request)}.`;
    case 'not_possible':
      return `:warning: The request for ${requestedName(result.request)} can’t be approved: ${obstacleText(result.cause, result.request)}`;
    case 'not_created':
      return `:warning: The request for ${requestedName(result.request)} was approved, but the account wasn’t created: ${backendFailureText(result.failure, result.link)} ${requester(result.request)} has been notified, and can ask again.`;
    case 'outcome_unknown':
      return `:warning: The request for ${requestedName(result.request)} was approved, but we don’t know yet whether the account was created: ${outcomeCauseText(result.cause)} ${requester(result.request)} is notified of the outcome.`;
    case 'invalid':
      return denialProblemText(result.reason);
    case 'not_found':
      return GONE;
    case 'refused':
      return decideRefusalText(result.refusal);
  }
}

function decideRefusalText(
  refusal: Extract<DecideAccessRequestResult, { kind: 'refused' }>['refusal'],
): string {
  return refusal.reason === 'own_request'
    ? 'Nobody can decide on their own request. Another approver has to.'
    : refusalText(refusal);
}

export function denialProblemText(
  reason: Extract<DecideAccessRequestResult, { kind: 'invalid' }>['reason'],
): string {
  switch (reason) {
    case 'empty':
      return 'Say why: the requester reads it.';
    case 'contains_credential':
      return 'Nothing was saved, but this key or token was sent to Slack. Remove it here. If it’s real, revoke it and create a new one.';
    case 'too_long':
      return `Use at most ${FREE_TEXT_LENGTH.reason} characters.`;
    case 'invisible_characters':
      return 'Remove the invisible characters (control or direction marks).';
  }
}

function requester({ person }: AccessRequest): string {
  return `<@${person.slackUserId}>`;
}

function endedText({ state, decisions, decidedAtMs = 0, confirmUntilMs = 0 }: AccessRequest): string {
  const last = decisions.at(-1);
  const by = last === undefined ? '' : ` by <@${last.slackUserId}>`;
  switch (state) {
    case 'denied':
      return `denied${by} ${moment(decidedAtMs)}`;
    case 'withdrawn':
      return `withdrawn ${moment(decidedAtMs)}`;
    case 'lapsed':
      return `over: it lapsed ${moment(decidedAtMs)}`;
    case 'granted':
      return `over: it ended ${moment(confirmUntilMs)}, because nobody confirmed it before`;
    default:
      return `approved${by}`;
  }
}

function obstacleText(cause: ApprovalObstacle, request: AccessRequest): string {
  switch (cause.reason) {
    case 'requester_left':
      return `${requester(request)} is no longer a member of the team. Deny the request.`;
    case 'name_taken':
      return 'the team has another account with this name now. Deny the request, and ask for another name.';
    case 'subject_taken':
      return 'another account has this issuer and subject now. Deny the request.';
    case 'team_archived':
      return 'the team was archived.';
    case 'subject_not_allowed':
      return 'the team’s subjects don’t include this one anymore. Ask an organization admin to approve it, or deny it.';
    case 'expiry_over':
      return 'the day on which its key expires is over. Deny the request, and ask for a later day.';
    case 'policy':
      return `${escapeMarkup(policyProblemText(cause.problem))} Deny the request, or have the policy changed.`;
  }
}

/** Returns how *Withdraw* ended. Markup. */
export function withdrawnText(result: WithdrawResult): string {
  switch (result.kind) {
    case 'withdrawn':
      return `:leftwards_arrow_with_hook: Withdrew the request for ${requestedName(result.request)}.`;
    case 'already_decided':
      return `Nothing was changed: the request for ${requestedName(result.request)} was already ${endedText(result.request)}.`;
    case 'not_found':
      return GONE;
  }
}
