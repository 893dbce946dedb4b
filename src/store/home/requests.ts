import { and, eq, isNull, ne, type SQL, sql } from 'drizzle-orm';
import {
  COUNTED_ITEMS,
  type Few,
  type HomeScope,
  type RequestOnHome,
} from '../../application/home/home-store.ts';
import { mayApprove } from '../../domain/organization/policy.ts';
import {
  type OrganizationContext,
  organizationParameter,
  type SqliteConnection,
} from '../database/connection.ts';
import { readOrganizationPolicy, readPolicyOf } from '../organization/policies.ts';
import { readIsOrganizationAdmin } from '../organization/teams.ts';
import { readAccessRequest } from '../requests/access-request-row.ts';
import { isUndecidedRequest } from '../schema/lifecycle/access-requests.ts';
import { accessRequests, requestDecisions, teams } from '../schema/schema.ts';

const columns = { id: accessRequests.id, teamName: teams.name, createdAtMs: accessRequests.createdAtMs };

const email = sql.placeholder('email');
const isOfActiveTeam = and(
  eq(teams.organizationId, accessRequests.organizationId),
  eq(teams.id, accessRequests.teamId),
  isNull(teams.archivedAtMs),
);
const decisionOfPerson = sql`${requestDecisions.organizationId} = ${accessRequests.organizationId} and ${requestDecisions.requestId} = ${accessRequests.id} and ${requestDecisions.email} = ${email}`;
/** Nobody decides on a request of their own, or confirms or approves it twice. */
const waitsForPerson = and(
  isUndecidedRequest,
  isOfActiveTeam,
  ne(accessRequests.email, email),
  sql`not exists (select 1 from ${requestDecisions} where ${decisionOfPerson})`,
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
        waitsForPerson,
      ),
    )
    .limit(sql.placeholder('limit'))
    .prepare();

const requestsOfAll = (which: SQL | undefined) => (db: SqliteConnection) =>
  db
    .select(columns)
    .from(accessRequests)
    .crossJoin(teams)
    .where(and(eq(accessRequests.organizationId, organizationParameter), waitsForPerson, which))
    .limit(sql.placeholder('limit'))
    .prepare();

const requestsToAll = requestsOfAll(undefined);

/** The policy of the team, or else the organization's, names the person, whatever team they are in. */
const requestsToNamed = requestsOfAll(
  sql`exists (select 1 from json_each(coalesce(json_extract(${teams.policy}, '$.approvers'), ${sql.placeholder('approvers')})) where value = ${email})`,
);

const ownRequests = (db: SqliteConnection) =>
  db
    .select(columns)
    .from(accessRequests)
    .crossJoin(teams)
    .where(
      and(
        eq(accessRequests.organizationId, organizationParameter),
        eq(accessRequests.slackUserId, sql.placeholder('slackUserId')),
        isUndecidedRequest,
        isOfActiveTeam,
      ),
    )
    .limit(sql.placeholder('limit'))
    .prepare();

/** Reads the requests, open or granted, that the policy of their team lets the person decide. */
export function readRequestsToDecide(
  db: SqliteConnection,
  context: OrganizationContext,
  { administered, email: ofPerson }: Pick<HomeScope, 'administered' | 'email'>,
  limit: number,
): Few<RequestOnHome> {
  const values = { organizationId: context.organizationId, email: ofPerson, limit: COUNTED_ITEMS + 1 };
  const approvers = JSON.stringify(readOrganizationPolicy(db, context).approvers ?? []);
  const ofTeams =
    administered === 'all'
      ? db.once(requestsToAll).all(values)
      : administered.flatMap((teamName) => db.once(requestsOfTeam).all({ ...values, teamName }));
  const rows = [...ofTeams, ...db.once(requestsToNamed).all({ ...values, approvers })];
  if (rows.length === 0) return { items: [], total: 0 };
  const isOrganizationAdmin = administered === 'all' || readIsOrganizationAdmin(db, context, ofPerson);
  const isTeamAdmin = ({ teamName }: { teamName: string }) =>
    administered !== 'all' && administered.includes(teamName);
  const decidable = new Map(
    rows
      .filter((row) => {
        const role = isTeamAdmin(row) ? ('admin' as const) : undefined;
        const policy = readPolicyOf(db, context, row.teamName);
        return mayApprove(policy, { email: ofPerson }, { role, isOrganizationAdmin });
      })
      .map((row) => [row.id, row]),
  );
  return readShown(db, context, [...decidable.values()], limit);
}

/** Reads a person's own requests that wait for a decision. */
export function readOwnRequests(
  db: SqliteConnection,
  context: OrganizationContext,
  { slackUserId }: Pick<HomeScope, 'slackUserId'>,
  limit: number,
): Few<RequestOnHome> {
  const { organizationId } = context;
  const rows = db.once(ownRequests).all({ organizationId, slackUserId, limit: COUNTED_ITEMS + 1 });
  return readShown(db, context, rows, limit);
}

function readShown(
  db: SqliteConnection,
  context: OrganizationContext,
  rows: { id: string; teamName: string; createdAtMs: number }[],
  limit: number,
): Few<RequestOnHome> {
  const items = rows
    .toSorted((one, other) => one.createdAtMs - other.createdAtMs)
    .slice(0, limit)
    .flatMap(({ id, teamName }) => {
      const request = readAccessRequest(db, context, id);
      return request === undefined ? [] : [{ request, policy: readPolicyOf(db, context, teamName) }];
    });
  return { items, total: Math.min(rows.length, COUNTED_ITEMS + 1) };
}
