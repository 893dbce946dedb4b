import { FREE_TEXT_LENGTH, freeTextProblem } from '../../domain/accounts/names.ts';
import { containsCredential } from '../../domain/keys/pasted-credential.ts';
import type { Person } from '../../domain/organization/person.ts';
import type { EffectivePolicy } from '../../domain/organization/policy.ts';
import type { Team } from '../../domain/organization/team.ts';
import { TEAM_NAME_MAX_LENGTH } from '../../domain/organization/team-name.ts';
import { URGENT_LIFE_MS } from '../../domain/requests/request-state.ts';
import {
  type AccountForm,
  type AccountFormCheck,
  checkAccountForm,
  credentialProblems,
  type FieldProblem,
} from '../accounts/account-form.ts';
import { type Attempt, authorize, recordRefusal } from '../accounts/authorize.ts';
import type { Refusal } from '../accounts/refusal.ts';
import type { Ports } from '../ports/account-ports.ts';
import type { BackendFailure, UnknownOutcomeCause } from '../ports/backend.ts';
import type { RequestedAccount } from './access-request.ts';
import { createRequestedAccount, type RequestedAccountResult } from './account-of-request.ts';
import { approversFor, checkMayAsk, requestPlaces } from './approvers.ts';
import { requestEvent } from './request-changes.ts';
import type { AccountOfRequestConflict, NewAccessRequest, RequestConflict } from './request-store.ts';

/** The submitted form *New service account* of a member, unvalidated. */
export interface RequestForm extends AccountForm {
  reason: string | undefined;
  isUrgent: boolean;
}

export interface RequestAccount {
  slackUserId: string;
  form: RequestForm;
  /** As for `createServiceAccount`. */
  isIdentityConfirmed?: boolean;
  /** One per form, and the ID of its request: submitting it again doesn't make a second one. */
  submissionId: string;
  requestId: string;
}

export type RequestAccountResult =
  | { kind: 'requested'; teamName: string; name: string }
  /** An urgent request: the account exists until `confirmUntilMs`, unless an approver confirms it. */
  | { kind: 'granted'; teamName: string; name: string; confirmUntilMs: number; isCollected: boolean }
  | { kind: 'already_submitted' }
  /** The person has become an admin of the team, and can create the account. */
  | { kind: 'may_create' }
  | { kind: 'too_many'; of: 'person' | 'team'; teamName: string }
  /** The policy needs more approvers than there are. */
  | { kind: 'no_approvers'; teamName: string; needed: number; found: number }
  /** Of an urgent request: the W&B server created nothing. */
  | { kind: 'not_created'; failure: BackendFailure; link: string | undefined }
  | { kind: 'outcome_unknown'; cause: UnknownOutcomeCause }
  | { kind: 'invalid'; problems: FieldProblem[] }
  | { kind: 'refused'; refusal: Refusal };

/**
 * Stores a member's request for an account, and asks the approvers. Membership is checked from fresh data; the request, its audit
 * event, its card and its notification are one write.
 *
 * @throws DirectoryUnavailableError, StoreUnavailableError, BackendUnavailableError: nothing was requested
 */
export async function requestAccount(ports: Ports, request: RequestAccount): Promise<RequestAccountResult> {
  const { slackUserId, form, requestId } = request;
  const pasted = [...credentialProblems(form), ...reasonCredential(form)];
  if (pasted.length > 0) return { kind: 'invalid', problems: pasted };
  const attempt: Attempt = {
    slackUserId,
    action: 'access_request.open_refused',
    details: { team: form.teamName.slice(0, TEAM_NAME_MAX_LENGTH).toWellFormed() },
    requestId,
  };
  const authorized = await authorize(ports, attempt, (person) => checkMayAsk(ports, person, form.teamName));
  if (!authorized.ok) return { kind: 'refused', refusal: authorized.refusal };
  const { person, granted } = authorized;
  if (granted.may === 'create') return { kind: 'may_create' };
  const { access } = granted;
  const policy = await ports.store.policyOf(access.team.name);
  const [issuers, features] = await Promise.all([ports.backend.issuers(), ports.backend.features()]);
  const check = checkAccountForm(form, access, {
    issuers,
    features,
    isIdentityConfirmed: request.isIdentityConfirmed ?? false,
    policy,
    nowMs: ports.now(),
  });
  const problems = [
    ...(check.ok ? [] : check.problems),
    ...reasonProblems(form),
    ...urgentProblems(form, policy),
  ];
  if (!check.ok || problems.length > 0) {
    const fields = problems.filter(({ reason }) => reason === 'not_offered').map(({ field }) => field);
    if (fields.length > 0) {
      const details = { ...attempt.details, fields };
      recordRefusal(ports, { ...attempt, details }, { person, reason: 'not_offered' });
    }
    return { kind: 'invalid', problems };
  }
  return submit(ports, request, { person, team: access.team, policy, requested: requestedAccount(check) });
}

function reasonCredential({ reason = '' }: RequestForm): FieldProblem[] {
  return containsCredential(reason) ? [{ field: 'reason', reason: 'contains_credential' }] : [];
}

function reasonProblems({ reason = '' }: RequestForm): FieldProblem[] {
  if (reason.trim() === '') return [{ field: 'reason', reason: 'empty' }];
  const problem = freeTextProblem(reason, { maxLength: FREE_TEXT_LENGTH.reason, multiline: true });
  return problem === undefined ? [] : [{ field: 'reason', reason: problem }];
}

function urgentProblems({ isUrgent }: RequestForm, { urgentRequests }: EffectivePolicy): FieldProblem[] {
  return isUrgent && !urgentRequests ? [{ field: 'urgent', reason: 'not_offered' }] : [];
}

function requestedAccount({
  authentication,
  fields,
}: Extract<AccountFormCheck, { ok: true }>): RequestedAccount {
  const { name, purpose = null, usedBy = null, contact } = fields;
  return {
    name,
    purpose,
    usedBy,
    contact,
    authentication:
      authentication.method === 'api_key'
        ? { method: 'api_key', keyExpiry: authentication.expiry }
        : authentication,
  };
}

interface ValidRequest {
  person: Person;
  team: Team;
  policy: EffectivePolicy;
  requested: RequestedAccount;
}

async function submit(
  ports: Ports,
  { form, submissionId: id, requestId }: RequestAccount,
  { person, team: { name: teamName }, policy, requested }: ValidRequest,
): Promise<RequestAccountResult> {
  const approvers = await approversFor(ports, teamName, policy, person);
  if (approvers.length < policy.approvals) {
    return { kind: 'no_approvers', teamName, needed: policy.approvals, found: approvers.length };
  }
  const { slackUserId } = person;
  const places = [...(await requestPlaces(ports, teamName, approvers)), { slackUserId }];
  const nowMs = ports.now();
  // On a W&B server, the team may be new to Keysmith.
  const team = await ports.store.ensureTeam(teamName, nowMs);
  const request: NewAccessRequest = {
    id,
    teamId: team.id,
    person,
    requested,
    reason: form.reason?.trim() ?? '',
    isUrgent: form.isUrgent,
    createdAtMs: nowMs,
    confirmUntilMs: form.isUrgent ? nowMs + URGENT_LIFE_MS : undefined,
  };
  const actor = { type: 'person', ...person } as const;
  const event = (action: 'access_request.opened' | 'access_request.granted') =>
    requestEvent(
      { ...request, teamName },
      { action, actor, atMs: nowMs, requestId, details: { reason: request.reason } },
    );
  if (form.isUrgent) {
    const result = await createRequestedAccount(
      ports,
      { ...request, team },
      {
        request: { granted: request },
        auditEvent: event('access_request.granted'),
        notifications: [],
        places,
        requestId,
      },
    );
    return grantResult(result, { teamName, request });
  }
  const opened = await ports.store.openAccessRequest({
    ...request,
    nowMs,
    auditEvent: event('access_request.opened'),
    notifications: [],
    places,
  });
  if (!opened.ok) return conflictResult(opened.reason, teamName);
  ports.logger.info({ accessRequestId: id, team: teamName }, 'access request opened');
  ports.wakeJobs();
  return { kind: 'requested', teamName, name: requested.name };
}

function grantResult(
  result: RequestedAccountResult,
  { teamName, request }: { teamName: string; request: NewAccessRequest },
): RequestAccountResult {
  const { requested, confirmUntilMs = 0 } = request;
  switch (result.kind) {
    case 'created': {
      const isCollected = requested.authentication.method === 'api_key';
      return { kind: 'granted', teamName, name: requested.name, confirmUntilMs, isCollected };
    }
    case 'conflict':
      return conflictResult(result.reason, teamName);
    default:
      return result;
  }
}

function conflictResult(
  reason: RequestConflict | AccountOfRequestConflict,
  teamName: string,
): RequestAccountResult {
  switch (reason) {
    case 'already_submitted':
    case 'request_decided':
      return { kind: 'already_submitted' };
    case 'too_many_of_person':
      return { kind: 'too_many', of: 'person', teamName };
    case 'too_many_of_team':
      return { kind: 'too_many', of: 'team', teamName };
    case 'name_taken':
      return { kind: 'invalid', problems: [{ field: 'name', reason }] };
    case 'subject_taken':
      return { kind: 'invalid', problems: [{ field: 'subject', reason }] };
    case 'team_archived':
      return { kind: 'invalid', problems: [{ field: 'team', reason }] };
  }
}
