import { and, eq, isNull, ne, type SQL, sql } from 'drizzle-orm';
import { COUNTED_ITEMS, type HomeScope, type RequestOnHome } from '../../application/home/home-store.ts';
import { mayApprove } from '../../domain/organization/policy.ts';
import {
  type OrganizationContext,
  organizationParameter,
  type SqliteConnection,
} from '../database/connection.ts';
import { readPolicyOf } from '../organization/policies.ts';
import { readIsOrganizationAdmin } from '../organization/teams.ts';
import { accessRequests, requestDecisions, teams } from '../schema/schema.ts';

const columns = {
  requestId: accessRequests.id,
  teamName: teams.name,
  requested: accessRequests.requested,
  slackUserId: accessRequests.slackUserId,
  createdAtMs: accessRequests.createdAtMs,
};

const isOpen = eq(accessRequests.state, 'open').inlineParams();
const isOfTeam = and(
  eq(teams.organizationId, accessRequests.organizationId),
  eq(teams.id, accessRequests.teamId),
  isNull(teams.archivedAtMs),
);
/** Nobody decides on a request of their own, or twice. */
const isUndecided = and(
  ne(accessRequests.email, sql.placeholder('email')),
  sql`not exists (select 1 from ${requestDecisions} where ${requestDecisions.organizationId} = ${accessRequests.organizationId} and ${requestDecisions.requestId} = ${accessRequests.id} and ${requestDecisions.email} = ${sql.placeholder('email')})`,
);

const requestsOfTeam = (db: SqliteConnection) =>
  db
    .select(columns)
    .from(teams)
    .crossJoin(accessRequests)
    .where(
      and(
        eq(teams.organizationId, organizationParameter),
        eq(teams.name, sql.placeholder('teamName')),
        isOfTeam,
        isOpen,
        isUndecided,
      ),
    )
    .limit(sql.placeholder('limit'))
    .prepare();

const requestsOfAll = (db: SqliteConnection) =>
  db
    .select(columns)
    .from(accessRequests)
    .crossJoin(teams)
    .where(
      and(eq(accessRequests.organizationId, organizationParameter), isOpen, isOfTeam, isUndecided) as SQL,
    )
    .limit(sql.placeholder('limit'))
    .prepare();

/** Reads the open requests that the policy of their team lets the person decide. */
export function readRequestsToDecide(
  db: SqliteConnection,
  context: OrganizationContext,
  { administered, email }: Pick<HomeScope, 'administered' | 'email'>,
): RequestOnHome[] {
  const values = { organizationId: context.organizationId, email, limit: COUNTED_ITEMS + 1 };
  const rows =
    administered === 'all'
      ? db.once(requestsOfAll).all(values)
      : administered.flatMap((teamName) => db.once(requestsOfTeam).all({ ...values, teamName }));
  if (rows.length === 0) return [];
  const isOrganizationAdmin = administered === 'all' || readIsOrganizationAdmin(db, context, email);
  const access = { role: isOrganizationAdmin ? undefined : ('admin' as const), isOrganizationAdmin };
  return rows
    .filter(({ teamName }) => mayApprove(readPolicyOf(db, context, teamName), { email }, access))
    .map(({ requested, ...row }) => ({ ...row, name: requested.name }))
    .sort((one, other) => one.createdAtMs - other.createdAtMs);
}
