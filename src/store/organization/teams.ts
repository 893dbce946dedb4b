import { and, asc, eq, isNull, type Placeholder, type SQL, sql } from 'drizzle-orm';
import type { Role, Team, TeamAccess, TeamMember } from '../../domain/organization/team.ts';
import {
  type OrganizationContext,
  organizationParameter,
  type SqliteConnection,
} from '../database/connection.ts';
import { organizationAdmins, teamMembers, teams } from '../schema/schema.ts';
import { isTeamAdmin } from '../schema/teams.ts';

export const teamColumns = {
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

export function readActiveTeam(
  db: SqliteConnection,
  { organizationId }: OrganizationContext,
  name: string,
): Team | undefined {
  return db.once(activeTeam).get({ organizationId, name });
}

export function readTeamAccess(
  db: SqliteConnection,
  context: OrganizationContext,
  email: string,
  teamName: string,
): TeamAccess | undefined {
  const { organizationId } = context;
  const team = readActiveTeam(db, context, teamName);
  if (team === undefined) return undefined;
  const member = db.once(roleInTeam).get({ organizationId, teamId: team.id, email });
  return { team, role: member?.role, isOrganizationAdmin: readIsOrganizationAdmin(db, context, email) };
}

/** Starts from the person's memberships: SQLite keeps the order of tables in a cross join. */
const teamsOfPerson = (db: SqliteConnection) =>
  db
    .select({ team: teamColumns, role: teamMembers.role })
    .from(teamMembers)
    .crossJoin(teams)
    .where(
      and(
        eq(teamMembers.organizationId, organizationParameter),
        eq(teamMembers.email, sql.placeholder('email')),
        eq(teams.organizationId, teamMembers.organizationId),
        eq(teams.id, teamMembers.teamId),
        isNull(teams.archivedAtMs),
      ),
    )
    .prepare();

export function readTeamsOf(
  db: SqliteConnection,
  { organizationId }: OrganizationContext,
  email: string,
): { team: Team; role: Role }[] {
  const own = db.once(teamsOfPerson).all({ organizationId, email });
  return own.sort((one, other) => (one.team.name < other.team.name ? -1 : 1));
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
    .where(and(isActiveTeam(organizationId), eq(teams.name, teamName), isTeamAdmin))
    .orderBy(asc(teamMembers.email))
    .all();
}

export function isActiveTeam(organizationId: string | Placeholder): SQL | undefined {
  return and(eq(teams.organizationId, organizationId), isNull(teams.archivedAtMs));
}
