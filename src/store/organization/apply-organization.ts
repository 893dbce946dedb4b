import { isDeepStrictEqual } from 'node:util';
import { and, eq, sql } from 'drizzle-orm';
import type { ApplyOrganizationResult } from '../../application/ports/store.ts';
import {
  type CurrentOrganization,
  type DesiredOrganization,
  type DesiredTeam,
  type OrganizationChange,
  organizationChanges,
  teamsOfSlack,
} from '../../domain/organization/organization-changes.ts';
import type { TeamMember, TeamOrigin } from '../../domain/organization/team.ts';
import type { OrganizationContext, SqliteConnection, WriteContext } from '../database/connection.ts';
import { issuers, organizationAdmins, projects, teamMembers, teams } from '../schema/schema.ts';
import { forgetIssuerKeySet, readIssuer, readRegisteredIssuers, saveIssuerOrder } from './issuers.ts';
import { readOrganizationAdmins } from './organizations.ts';
import { readOrganizationPolicy, writeOrganizationPolicy } from './policies.ts';

type AdminChange = Extract<OrganizationChange, { action: `organization_admin.${string}` }>;

type IssuerChange = Extract<OrganizationChange, { action: `issuer.${string}` }>;

/** Applies the difference to the desired organization, with an audit event per change. */
export function applyOrganization(
  tx: SqliteConnection,
  context: WriteContext,
  desired: DesiredOrganization,
  nowMs: number,
): ApplyOrganizationResult {
  const teamRows = readTeamRows(tx, context);
  const current = readCurrent(tx, context, teamRows);
  const ofSlack = teamsOfSlack(current.teams, desired);
  if (ofSlack.length > 0) return { changes: 0, ofSlack };
  const changes = organizationChanges(current, desired);
  const teamIds = new Map(teamRows.map(({ name, id }) => [name, id]));
  const write = createChangeWriter(tx, context, teamIds, nowMs);
  for (const change of changes) {
    write(change);
    const { action, subject, details } = change;
    const actor = { type: 'system', name: 'teams-file' } as const;
    context.appendAudit({ atMs: nowMs, actor, action, subject, details, requestId: null });
  }
  if (!desired.isWithoutFile) {
    saveIssuerOrder(
      tx,
      context,
      desired.issuers.map(({ url }) => url),
    );
  }
  return { changes: changes.length };
}

function readTeamRows(tx: SqliteConnection, { organizationId }: OrganizationContext) {
  return tx.select().from(teams).where(eq(teams.organizationId, organizationId)).all();
}

function readCurrent(
  tx: SqliteConnection,
  context: OrganizationContext,
  teamRows: ReturnType<typeof readTeamRows>,
): CurrentOrganization {
  const { organizationId } = context;
  const members = Map.groupBy(
    tx.select().from(teamMembers).where(eq(teamMembers.organizationId, organizationId)).all(),
    (row) => row.teamId,
  );
  const ownProjects = Map.groupBy(
    tx.select().from(projects).where(eq(projects.organizationId, organizationId)).all(),
    (row) => row.teamId,
  );
  return {
    admins: readOrganizationAdmins(tx, context),
    policy: readOrganizationPolicy(tx, context),
    issuers: readRegisteredIssuers(tx, context),
    teams: teamRows.map(({ id, name, subjects, archivedAtMs, origin, policy, channel }) => ({
      name,
      subjects,
      origin,
      ...(policy !== null && { policy }),
      ...(channel !== null && { channel }),
      members: members.get(id) ?? [],
      projects: ownProjects.get(id) ?? [],
      isArchived: archivedAtMs !== null,
    })),
  };
}

export function createChangeWriter(
  tx: SqliteConnection,
  context: WriteContext,
  teamIds: Map<string, string>,
  nowMs: number,
): (change: OrganizationChange) => void {
  const members = createMemberWriter(tx, context);
  const teamWriter = createTeamWriter(tx, context, nowMs);
  const idOf = (name: string) => knownTeam(teamIds, name);
  return (change) => {
    switch (change.action) {
      case 'organization_admin.added':
      case 'organization_admin.removed':
        return writeAdmin(tx, context, change, nowMs);
      case 'organization.changed':
        return writeOrganizationPolicy(tx, context, change.policy);
      case 'issuer.added':
      case 'issuer.changed':
      case 'issuer.removed':
        return writeIssuer(tx, context, change, nowMs);
      case 'team.created':
        teamIds.set(change.team.name, context.newId('team'));
        return teamWriter.create(idOf(change.team.name), change.team, change.origin ?? 'file');
      case 'team.changed':
        return teamWriter.change(idOf(change.team.name), change.team);
      case 'team.archived':
        return teamWriter.archive(idOf(change.teamName), nowMs);
      case 'team.restored':
        return teamWriter.archive(idOf(change.teamName), null);
      case 'team.moved':
        return teamWriter.move(idOf(change.teamName), change.origin);
      case 'team_member.added':
      case 'team_member.changed':
        return members.put({ teamId: idOf(change.teamName), ...change.member });
      case 'team_member.removed':
        return members.remove({ teamId: idOf(change.teamName), email: change.email });
    }
  };
}

/** Prepares its statements once: an organization may have tens of thousands of members. */
function createMemberWriter(tx: SqliteConnection, { organizationId }: OrganizationContext) {
  const put = tx
    .insert(teamMembers)
    .values({
      organizationId,
      teamId: sql.placeholder('teamId'),
      email: sql.placeholder('email'),
      username: sql.placeholder('username'),
      role: sql.placeholder('role'),
    })
    .onConflictDoUpdate({
      target: [teamMembers.organizationId, teamMembers.teamId, teamMembers.email],
      set: { username: sql`excluded.username`, role: sql`excluded.role` },
    })
    .prepare();
  const remove = tx
    .delete(teamMembers)
    .where(
      and(
        eq(teamMembers.organizationId, organizationId),
        eq(teamMembers.teamId, sql.placeholder('teamId')),
        eq(teamMembers.email, sql.placeholder('email')),
      ),
    )
    .prepare();
  return {
    put: (member: TeamMember & { teamId: string }) => void put.run({ ...member }),
    remove: (member: { teamId: string; email: string }) => void remove.run(member),
  };
}

function writeAdmin(
  tx: SqliteConnection,
  { organizationId }: OrganizationContext,
  { action, email }: AdminChange,
  nowMs: number,
): void {
  if (action === 'organization_admin.added') {
    tx.insert(organizationAdmins).values({ organizationId, email, addedAtMs: nowMs }).run();
    return;
  }
  tx.delete(organizationAdmins)
    .where(and(eq(organizationAdmins.organizationId, organizationId), eq(organizationAdmins.email, email)))
    .run();
}

/** Deletes the stored keys too, which were fetched under other rules, unless only the lifetime of JWTs changed. */
function writeIssuer(
  tx: SqliteConnection,
  context: OrganizationContext,
  { action, issuer }: IssuerChange,
  nowMs: number,
): void {
  const { organizationId } = context;
  const { url, ca = null, jwks = null, jwksUrl = null, ...same } = issuer;
  const written = { ...same, ca, jwks, jwksUrl, removedAtMs: action === 'issuer.removed' ? nowMs : null };
  const before = readIssuer(tx, context, url);
  tx.insert(issuers)
    .values({ organizationId, url, addedAtMs: nowMs, ...written })
    .onConflictDoUpdate({ target: [issuers.organizationId, issuers.url], set: written })
    .run();
  const { maxLifetimeSeconds } = issuer;
  const isSameSource = before !== undefined && isDeepStrictEqual({ ...before, maxLifetimeSeconds }, issuer);
  if (action === 'issuer.removed' || !isSameSource) forgetIssuerKeySet(tx, context, url);
}

function createTeamWriter(tx: SqliteConnection, { organizationId }: OrganizationContext, nowMs: number) {
  const insertTeam = tx
    .insert(teams)
    .values({
      organizationId,
      id: sql.placeholder('id'),
      name: sql.placeholder('name'),
      subjects: sql.placeholder('subjects'),
      origin: sql.placeholder('origin'),
      createdAtMs: nowMs,
    })
    .prepare();
  const insertProject = tx
    .insert(projects)
    .values({
      organizationId,
      teamId: sql.placeholder('teamId'),
      name: sql.placeholder('name'),
      visibility: sql.placeholder('visibility'),
      serviceAccounts: sql.placeholder('serviceAccounts'),
    })
    .prepare();
  const addProjects = (teamId: string, team: DesiredTeam) => {
    for (const project of team.projects) insertProject.run({ teamId, ...project });
  };
  // A placeholder of a JSON column would write null as text.
  const setRules = (id: string, { policy, channel }: DesiredTeam) =>
    tx
      .update(teams)
      .set({ policy: policy ?? null, channel: channel ?? null })
      .where(and(eq(teams.organizationId, organizationId), eq(teams.id, id)))
      .run();
  return {
    create(id: string, team: DesiredTeam, origin: TeamOrigin): void {
      insertTeam.run({ id, name: team.name, subjects: team.subjects, origin });
      if (team.policy !== undefined || team.channel !== undefined) setRules(id, team);
      addProjects(id, team);
    },
    change(id: string, team: DesiredTeam): void {
      tx.update(teams)
        .set({ subjects: team.subjects })
        .where(and(eq(teams.organizationId, organizationId), eq(teams.id, id)))
        .run();
      setRules(id, team);
      tx.delete(projects)
        .where(and(eq(projects.organizationId, organizationId), eq(projects.teamId, id)))
        .run();
      addProjects(id, team);
    },
    move(id: string, origin: TeamOrigin): void {
      tx.update(teams)
        .set({ origin })
        .where(and(eq(teams.organizationId, organizationId), eq(teams.id, id)))
        .run();
    },
    archive(id: string, archivedAtMs: number | null): void {
      tx.update(teams)
        .set({ archivedAtMs })
        .where(and(eq(teams.organizationId, organizationId), eq(teams.id, id)))
        .run();
    },
  };
}

function knownTeam(teamIds: ReadonlyMap<string, string>, name: string): string {
  const id = teamIds.get(name);
  if (id === undefined) throw new Error(`A change refers to the team ${name} before it is created.`);
  return id;
}
