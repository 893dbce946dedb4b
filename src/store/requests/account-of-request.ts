import type {
  AccountOfRequest,
  AccountOfRequestConflict,
  NewAccessRequest,
} from '../../application/requests/request-store.ts';
import type { ServiceAccount } from '../../domain/accounts/service-account.ts';
import type { RequestDecision } from '../../domain/requests/decide-request.ts';
import { type AccessRequestState, MOST_OPEN_REQUESTS } from '../../domain/requests/request-state.ts';
import { openCollection } from '../accounts/collections.ts';
import type { OrganizationContext, SqliteConnection, WriteContext } from '../database/connection.ts';
import { finishJobOf, scheduleJob } from '../jobs/job-scheduling.ts';
import { enqueueNotification } from '../jobs/notifications.ts';
import { accessRequests, requestDecisions } from '../schema/schema.ts';
import { countUndecided, isRequest, readAccessRequest } from './access-request-row.ts';
import { showRequest } from './request-cards.ts';

type Change = Pick<AccountOfRequest, 'auditEvent' | 'notifications' | 'places'> & { nowMs: number };

/** Returns why an account can't be created for a request. The result holds until the transaction ends. */
export function accountOfRequestConflict(
  tx: SqliteConnection,
  context: OrganizationContext,
  { request }: AccountOfRequest,
): { ok: false; reason: AccountOfRequestConflict } | undefined {
  const reason =
    'approved' in request
      ? decidedReason(readAccessRequest(tx, context, request.approved.id)?.state)
      : tooMany(tx, context, request.granted);
  return reason && { ok: false, reason };
}

function decidedReason(state: AccessRequestState | undefined): 'request_decided' | undefined {
  return state === 'open' ? undefined : 'request_decided';
}

/** Completes the request whose account was inserted in the same transaction. */
export function completeRequest(
  tx: SqliteConnection,
  context: WriteContext,
  account: ServiceAccount,
  ofRequest: AccountOfRequest,
): void {
  const { request, collection, nowMs } = ofRequest;
  const id = 'approved' in request ? request.approved.id : request.granted.id;
  if ('approved' in request) {
    insertDecision(tx, context, id, request.approved.decision);
    tx.update(accessRequests)
      .set({ state: 'approved', decidedAtMs: nowMs, accountId: account.id })
      .where(isRequest(context.organizationId, id))
      .run();
  } else {
    insertRequest(tx, context, request.granted, { state: 'granted', accountId: account.id });
  }
  if (collection !== undefined) {
    openCollection(tx, context, {
      ...collection,
      accountId: account.id,
      accessRequestId: id,
      revokedKeyId: null,
      createdAtMs: nowMs,
      offer: undefined,
    });
  }
  const confirmUntilMs = 'granted' in request ? request.granted.confirmUntilMs : undefined;
  const runAtMs = confirmUntilMs ?? collection?.expiresAtMs;
  if (runAtMs === undefined) finishRequestJob(tx, context, id, nowMs);
  else scheduleRequestJob(tx, context, id, runAtMs);
  recordChange(tx, context, id, ofRequest);
}

export function finishRequestJob(
  tx: SqliteConnection,
  context: OrganizationContext,
  id: string,
  nowMs: number,
): void {
  finishJobOf(tx, context, { kind: 'access_request', subject: id, nowMs });
}

export function tooMany(
  tx: SqliteConnection,
  context: OrganizationContext,
  { teamId, person: { slackUserId } }: Pick<NewAccessRequest, 'teamId' | 'person'>,
): 'too_many_of_person' | 'too_many_of_team' | undefined {
  if (countUndecided(tx, context, { slackUserId }) >= MOST_OPEN_REQUESTS.person) return 'too_many_of_person';
  return countUndecided(tx, context, { teamId }) >= MOST_OPEN_REQUESTS.team ? 'too_many_of_team' : undefined;
}

export function insertRequest(
  tx: SqliteConnection,
  { organizationId }: OrganizationContext,
  request: NewAccessRequest,
  { state, accountId }: { state: 'open' | 'granted'; accountId: string | null },
): void {
  const { id, teamId, person, requested, reason, isUrgent, createdAtMs, confirmUntilMs = null } = request;
  tx.insert(accessRequests)
    .values({
      organizationId,
      id,
      teamId,
      ...person,
      requested,
      reason,
      isUrgent,
      state,
      createdAtMs,
      accountId,
      confirmUntilMs,
    })
    .run();
}

export function scheduleRequestJob(
  tx: SqliteConnection,
  context: WriteContext,
  id: string,
  runAtMs: number,
): void {
  scheduleJob(tx, context, {
    kind: 'access_request',
    subject: id,
    payload: { accessRequestId: id },
    runAtMs,
  });
}

/** Writes what every change of a request has: its audit event and its notifications. */
export function recordChange(
  tx: SqliteConnection,
  context: WriteContext,
  id: string,
  { auditEvent, notifications, places = [], nowMs }: Change,
): void {
  context.appendAudit(auditEvent);
  for (const notification of notifications) enqueueNotification(tx, context, notification);
  showRequest(tx, context, id, places, nowMs);
}

export function insertDecision(
  tx: SqliteConnection,
  { organizationId }: OrganizationContext,
  requestId: string,
  decision: RequestDecision,
): boolean {
  const inserted = tx
    .insert(requestDecisions)
    .values({ organizationId, requestId, ...decision })
    .onConflictDoNothing()
    .run();
  return inserted.changes === 1;
}
