import { and, desc, eq, gt, lte } from 'drizzle-orm';
import { type NotificationPayload, notificationSubject } from '../../application/ports/notifications.ts';
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
import { auditEvents, jobs, teams, upstreamCredentials, upstreamRejections } from '../schema/schema.ts';

/** Starts from the keys, of which a team has one at most: SQLite keeps the order of tables in a cross join. */
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
    .crossJoin(teams)
    .where(
      and(
        eq(upstreamCredentials.organizationId, organizationParameter),
        eq(teams.organizationId, upstreamCredentials.organizationId),
        eq(teams.id, upstreamCredentials.teamId),
      ),
    )
    .prepare();

const rejectionRows = (db: SqliteConnection) =>
  db
    .select({
      teamName: teams.name,
      kind: upstreamRejections.kind,
      sinceMs: upstreamRejections.sinceMs,
    })
    .from(upstreamRejections)
    .crossJoin(teams)
    .where(
      and(
        eq(upstreamRejections.organizationId, organizationParameter),
        eq(teams.organizationId, upstreamRejections.organizationId),
        eq(teams.id, upstreamRejections.teamId),
      ),
    )
    .prepare();

const newestAuditEvent = (db: SqliteConnection) =>
  db
    .select({ sequence: auditEvents.sequence })
    .from(auditEvents)
    .where(eq(auditEvents.organizationId, organizationParameter))
    .orderBy(desc(auditEvents.sequence))
    .limit(1)
    .prepare();

export function readUpstreamVersion(db: SqliteConnection, { organizationId }: OrganizationContext): number {
  return db.once(newestAuditEvent).get({ organizationId })?.sequence ?? 0;
}

export function readUpstreamState(
  db: SqliteConnection,
  { organizationId }: OrganizationContext,
): { teamKeys: StoredTeamKey[]; rejections: UpstreamRejection[] } {
  const byTeam = (one: { teamName: string }, other: { teamName: string }) =>
    one.teamName < other.teamName ? -1 : 1;
  return {
    teamKeys: db
      .once(teamKeyRows)
      .all({ organizationId })
      .map(({ archivedAtMs, ...row }) => ({ ...row, isTeamArchived: archivedAtMs !== null }))
      .sort(byTeam),
    rejections: db.once(rejectionRows).all({ organizationId }).sort(byTeam),
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
/** The pause between two messages about one credential. A later one is sent only if the credential is still rejected then. */
const MESSAGE_PAUSE_MS = 10 * 60_000;
/** W&B often rejects the identity tokens of all teams at once; one message names them. */
const GATHER_MS = 15_000;

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
    const about = kind === 'team_key' ? { kind, teamName } : { kind };
    const payload: NotificationPayload = {
      message: 'upstream_rejected',
      ...about,
      to: { email },
      requestId: null,
    };
    const lastAtMs = readLastSentMs(tx, context, payload, sinceMs - MESSAGE_PAUSE_MS);
    const firstAtMs = kind === 'team_key' ? sinceMs : sinceMs + GATHER_MS;
    const atMs = lastAtMs === undefined ? firstAtMs : lastAtMs + MESSAGE_PAUSE_MS;
    enqueueNotification(tx, context, { payload, start: { atMs } });
  }
  return admins;
}

/** Returns when the same message was last sent, between then and now. Reads few rows: only the newest finished jobs. */
function readLastSentMs(
  db: SqliteConnection,
  { organizationId }: OrganizationContext,
  payload: NotificationPayload,
  afterMs: number,
): number | undefined {
  const sent = db
    .select({ finishedAtMs: jobs.finishedAtMs })
    .from(jobs)
    .where(
      and(
        eq(jobs.organizationId, organizationId),
        gt(jobs.finishedAtMs, afterMs),
        lte(jobs.finishedAtMs, afterMs + MESSAGE_PAUSE_MS),
        eq(jobs.kind, 'notification'),
        eq(jobs.subject, notificationSubject(payload)),
      ),
    )
    .orderBy(desc(jobs.finishedAtMs))
    .limit(1)
    .get();
  return sent?.finishedAtMs ?? undefined;
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
