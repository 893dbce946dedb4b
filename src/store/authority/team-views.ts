import { and, asc, count, eq, gt, isNotNull, isNull, type SQL, sql } from 'drizzle-orm';
import type {
  AuthorityStore,
  ListPart,
  QueueLengths,
  RunTarget,
} from '../../application/ports/authority-store.ts';
import type { JobKind } from '../../application/ports/job-store.ts';
import { normalizeEmailAddress } from '../../domain/organization/person.ts';
import type { TeamMember } from '../../domain/organization/team.ts';
import {
  type OrganizationContext,
  organizationParameter,
  type SqliteConnection,
} from '../database/connection.ts';
import { readJobCounts } from '../jobs/job-lists.ts';
import { isActiveTeam } from '../organization/teams.ts';
import { hasNotEnded } from '../schema/accounts.ts';
import { isOpen } from '../schema/deliveries.ts';
import {
  collections,
  jobs,
  projects,
  serverAccounts,
  serviceAccounts,
  teamMembers,
  teams,
} from '../schema/schema.ts';

const memberColumns = { email: teamMembers.email, username: teamMembers.username, role: teamMembers.role };

type RequestedRun = Parameters<AuthorityStore['runTarget']>[0];

export function readTeam(
  db: SqliteConnection,
  { organizationId }: OrganizationContext,
  name: string,
): { id: string; name: string } | undefined {
  return db.once(teamByName).get({ organizationId, name });
}

const teamByName = (db: SqliteConnection) =>
  db
    .select({ id: teams.id, name: teams.name })
    .from(teams)
    .where(and(isActiveTeam(organizationParameter), eq(teams.name, sql.placeholder('name'))))
    .prepare();

const teamAndProject = (db: SqliteConnection) =>
  db
    .select({
      teamId: teams.id,
      project: {
        name: projects.name,
        visibility: projects.visibility,
        serviceAccounts: projects.serviceAccounts,
      },
    })
    .from(teams)
    .leftJoin(
      projects,
      and(
        eq(projects.organizationId, teams.organizationId),
        eq(projects.teamId, teams.id),
        eq(projects.name, sql.placeholder('projectName')),
      ),
    )
    .where(and(isActiveTeam(organizationParameter), eq(teams.name, sql.placeholder('teamName'))))
    .prepare();

const memberByEmail = (db: SqliteConnection) =>
  memberWhere(db, eq(teamMembers.email, sql.placeholder('email')));

const memberByUsername = (db: SqliteConnection) =>
  memberWhere(db, eq(teamMembers.username, sql.placeholder('username')));

function memberWhere(db: SqliteConnection, which: SQL) {
  return db
    .select(memberColumns)
    .from(teamMembers)
    .where(
      and(
        eq(teamMembers.organizationId, organizationParameter),
        eq(teamMembers.teamId, sql.placeholder('teamId')),
        which,
      ),
    )
    .prepare();
}

/** Every request of the gateway calls it, so it is one statement unless the run names a member. */
export function readRunTarget(
  db: SqliteConnection,
  { organizationId }: OrganizationContext,
  { teamName, projectName, username, email }: RequestedRun,
): RunTarget | undefined {
  const found = db.once(teamAndProject).get({ organizationId, teamName, projectName });
  if (found === undefined) return undefined;
  const inTeam = { organizationId, teamId: found.teamId };
  const address = email === undefined ? undefined : normalizeEmailAddress(email);
  const namedMember =
    (address === undefined ? undefined : db.once(memberByEmail).get({ ...inTeam, email: address })) ??
    (username === undefined ? undefined : db.once(memberByUsername).get({ ...inTeam, username }));
  return { teamName, project: found.project ?? undefined, namedMember };
}

export function readTeamPeople(
  db: SqliteConnection,
  { organizationId }: OrganizationContext,
  teamId: string,
  { after, limit }: ListPart,
): TeamMember[] {
  return db
    .select(memberColumns)
    .from(teamMembers)
    .where(
      and(
        eq(teamMembers.organizationId, organizationId),
        eq(teamMembers.teamId, teamId),
        after === undefined ? undefined : gt(teamMembers.email, after),
      ),
    )
    .orderBy(asc(teamMembers.email))
    .limit(limit)
    .all();
}

export function readTeamServiceAccounts(
  db: SqliteConnection,
  { organizationId }: OrganizationContext,
  teamId: string,
  { after, limit }: ListPart,
): { id: string; name: string }[] {
  return db
    .select({ id: serviceAccounts.id, name: serviceAccounts.name })
    .from(serviceAccounts)
    .where(
      and(
        eq(serviceAccounts.organizationId, organizationId),
        eq(serviceAccounts.teamId, teamId),
        eq(serviceAccounts.state, 'active'),
        hasNotEnded,
        after === undefined ? undefined : gt(serviceAccounts.name, after),
      ),
    )
    .orderBy(asc(serviceAccounts.name))
    .limit(limit)
    .all();
}

export function readQueueLengths(
  db: SqliteConnection,
  { organizationId }: OrganizationContext,
): QueueLengths {
  const lengthOf = (found: { length: number } | undefined) => found?.length ?? 0;
  const ofKind = (kind: JobKind) =>
    lengthOf(
      db
        .select({ length: count() })
        .from(jobs)
        .where(and(eq(jobs.organizationId, organizationId), eq(jobs.kind, kind), isNull(jobs.finishedAtMs)))
        .get(),
    );
  return {
    ...readJobCounts(db, { organizationId }),
    deliveries: ofKind('delivery'),
    collections: lengthOf(
      db
        .select({ length: count() })
        .from(collections)
        .where(and(eq(collections.organizationId, organizationId), isOpen))
        .get(),
    ),
    operations: ofKind('server_account'),
    serverAccountsNeedingAdmin: lengthOf(
      db
        .select({ length: count() })
        .from(jobs)
        .innerJoin(
          serverAccounts,
          and(eq(serverAccounts.organizationId, jobs.organizationId), eq(serverAccounts.id, jobs.subject)),
        )
        .where(
          and(
            eq(jobs.organizationId, organizationId),
            eq(jobs.kind, 'server_account' satisfies JobKind),
            isNull(jobs.finishedAtMs),
            isNotNull(serverAccounts.problem),
            isNull(serverAccounts.goneAtMs),
          ),
        )
        .get(),
    ),
  };
}
