import { and, count, eq, type SQL } from 'drizzle-orm';
import type { AccessRequest } from '../../application/requests/access-request.ts';
import type { RequestStore } from '../../application/requests/request-store.ts';
import type { RequestDecision } from '../../domain/requests/decide-request.ts';
import { requestStep } from '../../domain/requests/request-state.ts';
import type { OrganizationContext, SqliteConnection } from '../database/connection.ts';
import { isUndecidedRequest } from '../schema/lifecycle/access-requests.ts';
import { accessRequests, collections, requestDecisions, teams } from '../schema/schema.ts';

export function isRequest(organizationId: string, id: string): SQL | undefined {
  return and(eq(accessRequests.organizationId, organizationId), eq(accessRequests.id, id));
}

const teamOfRequest = and(
  eq(teams.organizationId, accessRequests.organizationId),
  eq(teams.id, accessRequests.teamId),
);

export function readAccessRequest(
  db: SqliteConnection,
  context: OrganizationContext,
  id: string,
): AccessRequest | undefined {
  const found = db
    .select({ request: accessRequests, teamName: teams.name, archivedAtMs: teams.archivedAtMs })
    .from(accessRequests)
    .innerJoin(teams, teamOfRequest)
    .where(isRequest(context.organizationId, id))
    .get();
  if (found === undefined) return undefined;
  const { slackUserId, email, organizationId: _, cardPlaces: __, ...row } = found.request;
  return {
    ...row,
    teamName: found.teamName,
    isTeamArchived: found.archivedAtMs !== null,
    person: { slackUserId, email },
    remindedAtMs: row.remindedAtMs ?? undefined,
    decidedAtMs: row.decidedAtMs ?? undefined,
    denialReason: row.denialReason ?? undefined,
    accountId: row.accountId ?? undefined,
    confirmUntilMs: row.confirmUntilMs ?? undefined,
    decisions: readDecisions(db, context, id),
  };
}

export function readRequestOfAccount(
  db: SqliteConnection,
  context: OrganizationContext,
  accountId: string,
): AccessRequest | undefined {
  const { organizationId } = context;
  const found = db
    .select({ id: accessRequests.id })
    .from(accessRequests)
    .where(and(eq(accessRequests.organizationId, organizationId), eq(accessRequests.accountId, accountId)))
    .get();
  return found && readAccessRequest(db, context, found.id);
}

function readDecisions(
  db: SqliteConnection,
  { organizationId }: OrganizationContext,
  requestId: string,
): RequestDecision[] {
  return db
    .select({
      slackUserId: requestDecisions.slackUserId,
      email: requestDecisions.email,
      decision: requestDecisions.decision,
      atMs: requestDecisions.atMs,
    })
    .from(requestDecisions)
    .where(
      and(eq(requestDecisions.organizationId, organizationId), eq(requestDecisions.requestId, requestId)),
    )
    .all()
    .sort((one, other) => one.atMs - other.atMs);
}

/** Returns whether the account of a request may have a key: the request is approved, or its time to be confirmed isn't over. */
export function isAccountGranted(
  db: SqliteConnection,
  context: OrganizationContext,
  id: string,
  nowMs: number,
): boolean {
  const request = readAccessRequest(db, context, id);
  if (request?.state === 'granted') return requestStep(request, nowMs).kind !== 'lapse';
  return request?.state === 'approved';
}

/** Counts a team's or a person's requests that wait for a decision. */
export function countUndecided(
  db: SqliteConnection,
  { organizationId }: OrganizationContext,
  of: { teamId: string } | { slackUserId: string },
): number {
  const whose =
    'teamId' in of ? eq(accessRequests.teamId, of.teamId) : eq(accessRequests.slackUserId, of.slackUserId);
  const row = db
    .select({ total: count() })
    .from(accessRequests)
    .where(and(eq(accessRequests.organizationId, organizationId), whose, isUndecidedRequest))
    .get();
  return row?.total ?? 0;
}

export function readRequestedKey(
  db: SqliteConnection,
  { organizationId }: OrganizationContext,
  id: string,
): Awaited<ReturnType<RequestStore['requestedKey']>> {
  const row = db
    .select({ id: collections.id, state: collections.state, untilMs: collections.expiresAtMs })
    .from(collections)
    .where(and(eq(collections.organizationId, organizationId), eq(collections.accessRequestId, id)))
    .get();
  if (row === undefined) return { state: 'none' };
  if (row.state === 'open') return { state: 'open', collectionId: row.id, untilMs: row.untilMs };
  return { state: row.state === 'collecting' ? 'being_sent' : row.state };
}
