import { and, eq, sql } from 'drizzle-orm';
import { type DirectMessageKind, isDirectMessageKind } from '../../application/home/direct-messages.ts';
import type { AuditEvent } from '../../domain/audit/audit-event.ts';
import {
  type OrganizationContext,
  organizationParameter,
  type SqliteConnection,
  type WriteContext,
} from '../database/connection.ts';
import { personSettings } from '../schema/schema.ts';

const settingsOfPerson = (db: SqliteConnection) =>
  db
    .select({ muted: personSettings.muted })
    .from(personSettings)
    .where(
      and(
        eq(personSettings.organizationId, organizationParameter),
        eq(personSettings.slackUserId, sql.placeholder('slackUserId')),
      ),
    )
    .prepare();

export function readHasOpenedHome(
  db: SqliteConnection,
  { organizationId }: OrganizationContext,
  slackUserId: string,
): boolean {
  return db.once(settingsOfPerson).get({ organizationId, slackUserId }) !== undefined;
}

export function recordHomeOpened(
  tx: SqliteConnection,
  { organizationId }: OrganizationContext,
  slackUserId: string,
): void {
  tx.insert(personSettings).values({ organizationId, slackUserId, muted: [] }).onConflictDoNothing().run();
}

export function readMutedMessages(
  db: SqliteConnection,
  { organizationId }: OrganizationContext,
  slackUserId: string,
): DirectMessageKind[] {
  const muted = db.once(settingsOfPerson).get({ organizationId, slackUserId })?.muted ?? [];
  // A later version may have stored kinds that this one doesn't know.
  return muted.filter(isDirectMessageKind);
}

export function muteMessages(
  tx: SqliteConnection,
  context: WriteContext,
  slackUserId: string,
  muted: readonly DirectMessageKind[],
  auditEvent: AuditEvent,
): boolean {
  const before = readMutedMessages(tx, context, slackUserId);
  if (before.length === muted.length && before.every((kind) => muted.includes(kind))) return false;
  const { organizationId } = context;
  tx.insert(personSettings)
    .values({ organizationId, slackUserId, muted: [...muted] })
    .onConflictDoUpdate({
      target: [personSettings.organizationId, personSettings.slackUserId],
      set: { muted: [...muted] },
    })
    .run();
  context.appendAudit(auditEvent);
  return true;
}
