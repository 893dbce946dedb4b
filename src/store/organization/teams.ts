import {
  and,
  asc,
  count,
  eq,
  exists,
  inArray,
  isNull,
  or,
  type Placeholder,
  type SQL,
  sql,
} from 'drizzle-orm';
import type { Role, Team, TeamAccess, TeamMember } from '../../domain/organization/team.ts';
import { foldText } from '../../domain/organization/team-name.ts';
import {
  FOLD_FUNCTION,
  type OrganizationContext,
  organizationParameter,
  type SqliteConnection,
} from '../database/connection.ts';
import { organizationAdmins, teamMembers, teams } from '../schema/schema.ts';

const teamColumns = {
  id: teams.id,
  name: teams.name,
  subjects: teams.subjects,
};

export function readIsOrganizationAdmin(
  db: SqliteConnection,
  { organizationId }: OrganizationContext,
  email: string,
): boolean {
  return db.once(organizationAdmin).get({ organizationId, email }) !== undefined;
}

const organizationAdmin = (db: SqliteConnection) =>
  db
    .select({ email: organizationAdmins.email })
    .from(organizationAdmins)
    .where(
      and(
        eq(organizationAdmins.organizationId, organizationParameter),
        eq(organizationAdmins.email, sql.placeholder('email')),
      ),
    )
    .prepare();

const activeTeam = (db: SqliteConnection) =>
  db
    .select(teamColumns)
    .from(teams)
    .where(and(isActiveTeam(organizationParameter), eq(teams.name, sql.placeholder('name'))))
    .prepare();

const roleInTeam = (db: SqliteConnection) =>
  db
    .select({ role: teamMembers.role })
    .from(teamMembers)
    .where(
      and(
        eq(teamMembers.organizationId, organizationParameter),
        eq(teamMembers.teamId, sql.placeholder('teamId')),
        eq(teamMembers.email, sql.placeholder('email')),
      ),
    )
    .prepare();

export function readTeamAccess(
  db: SqliteConnection,
  context: OrganizationContext,
  email: string,
  teamName: string,
): TeamAccess | undefined {
  const { organizationId } = context;
  const team = db.once(activeTeam).get({ organizationId, name: teamName });
  if (team === undefined) return undefined;
  const member = db.once(roleInTeam).get({ organizationId, teamId: team.id, email });
  return { team, role: member?.role, isOrganizationAdmin: readIsOrganizationAdmin(db, context, email) };
}

/** The name for a search. SQLite's own function is faster, but knows ASCII only. */
const foldedName = sql`case when ${teams.name} glob '*[^ -~]*' then ${sql.raw(FOLD_FUNCTION)}(${teams.name}) else lower(${teams.name}) end`;

export function readAdministeredTeams(
  db: SqliteConnection,
  context: OrganizationContext,
  email: string,
  options: { query?: string; limit: number },
): { teams: Team[]; total: number } {
  const { organizationId } = context;
  const query = foldText(options.query ?? '');
  // 1 for a prefix, 0 for no match. Unlike LIKE, instr has no wildcards to escape; every name contains ''.
  const position = sql`instr(${foldedName}, ${query})`;
  const found = and(isActiveTeam(organizationId), isAdministered(db, context, email), sql`${position} > 0`);
  const total = db.select({ total: count() }).from(teams).where(found).get()?.total ?? 0;
  const rows = db
    .select(teamColumns)
    .from(teams)
    .where(found)
    .orderBy(sql`${position} > 1`, asc(teams.name))
    .limit(options.limit)
    .all();
  return { teams: rows, total };
}

export function readTeamsOf(
  db: SqliteConnection,
  { organizationId }: OrganizationContext,
  email: string,
): { team: Team; role: Role }[] {
  return db
    .select({ team: teamColumns, role: teamMembers.role })
    .from(teamMembers)
    .innerJoin(
      teams,
      and(eq(teams.organizationId, teamMembers.organizationId), eq(teams.id, teamMembers.teamId)),
    )
    .where(
      and(
        isActiveTeam(organizationId),
        eq(teamMembers.organizationId, organizationId),
        eq(teamMembers.email, email),
      ),
    )
    .orderBy(asc(teams.name))
    .all();
}

export function readTeamAdmins(
  db: SqliteConnection,
  { organizationId }: OrganizationContext,
  teamName: string,
): TeamMember[] {
  return db
    .select({
      email: teamMembers.email,
      username: teamMembers.username,
      role: teamMembers.role,
    })
    .from(teamMembers)
    .innerJoin(
      teams,
      and(eq(teams.organizationId, teamMembers.organizationId), eq(teams.id, teamMembers.teamId)),
    )
    .where(and(isActiveTeam(organizationId), eq(teams.name, teamName), eq(teamMembers.role, 'admin')))
    .orderBy(asc(teamMembers.email))
    .all();
}

export function isActiveTeam(organizationId: string | Placeholder): SQL | undefined {
  return and(eq(teams.organizationId, organizationId), isNull(teams.archivedAtMs));
}

/** Matches the teams that the person administers. */
export function isAdministered(
  db: SqliteConnection,
  { organizationId }: OrganizationContext,
  email: string,
): SQL | undefined {
  const organizationAdmin = db
    .select({ email: organizationAdmins.email })
    .from(organizationAdmins)
    .where(and(eq(organizationAdmins.organizationId, organizationId), eq(organizationAdmins.email, email)));
  const ownTeams = db
    .select({ teamId: teamMembers.teamId })
    .from(teamMembers)
    .where(
      and(
        eq(teamMembers.organizationId, organizationId),
        eq(teamMembers.email, email),
        eq(teamMembers.role, 'admin'),
      ),
    );
  return or(exists(organizationAdmin), inArray(teams.id, ownTeams));
}
