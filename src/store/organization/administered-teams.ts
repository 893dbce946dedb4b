import { and, asc, count, type SQL, sql } from 'drizzle-orm';
import type { Team } from '../../domain/organization/team.ts';
import { foldText } from '../../domain/organization/team-name.ts';
import {
  FOLD_FUNCTION,
  type OrganizationContext,
  organizationParameter,
  type SqliteConnection,
} from '../database/connection.ts';
import { teams } from '../schema/schema.ts';
import { isActiveTeam, readIsOrganizationAdmin, readTeamsOf, teamColumns } from './teams.ts';

/** More teams than a person looks through: the form searches instead of listing them. */
const MAX_COUNTED = 1_000;

export function readAdministeredTeams(
  db: SqliteConnection,
  context: OrganizationContext,
  email: string,
  options: { query?: string; limit: number },
): { teams: Team[]; total: number } {
  const query = foldText(options.query ?? '');
  if (readIsOrganizationAdmin(db, context, email)) {
    return findAllTeams(db, context, { query, limit: options.limit });
  }
  const found = readTeamsOf(db, context, email)
    .filter(({ role }) => role === 'admin')
    .map(({ team }) => ({ team, position: foldText(team.name).indexOf(query) }))
    .filter(({ position }) => position >= 0);
  const prefixesFirst = [
    ...found.filter(({ position }) => position === 0),
    ...found.filter(({ position }) => position > 0),
  ];
  return { teams: prefixesFirst.slice(0, options.limit).map(({ team }) => team), total: found.length };
}

/**
 * Finds teams of the whole organization in the order of the index of their names. Only a search without enough matches reads
 * all names, and from the index alone.
 */
function findAllTeams(
  db: SqliteConnection,
  { organizationId }: OrganizationContext,
  { query, limit }: { query: string; limit: number },
): { teams: Team[]; total: number } {
  const counted = { organizationId, query, atMost: Math.max(MAX_COUNTED, limit) + 1 };
  const total = db.once(countMatches).get(counted)?.total ?? 0;
  if (total === 0) return { teams: [], total };
  const first = db.once(prefixMatches).all({ organizationId, query, limit });
  if (first.length >= Math.min(limit, total)) return { teams: first, total };
  const others = db.once(otherMatches).all({ organizationId, query, limit: limit - first.length });
  return { teams: [...first, ...others], total };
}

/** The name for a search. SQLite's own function is faster, but knows ASCII only. */
const foldedName = sql`case when ${teams.name} glob '*[^ -~]*' then ${sql.raw(FOLD_FUNCTION)}(${teams.name}) else lower(${teams.name}) end`;

/** 1 for a prefix, 0 for no match. Unlike LIKE, instr has no wildcards to escape; every name contains ''. */
const position = sql`instr(${foldedName}, ${sql.placeholder('query')})`;

const prefixMatches = (db: SqliteConnection) => matchesWhere(db, sql`${position} = 1`);
const otherMatches = (db: SqliteConnection) => matchesWhere(db, sql`${position} > 1`);

function matchesWhere(db: SqliteConnection, which: SQL) {
  return db
    .select(teamColumns)
    .from(teams)
    .where(and(isActiveTeam(organizationParameter), which))
    .orderBy(asc(teams.name))
    .limit(sql.placeholder('limit'))
    .prepare();
}

const countMatches = (db: SqliteConnection) => {
  const matches = db
    .select({ id: teams.id })
    .from(teams)
    .where(and(isActiveTeam(organizationParameter), sql`${position} > 0`))
    .limit(sql.placeholder('atMost'))
    .as('matches');
  return db.select({ total: count() }).from(matches).prepare();
};
