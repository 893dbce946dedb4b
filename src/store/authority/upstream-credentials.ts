import { and, asc, eq } from 'drizzle-orm';
import type { NotificationPayload } from '../../application/ports/notifications.ts';
import type {
  NewTeamKey,
  StoredTeamKey,
  UpstreamCredentialKind,
  UpstreamRejection,
  UpstreamStore,
} from '../../application/ports/upstream-store.ts';
import type { AuditEvent } from '../../domain/audit/audit-event.ts';
import {
  type OrganizationContext,
  organizationParameter,
  type SqliteConnection,
  type WriteContext,
} from '../database/connection.ts';
import { enqueueNotification } from '../jobs/notifications.ts';
import { readOrganizationAdmins } from '../organization/organizations.ts';
import { readActiveTeam } from '../organization/teams.ts';
import { teams, upstreamCredentials, upstreamRejections } from '../schema/schema.ts';

const teamKeyRows = (db: SqliteConnection) =>
  db
    .select({
      id: upstreamCredentials.id,
      teamName: teams.name,
      archivedAtMs: teams.archivedAtMs,
      owner: upstreamCredentials.owner,
      isWider: upstreamCredentials.isWider,
      storedAtMs: upstreamCredentials.storedAtMs,
    })
    .from(upstreamCredentials)
    .innerJoin(
      teams,
      and(
        eq(teams.organizationId, upstreamCredentials.organizationId),
        eq(teams.id, upstreamCredentials.teamId),
      ),
    )
    .where(eq(upstreamCredentials.organizationId, organizationParameter))
    .orderBy(asc(teams.name))
    .prepare();

const rejectionRows = (db: SqliteConnection) =>
  db
    .select({
      teamName: teams.name,
      kind: upstreamRejections.kind,
      sinceMs: upstreamRejections.sinceMs,
    })
    .from(upstreamRejections)
    .innerJoin(
      teams,
      and(
        eq(teams.organizationId, upstreamRejections.organizationId),
        eq(teams.id, upstreamRejections.teamId),
      ),
    )
    .where(eq(upstreamRejections.organizationId, organizationParameter))
    .orderBy(asc(teams.name), asc(upstreamRejections.kind))
    .prepare();

export function readUpstreamState(
  db: SqliteConnection,
  { organizationId }: OrganizationContext,
): { teamKeys: StoredTeamKey[]; rejections: UpstreamRejection[] } {
  return {
    teamKeys: db
      .once(teamKeyRows)
      .all({ organizationId })
      .map(({ archivedAtMs, ...row }) => ({ ...row, isTeamArchived: archivedAtMs !== null })),
    rejections: db.once(rejectionRows).all({ organizationId }),
  };
}

export function readSealedTeamKey(
  db: SqliteConnection,
  { organizationId }: OrganizationContext,
  id: string,
): string | undefined {
  return db
    .select({ sealed: upstreamCredentials.sealed })
    .from(upstreamCredentials)
    .where(and(eq(upstreamCredentials.organizationId, organizationId), eq(upstreamCredentials.id, id)))
    .get()?.sealed;
}

export function saveTeamKey(
  tx: SqliteConnection,
  context: WriteContext,
  { teamName, ...row }: NewTeamKey,
  auditEventOf: (action: 'added' | 'replaced') => AuditEvent,
): 'added' | 'replaced' | 'no_team' {
  const { organizationId } = context;
  const team = readActiveTeam(tx, context, teamName);
  if (team === undefined) return 'no_team';
  const { changes } = deleteTeamKey(tx, context, team.id);
  tx.insert(upstreamCredentials)
    .values({ organizationId, teamId: team.id, ...row })
    .run();
  const action = changes === 0 ? 'added' : 'replaced';
  context.appendAudit(auditEventOf(action));
  return action;
}

export function removeTeamKey(
  tx: SqliteConnection,
  context: WriteContext,
  teamName: string,
  auditEvent: AuditEvent,
): 'removed' | 'not_found' {
  const { organizationId } = context;
  const team = tx
    .select({ id: teams.id })
    .from(teams)
    .where(and(eq(teams.organizationId, organizationId), eq(teams.name, teamName)))
    .get();
  if (team === undefined || deleteTeamKey(tx, context, team.id).changes === 0) return 'not_found';
  context.appendAudit(auditEvent);
  return 'removed';
}

function deleteTeamKey(tx: SqliteConnection, context: OrganizationContext, teamId: string) {
  tx.delete(upstreamRejections)
    .where(isRejection(context, teamId, 'team_key'))
    .run();
  return tx.delete(upstreamCredentials).where(isTeamKey(context, teamId)).run();
}

function isTeamKey({ organizationId }: OrganizationContext, teamId: string) {
  return and(eq(upstreamCredentials.organizationId, organizationId), eq(upstreamCredentials.teamId, teamId));
}

function isRejection({ organizationId }: OrganizationContext, teamId: string, kind: UpstreamCredentialKind) {
  return and(
    eq(upstreamRejections.organizationId, organizationId),
    eq(upstreamRejections.teamId, teamId),
    eq(upstreamRejections.kind, kind),
  );
}

/** Bounds the messages of one rejection. */
const MAX_RECIPIENTS = 20;

export function recordUpstreamRejection(
  tx: SqliteConnection,
  context: WriteContext,
  { teamName, kind, sinceMs, teamKeyId }: Parameters<UpstreamStore['recordUpstreamRejection']>[0],
  auditEvent: AuditEvent,
): string[] | undefined {
  const { organizationId } = context;
  const team = readActiveTeam(tx, context, teamName);
  if (team === undefined) return undefined;
  const stored = tx
    .select({ id: upstreamCredentials.id })
    .from(upstreamCredentials)
    .where(isTeamKey(context, team.id))
    .get();
  // The rejection of a key that was replaced or removed meanwhile says nothing about what is used now.
  if (stored?.id !== teamKeyId) return undefined;
  const { changes } = tx
    .insert(upstreamRejections)
    .values({ organizationId, teamId: team.id, kind, sinceMs })
    .onConflictDoNothing()
    .run();
  if (changes === 0) return undefined;
  context.appendAudit(auditEvent);
  const admins = readOrganizationAdmins(tx, context).slice(0, MAX_RECIPIENTS);
  for (const email of admins) {
    const payload: NotificationPayload = {
      message: 'upstream_rejected',
      teamName,
      kind,
      to: { email },
      requestId: null,
    };
    enqueueNotification(tx, context, { payload, start: { atMs: sinceMs } });
  }
  return admins;
}

export function recordUpstreamRecovery(
  tx: SqliteConnection,
  context: WriteContext,
  { teamName, kind }: Pick<UpstreamRejection, 'teamName' | 'kind'>,
  auditEvent: AuditEvent,
): boolean {
  const team = readActiveTeam(tx, context, teamName);
  if (team === undefined) return false;
  const { changes } = tx
    .delete(upstreamRejections)
    .where(isRejection(context, team.id, kind))
    .run();
  if (changes === 0) return false;
  context.appendAudit(auditEvent);
  return true;
}
