import { and, asc, count, eq, isNull } from 'drizzle-orm';
import type { QueueLengths, RunTarget, TeamView } from '../../application/ports/authority-store.ts';
import { normalizeEmailAddress } from '../../domain/organization/person.ts';
import type { TeamMember } from '../../domain/organization/team.ts';
import { accountColumns, teamOfAccount, toServiceAccount } from '../accounts/account-row.ts';
import type { OrganizationContext, SqliteConnection } from '../database/connection.ts';
import { readJobCounts } from '../jobs/jobs.ts';
import { isActiveTeam } from '../organization/teams.ts';
import {
  backendOperations,
  collections,
  deliveries,
  projects,
  serviceAccounts,
  teamMembers,
  teams,
} from '../schema/schema.ts';

const memberColumns = { email: teamMembers.email, username: teamMembers.username, role: teamMembers.role };

function readTeamId(
  db: SqliteConnection,
  { organizationId }: OrganizationContext,
  name: string,
): string | undefined {
  return db
    .select({ id: teams.id })
    .from(teams)
    .where(and(isActiveTeam(organizationId), eq(teams.name, name)))
    .get()?.id;
}

export function readRunTarget(
  db: SqliteConnection,
  context: OrganizationContext,
  requested: { teamName: string; projectName: string; username?: string; email?: string },
): RunTarget | undefined {
  const { organizationId } = context;
  const { teamName, projectName, username, email } = requested;
  const teamId = readTeamId(db, context, teamName);
  if (teamId === undefined) return undefined;
  const project = db
    .select({
      name: projects.name,
      visibility: projects.visibility,
      serviceAccounts: projects.serviceAccounts,
    })
    .from(projects)
    .where(
      and(
        eq(projects.organizationId, organizationId),
        eq(projects.teamId, teamId),
        eq(projects.name, projectName),
      ),
    )
    .get();
  const member = (which: ReturnType<typeof eq>): TeamMember | undefined =>
    db
      .select(memberColumns)
      .from(teamMembers)
      .where(and(eq(teamMembers.organizationId, organizationId), eq(teamMembers.teamId, teamId), which))
      .get();
  const address = email === undefined ? undefined : normalizeEmailAddress(email);
  const namedMember =
    (address === undefined ? undefined : member(eq(teamMembers.email, address))) ??
    (username === undefined ? undefined : member(eq(teamMembers.username, username)));
  return { teamName, project, namedMember };
}

export function readTeamView(
  db: SqliteConnection,
  context: OrganizationContext,
  teamName: string,
): TeamView | undefined {
  const { organizationId } = context;
  const id = readTeamId(db, context, teamName);
  if (id === undefined) return undefined;
  const members = db
    .select(memberColumns)
    .from(teamMembers)
    .where(and(eq(teamMembers.organizationId, organizationId), eq(teamMembers.teamId, id)))
    .orderBy(asc(teamMembers.email))
    .all();
  const accounts = db
    .select(accountColumns)
    .from(serviceAccounts)
    .innerJoin(teams, teamOfAccount)
    .where(
      and(
        eq(serviceAccounts.organizationId, organizationId),
        eq(serviceAccounts.teamId, id),
        eq(serviceAccounts.state, 'active'),
        isNull(serviceAccounts.revokedAtMs),
      ),
    )
    .orderBy(asc(serviceAccounts.name))
    .all();
  return { id, name: teamName, members, serviceAccounts: accounts.map(toServiceAccount) };
}

export function readQueueLengths(
  db: SqliteConnection,
  { organizationId }: OrganizationContext,
): QueueLengths {
  const lengthOf = (found: { length: number } | undefined) => found?.length ?? 0;
  return {
    ...readJobCounts(db, { organizationId }),
    deliveries: lengthOf(
      db
        .select({ length: count() })
        .from(deliveries)
        .where(and(eq(deliveries.organizationId, organizationId), eq(deliveries.state, 'sending')))
        .get(),
    ),
    collections: lengthOf(
      db
        .select({ length: count() })
        .from(collections)
        .where(and(eq(collections.organizationId, organizationId), eq(collections.state, 'open')))
        .get(),
    ),
    operations: lengthOf(
      db
        .select({ length: count() })
        .from(backendOperations)
        .where(
          and(eq(backendOperations.organizationId, organizationId), eq(backendOperations.state, 'under_way')),
        )
        .get(),
    ),
  };
}
