import { and, asc, count, eq, ne } from 'drizzle-orm';
import { type KeyedPage, pageAfter } from '../../application/teams/pages.ts';
import type { EditTeamResult, ManagedTeam } from '../../application/teams/team-store.ts';
import type { AuditActor } from '../../domain/audit/audit-event.ts';
import type { TeamMember } from '../../domain/organization/team.ts';
import { decideTeamEdit, type TeamEdit } from '../../domain/organization/team-edits.ts';
import type { OrganizationContext, SqliteConnection, WriteContext } from '../database/connection.ts';
import { projects, teamMembers, teams } from '../schema/schema.ts';
import { createChangeWriter } from './apply-organization.ts';
import { readOrganizationPolicy } from './policies.ts';

export function readManagedTeams(
  db: SqliteConnection,
  { organizationId }: OrganizationContext,
  page: { after: string; size: number },
): KeyedPage<ManagedTeam> & { total: number } {
  const rows = db.select().from(teams).where(eq(teams.organizationId, organizationId)).all();
  const keyOf = ({ archivedAtMs, name }: (typeof rows)[number]) => `${archivedAtMs === null ? 0 : 1}${name}`;
  const sorted = rows.sort((one, other) => (keyOf(one) < keyOf(other) ? -1 : 1));
  const { items, ...others } = pageAfter(sorted, keyOf, page);
  return {
    items: items.map((row) => toManagedTeam(row, countMembers(db, organizationId, row.id))),
    ...others,
    total: rows.length,
  };
}

function countMembers(db: SqliteConnection, organizationId: string, teamId: string): number {
  const row = db.select({ members: count() }).from(teamMembers).where(isOfTeam(organizationId, teamId)).get();
  return row?.members ?? 0;
}

function isOfTeam(organizationId: string, teamId: string) {
  return and(eq(teamMembers.organizationId, organizationId), eq(teamMembers.teamId, teamId));
}

function toManagedTeam(
  { name, origin, archivedAtMs, subjects, policy, channel }: typeof teams.$inferSelect,
  memberCount: number,
): ManagedTeam {
  return {
    name,
    origin,
    isArchived: archivedAtMs !== null,
    subjects,
    ...(policy !== null && { policy }),
    ...(channel !== null && { channel }),
    memberCount,
  };
}

export function readManagedTeam(
  db: SqliteConnection,
  context: OrganizationContext,
  teamName: string,
): (ManagedTeam & { members: TeamMember[] }) | undefined {
  const found = readTeamWithMembers(db, context, teamName);
  return found && { ...toManagedTeam(found.row, found.members.length), members: found.members };
}

function readTeamWithMembers(
  db: SqliteConnection,
  { organizationId }: OrganizationContext,
  teamName: string,
) {
  const row = db
    .select()
    .from(teams)
    .where(and(eq(teams.organizationId, organizationId), eq(teams.name, teamName)))
    .get();
  if (row === undefined) return undefined;
  const members = db
    .select({ email: teamMembers.email, username: teamMembers.username, role: teamMembers.role })
    .from(teamMembers)
    .where(isOfTeam(organizationId, row.id))
    .orderBy(asc(teamMembers.email))
    .all();
  return { row, members };
}

/** A team that was in the teams file may have some, which stay. */
function readProjects(db: SqliteConnection, { organizationId }: OrganizationContext, teamId: string) {
  return db
    .select({
      name: projects.name,
      visibility: projects.visibility,
      serviceAccounts: projects.serviceAccounts,
    })
    .from(projects)
    .where(and(eq(projects.organizationId, organizationId), eq(projects.teamId, teamId)))
    .all();
}

export function readUsername(
  db: SqliteConnection,
  { organizationId }: OrganizationContext,
  email: string,
): string | undefined {
  return db
    .select({ username: teamMembers.username })
    .from(teamMembers)
    .where(and(eq(teamMembers.organizationId, organizationId), eq(teamMembers.email, email)))
    .limit(1)
    .get()?.username;
}

/** A username belongs to one person, in all teams. */
function isUsernameTaken(
  tx: SqliteConnection,
  { organizationId }: OrganizationContext,
  edit: TeamEdit,
): boolean {
  if (edit.kind !== 'create' && edit.kind !== 'set_member') return false;
  const { email, username } = edit.kind === 'create' ? edit.admin : edit.member;
  const ofOther = and(
    eq(teamMembers.organizationId, organizationId),
    eq(teamMembers.username, username),
    ne(teamMembers.email, email),
  );
  return (
    tx.select({ email: teamMembers.email }).from(teamMembers).where(ofOther).limit(1).get() !== undefined
  );
}

export function editTeam(
  tx: SqliteConnection,
  context: WriteContext,
  edit: TeamEdit,
  { actor, nowMs, requestId }: { actor: AuditActor; nowMs: number; requestId: string },
): EditTeamResult {
  const found = readTeamWithMembers(tx, context, edit.name);
  const decision = decideTeamEdit(
    found && {
      ...toManagedTeam(found.row, found.members.length),
      members: found.members,
      projects: readProjects(tx, context, found.row.id),
    },
    edit,
    readOrganizationPolicy(tx, context),
    isUsernameTaken(tx, context, edit),
  );
  if (!decision.ok) return decision;
  const teamIds = new Map(found ? [[found.row.name, found.row.id]] : []);
  const write = createChangeWriter(tx, context, teamIds, nowMs);
  for (const change of decision.changes) {
    write(change);
    const { action, subject, details } = change;
    context.appendAudit({ atMs: nowMs, actor, action, subject, details, requestId });
  }
  return { ok: true, changes: decision.changes.length };
}
