import { and, eq, isNull, sql } from 'drizzle-orm';
import type { EditAccount } from '../../application/accounts/revocation/account-store.ts';
import { showUnowned } from '../care/unowned-card.ts';
import type { SqliteConnection, WriteContext } from '../database/connection.ts';
import { enqueueNotification } from '../jobs/notifications.ts';
import { serviceAccounts } from '../schema/schema.ts';

export function editAccount(
  tx: SqliteConnection,
  context: WriteContext,
  { accountId, before, after, nowMs, auditEvent, notifications }: EditAccount,
): boolean {
  const { organizationId } = context;
  const isMoved = before.contact !== after.contact;
  const edited = tx
    .update(serviceAccounts)
    .set({
      purpose: after.purpose ?? null,
      usedBy: after.usedBy ?? null,
      contact: after.contact,
      ...(isMoved && {
        unownedSinceMs: null,
        takenOverFrom: sql`case when ${serviceAccounts.unownedSinceMs} is not null then ${before.contact} end`,
      }),
    })
    .where(
      and(
        eq(serviceAccounts.organizationId, organizationId),
        eq(serviceAccounts.id, accountId),
        eq(serviceAccounts.state, 'active'),
        isOrNull(serviceAccounts.purpose, before.purpose),
        isOrNull(serviceAccounts.usedBy, before.usedBy),
        eq(serviceAccounts.contact, before.contact),
      ),
    )
    .returning({ teamId: serviceAccounts.teamId })
    .get();
  if (edited === undefined) return false;
  context.appendAudit(auditEvent);
  for (const notification of notifications) enqueueNotification(tx, context, notification);
  if (isMoved) showUnowned(tx, context, { contact: before.contact, teamId: edited.teamId }, nowMs);
  return true;
}

type TextColumn = typeof serviceAccounts.purpose | typeof serviceAccounts.usedBy;

function isOrNull(column: TextColumn, value: string | undefined) {
  return value === undefined ? isNull(column) : eq(column, value);
}
