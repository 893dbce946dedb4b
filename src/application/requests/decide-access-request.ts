import { FREE_TEXT_LENGTH, freeTextProblem } from '../../domain/accounts/names.ts';
import { containsCredential } from '../../domain/keys/pasted-credential.ts';
import type { Person } from '../../domain/organization/person.ts';
import type { EffectivePolicy } from '../../domain/organization/policy.ts';
import type { TeamAccess } from '../../domain/organization/team.ts';
import {
  decideRequest,
  type RequestChoice,
  type RequestDecision,
} from '../../domain/requests/decide-request.ts';
import { isUndecided } from '../../domain/requests/request-state.ts';
import { actorOf } from '../accounts/account-event.ts';
import { type Attempt, authorize } from '../accounts/authorize.ts';
import type { Ports } from '../ports/account-ports.ts';
import type { BackendFailure, UnknownOutcomeCause } from '../ports/backend.ts';
import type { AccessRequest } from './access-request.ts';
import { createRequestedAccount, type RequestedAccountResult } from './account-of-request.ts';
import { type ApprovalObstacle, approvalObstacle, standingDecisions } from './approval-checks.ts';
import { checkMayDecide, type DecideRefusal } from './approvers.ts';
import { requestEvent, requesterNotification } from './request-changes.ts';

export interface DecideAccessRequest {
  slackUserId: string;
  accessRequestId: string;
  choice: RequestChoice;
  /** Why it is denied. */
  denialReason?: string | undefined;
  requestId: string;
}

/** `request`: as it is after the decision. */
export type DecideAccessRequestResult =
  | { kind: 'approved' | 'confirmed' | 'denied'; request: AccessRequest }
  /** Another person has to approve or confirm it too. */
  | { kind: 'waits_for_another'; request: AccessRequest }
  | { kind: 'already_decided'; request: AccessRequest }
  /** Nothing was changed. The request is still open, and can be denied. */
  | { kind: 'not_possible'; request: AccessRequest; cause: ApprovalObstacle }
  /** The W&B server didn't create the account. The request counts as approved. */
  | { kind: 'not_created'; request: AccessRequest; failure: BackendFailure; link: string | undefined }
  | { kind: 'outcome_unknown'; request: AccessRequest; cause: UnknownOutcomeCause }
  | { kind: 'invalid'; reason: 'empty' | 'contains_credential' | 'too_long' | 'invisible_characters' }
  /** No such request, or one that the person may not see. The two must look the same. */
  | { kind: 'not_found' }
  | { kind: 'refused'; refusal: Exclude<DecideRefusal, { reason: 'request_unknown' }> };

/**
 * Records a decision on a request, if the person may decide now. The first denial or the last approval that is needed ends the request,
 * in one write with the account.
 *
 * @throws DirectoryUnavailableError, StoreUnavailableError, BackendUnavailableError: nothing was decided
 */
export async function decideAccessRequest(
  ports: Ports,
  decide: DecideAccessRequest,
): Promise<DecideAccessRequestResult> {
  const authorized = await authorizeDecision(ports, decide);
  if (!authorized.ok) return authorized.result;
  const { person, granted } = authorized;
  for (let round = 1; ; round += 1) {
    const request = round === 1 ? granted.request : await readAgain(ports, granted.request);
    const result = await decideOnce(ports, decide, { ...granted, request, person });
    // Someone else decided in between, which may have left it undecided: each round counts their decision.
    if (result.kind !== 'already_decided' || !isUndecided(result.request.state) || round === MOST_ROUNDS) {
      return result;
    }
  }
}

async function authorizeDecision(ports: Ports, { slackUserId, accessRequestId, requestId }: OpenDenyForm) {
  const attempt: Attempt = {
    slackUserId,
    action: 'access_request.decide_refused',
    subject: `access_request:${accessRequestId.slice(0, 64)}`,
    requestId,
  };
  const authorized = await authorize(ports, attempt, (person) =>
    checkMayDecide(ports, person, accessRequestId),
  );
  if (authorized.ok) return authorized;
  const { refusal } = authorized;
  const result: DecideAccessRequestResult =
    refusal.reason === 'request_unknown' ? { kind: 'not_found' } : { kind: 'refused', refusal };
  return { ok: false as const, result };
}

type OpenDenyForm = Omit<DecideAccessRequest, 'choice' | 'denialReason'>;

/** Returns the request that a person is about to deny, if they may decide on it now. */
export async function openDenyForm(
  ports: Ports,
  opened: OpenDenyForm,
): Promise<{ kind: 'open'; request: AccessRequest } | DecideAccessRequestResult> {
  const authorized = await authorizeDecision(ports, opened);
  if (!authorized.ok) return authorized.result;
  const { request } = authorized.granted;
  return { kind: isUndecided(request.state) ? 'open' : 'already_decided', request };
}

/** More decisions than a request that stays undecided can get. */
const MOST_ROUNDS = 3;

async function decideOnce(
  ports: Ports,
  { choice, denialReason = '', requestId }: DecideAccessRequest,
  checked: Pick<Deciding, 'request' | 'policy' | 'access' | 'person'>,
): Promise<DecideAccessRequestResult> {
  const { request, policy, person } = checked;
  const decisions = await standingDecisions(ports, request, policy);
  const verdict = decideRequest(
    { ...request, decisions, email: request.person.email },
    { email: person.email, mayApprove: true, choice },
    policy,
  );
  switch (verdict.kind) {
    case 'refused':
      return { kind: 'refused', refusal: { reason: 'own_request' } };
    case 'decided':
      return { kind: 'already_decided', request };
    case 'waits_for_another':
      return { kind: 'waits_for_another', request };
    case 'counts':
      break;
  }
  const deciding: Deciding = {
    ...checked,
    requestId,
    decision: { ...person, decision: verdict.decision, atMs: ports.now() },
    isEnough: verdict.becomes !== undefined,
  };
  if (choice === 'deny') return deny(ports, deciding, denialReason);
  const obstacle = await approvalObstacle(ports, deciding);
  if (obstacle !== undefined) return { kind: 'not_possible', request, cause: obstacle };
  return request.state === 'granted' ? confirm(ports, deciding) : approve(ports, deciding);
}

interface Deciding {
  request: AccessRequest;
  policy: EffectivePolicy;
  access: TeamAccess;
  person: Person;
  requestId: string;
  decision: RequestDecision;
  isEnough: boolean;
}

async function deny(
  ports: Ports,
  { request, person, requestId, decision }: Deciding,
  typed: string,
): Promise<DecideAccessRequestResult> {
  const denialReason = typed.trim();
  if (denialReason === '') return { kind: 'invalid', reason: 'empty' };
  if (containsCredential(denialReason)) return { kind: 'invalid', reason: 'contains_credential' };
  const problem = freeTextProblem(denialReason, { maxLength: FREE_TEXT_LENGTH.reason, multiline: true });
  if (problem !== undefined) return { kind: 'invalid', reason: problem };
  const nowMs = ports.now();
  const isDenied = await ports.store.endAccessRequest({
    id: request.id,
    state: 'denied',
    decision,
    denialReason,
    nowMs,
    auditEvent: requestEvent(request, {
      action: 'access_request.denied',
      actor: actorOf(person),
      atMs: nowMs,
      requestId,
      details: { reason: denialReason },
    }),
    notifications: [requesterNotification(request, 'denied', { requestId, nowMs })],
  });
  return afterwards(ports, request, isDenied ? 'denied' : 'already_decided');
}

async function confirm(
  ports: Ports,
  { request, person, requestId, decision, isEnough }: Deciding,
): Promise<DecideAccessRequestResult> {
  const nowMs = ports.now();
  const isConfirmed = await ports.store.confirmAccessRequest({
    id: request.id,
    decision,
    seenDecisions: request.decisions.length,
    isEnough,
    nowMs,
    auditEvent: requestEvent(request, {
      action: isEnough ? 'access_request.confirmed' : 'access_request.approval_recorded',
      actor: actorOf(person),
      atMs: nowMs,
      requestId,
    }),
    notifications: [
      requesterNotification(request, isEnough ? 'confirmed' : 'approved_once', { requestId, nowMs }),
    ],
  });
  if (!isConfirmed) return afterwards(ports, request, 'already_decided');
  return afterwards(ports, request, isEnough ? 'confirmed' : 'waits_for_another');
}

async function approve(ports: Ports, deciding: Deciding): Promise<DecideAccessRequestResult> {
  const { request, access, person, requestId, decision, isEnough } = deciding;
  const nowMs = ports.now();
  const auditEvent = requestEvent(request, {
    action: isEnough ? 'access_request.approved' : 'access_request.approval_recorded',
    actor: actorOf(person),
    atMs: nowMs,
    requestId,
  });
  if (!isEnough) {
    const isRecorded = await ports.store.recordApproval({
      id: request.id,
      decision,
      seenDecisions: request.decisions.length,
      nowMs,
      auditEvent,
      notifications: [requesterNotification(request, 'approved_once', { requestId, nowMs })],
    });
    return afterwards(ports, request, isRecorded ? 'waits_for_another' : 'already_decided');
  }
  const created = await createRequestedAccount(
    ports,
    { ...request, team: { ...access.team, id: request.teamId } },
    {
      request: { approved: { id: request.id, decision } },
      auditEvent,
      notifications: [requesterNotification(request, 'approved', { requestId, nowMs })],
      requestId,
    },
  );
  return approvalResult(ports, request, created);
}

async function approvalResult(
  ports: Ports,
  request: AccessRequest,
  created: RequestedAccountResult,
): Promise<DecideAccessRequestResult> {
  switch (created.kind) {
    case 'created':
      return afterwards(ports, request, 'approved');
    case 'not_created':
    case 'outcome_unknown':
      return { ...created, request: await readAgain(ports, request) };
    case 'conflict':
      break;
  }
  const { reason } = created;
  switch (reason) {
    case 'name_taken':
    case 'subject_taken':
    case 'team_archived':
      return { kind: 'not_possible', request, cause: { reason } };
    default:
      return afterwards(ports, request, 'already_decided');
  }
}

async function afterwards(
  ports: Ports,
  request: AccessRequest,
  kind: 'approved' | 'confirmed' | 'denied' | 'waits_for_another' | 'already_decided',
): Promise<DecideAccessRequestResult> {
  ports.wakeJobs();
  return { kind, request: await readAgain(ports, request) };
}

async function readAgain({ store }: Ports, request: AccessRequest): Promise<AccessRequest> {
  return (await store.accessRequest(request.id)) ?? request;
}
