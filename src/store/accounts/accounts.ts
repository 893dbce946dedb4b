import { and, eq, gt, inArray, isNull, ne, or, type SQL } from 'drizzle-orm';
import type { NewNotification } from '../../application/ports/job-store.ts';
import { hasEnded, type LifecycleState, statesBefore } from '../../domain/accounts/lifecycle.ts';
import type { ServiceAccount } from '../../domain/accounts/service-account.ts';
import type { AuditEvent } from '../../domain/audit/audit-event.ts';
import { showEnded } from '../care/ended-account.ts';
import type { OrganizationContext, SqliteConnection, WriteContext } from '../database/connection.ts';
import { enqueueNotification } from '../jobs/notifications.ts';
import { cancelRotationsOf } from '../keys/new-rotations.ts';
import { apiKeys, collections, serviceAccounts, teams } from '../schema/schema.ts';
import { accountColumns, teamOfAccount, toServiceAccount } from './account-row.ts';

export function readAccount(
  db: SqliteConnection,
  context: OrganizationContext,
  accountId: string,
): ServiceAccount | undefined {
  const account = readAnyAccount(db, context, accountId);
  const wasActive = account !== undefined && account.state !== 'provisioning' && account.state !== 'failed';
  return wasActive ? account : undefined;
}

export function readAnyAccount(
  db: SqliteConnection,
  { organizationId }: OrganizationContext,
  accountId: string,
): ServiceAccount | undefined {
  const row = db
    .select(accountColumns)
    .from(serviceAccounts)
    .innerJoin(teams, teamOfAccount)
    .where(isAccount(organizationId, accountId))
    .get();
  return row && toServiceAccount(row);
}

export function readState(
  db: SqliteConnection,
  { organizationId }: OrganizationContext,
  accountId: string,
): LifecycleState | undefined {
  const isThis = isAccount(organizationId, accountId);
  return db.select({ state: serviceAccounts.state }).from(serviceAccounts).where(isThis).get()?.state;
}

/**
 * Changes the state of an account.
 *
 * @throws Error if the lifecycle doesn't allow it: a bug
 */
export function setState(
  tx: SqliteConnection,
  { organizationId }: OrganizationContext,
  accountId: string,
  state: LifecycleState,
  nowMs: number,
): void {
  const changed = tx
    .update(serviceAccounts)
    .set({ state, ...(hasEnded(state) && { revokedAtMs: nowMs }) })
    .where(and(isAccount(organizationId, accountId), inArray(serviceAccounts.state, statesBefore(state))))
    .run();
  if (changed.changes !== 1) throw new Error(`The account ${accountId} can't become ${state}.`);
}

function isAccount(organizationId: string, accountId: string): SQL | undefined {
  return and(eq(serviceAccounts.organizationId, organizationId), eq(serviceAccounts.id, accountId));
}

export function revokeAccount(
  tx: SqliteConnection,
  context: WriteContext,
  accountId: string,
  nowMs: number,
  auditEvent: AuditEvent,
  notifications: readonly NewNotification[] = [],
  onlyKeyId?: string | null,
): 'revoked' | 'already_revoked' | 'not_found' | 'has_other_keys' {
  const account = readAccount(tx, context, accountId);
  if (account === undefined) return 'not_found';
  if (account.state === 'revoked') return 'already_revoked';
  if (onlyKeyId !== undefined && hasOtherKeys(tx, context, { accountId, onlyKeyId, nowMs })) {
    return 'has_other_keys';
  }
  setState(tx, context, accountId, 'revoked', nowMs);
  endAccount(tx, context, accountId, nowMs);
  context.appendAudit(auditEvent);
  for (const notification of notifications) enqueueNotification(tx, context, notification);
  return 'revoked';
}

function hasOtherKeys(
  tx: SqliteConnection,
  { organizationId }: WriteContext,
  { accountId, onlyKeyId, nowMs }: { accountId: string; onlyKeyId: string | null; nowMs: number },
): boolean {
  const other = tx
    .select({ keyId: apiKeys.keyId })
    .from(apiKeys)
    .where(
      and(
        eq(apiKeys.organizationId, organizationId),
        eq(apiKeys.accountId, accountId),
        onlyKeyId === null ? undefined : ne(apiKeys.keyId, onlyKeyId),
        isNull(apiKeys.revokedAtMs),
        or(isNull(apiKeys.expiresAtMs), gt(apiKeys.expiresAtMs, nowMs)),
      ),
    )
    .limit(1)
    .get();
  return other !== undefined;
}

/** Revokes the keys of an account, closes its collections, also one whose key is being created, and updates its cards. */
export function endAccount(
  tx: SqliteConnection,
  context: WriteContext,
  accountId: string,
  nowMs: number,
): void {
  const { organizationId } = context;
  cancelRotationsOf(tx, context, accountId, nowMs);
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
    .where(
      and(
        eq(collections.organizationId, organizationId),
        eq(collections.accountId, accountId),
        // Also while a key is being created: that attempt is abandoned with the account.
        inArray(collections.state, ['open', 'collecting']),
      ),
    )
    .run();
  showEnded(tx, context, accountId, nowMs);
}
