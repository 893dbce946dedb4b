import { and, eq, isNull } from 'drizzle-orm';
import type { NewNotification } from '../../application/ports/job-store.ts';
import type { ServiceAccount } from '../../domain/accounts/service-account.ts';
import type { AuditEvent } from '../../domain/audit/audit-event.ts';
import type { OrganizationContext, SqliteConnection, WriteContext } from '../database/connection.ts';
import { enqueueNotification } from '../jobs/notifications.ts';
import { isOpen } from '../schema/deliveries.ts';
import { apiKeys, collections, serviceAccounts, teams } from '../schema/schema.ts';
import { accountColumns, teamOfAccount, toServiceAccount } from './account-row.ts';

export function readAccount(
  db: SqliteConnection,
  { organizationId }: OrganizationContext,
  accountId: string,
): ServiceAccount | undefined {
  const row = db
    .select(accountColumns)
    .from(serviceAccounts)
    .innerJoin(teams, teamOfAccount)
    .where(
      and(
        eq(serviceAccounts.organizationId, organizationId),
        eq(serviceAccounts.id, accountId),
        eq(serviceAccounts.state, 'active'),
      ),
    )
    .get();
  return row && toServiceAccount(row);
}

export function revokeAccount(
  tx: SqliteConnection,
  context: WriteContext,
  accountId: string,
  nowMs: number,
  auditEvent: AuditEvent,
  notifications: readonly NewNotification[] = [],
): AccountRevocation {
  const result = setAccountRevoked(tx, context, accountId, nowMs);
  if (result !== 'revoked') return result;
  context.appendAudit(auditEvent);
  for (const notification of notifications) enqueueNotification(tx, context, notification);
  return result;
}

type AccountRevocation = 'revoked' | 'already_revoked' | 'not_found';

/** Revokes the account and its keys, and closes its collections. The caller appends the audit event. */
export function setAccountRevoked(
  tx: SqliteConnection,
  context: OrganizationContext,
  accountId: string,
  nowMs: number,
): AccountRevocation {
  const { organizationId } = context;
  const account = readAccount(tx, context, accountId);
  if (account === undefined) return 'not_found';
  if (account.status === 'revoked') return 'already_revoked';
  tx.update(serviceAccounts)
    .set({ revokedAtMs: nowMs })
    .where(and(eq(serviceAccounts.organizationId, organizationId), eq(serviceAccounts.id, accountId)))
    .run();
  tx.update(apiKeys)
    .set({ revokedAtMs: nowMs })
    .where(
      and(
        eq(apiKeys.organizationId, organizationId),
        eq(apiKeys.accountId, accountId),
        isNull(apiKeys.revokedAtMs),
      ),
    )
    .run();
  tx.update(collections)
    .set({ state: 'closed' })
    .where(and(eq(collections.organizationId, organizationId), eq(collections.accountId, accountId), isOpen))
    .run();
  return 'revoked';
}
