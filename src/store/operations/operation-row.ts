import { and, eq, type SQL } from 'drizzle-orm';
import {
  type BackendOperation,
  type EndingKind,
  type HeldOperation,
  STALLED_ENDINGS,
} from '../../application/ports/operation-store.ts';
import { type AccountRow, accountColumns, teamOfAccount, toServiceAccount } from '../accounts/account-row.ts';
import type { OrganizationContext, SqliteConnection } from '../database/connection.ts';
import { isUnderWay } from '../schema/operations.ts';
import { backendOperations, serviceAccounts, teams } from '../schema/schema.ts';

export type OperationRow = typeof backendOperations.$inferSelect;

/** The columns of an operation whose ending the person must still be notified of. */
export const NOTIFICATION_PENDING = { toldAtMs: null, tellingTries: 0, tellingFromMs: 0 } as const;

/** Selects operations with their accounts, whatever the accounts' state. */
export function selectOperations(db: SqliteConnection) {
  return db
    .select({ operation: backendOperations, account: accountColumns })
    .from(backendOperations)
    .innerJoin(
      serviceAccounts,
      and(
        eq(serviceAccounts.organizationId, backendOperations.organizationId),
        eq(serviceAccounts.id, backendOperations.accountId),
      ),
    )
    .innerJoin(teams, teamOfAccount);
}

export function isOperation(organizationId: string, operationId: string): SQL | undefined {
  return and(eq(backendOperations.organizationId, organizationId), eq(backendOperations.id, operationId));
}

/** Matches an operation that is under way and whose lease the caller holds. */
export function isHeld(
  organizationId: string,
  { operationId, leaseUntilMs }: HeldOperation,
): SQL | undefined {
  return and(
    isOperation(organizationId, operationId),
    isUnderWay,
    eq(backendOperations.leaseUntilMs, leaseUntilMs),
  );
}

/**
 * Returns the columns that queue the notification of an ending. An operation that had ended and was reopened because of a
 * late effect has notified its person already; a stall is followed by the final ending.
 */
export function endingColumns(
  { ending: previous }: Pick<OperationRow, 'ending'>,
  ending: EndingKind | undefined,
): Partial<OperationRow> {
  const hasNotified = previous !== null && !isStalled(previous);
  return hasNotified ? {} : { ending: ending ?? null, ...NOTIFICATION_PENDING };
}

export function isStalled(ending: EndingKind | null): boolean {
  return STALLED_ENDINGS.some((stalled) => stalled === ending);
}

/** Returns undefined if the operation has ended or another process holds it. */
export function readHeld(
  tx: SqliteConnection,
  { organizationId }: OrganizationContext,
  held: HeldOperation,
): OperationRow | undefined {
  return tx.select().from(backendOperations).where(isHeld(organizationId, held)).get();
}

export function toOperation({
  operation,
  account,
}: {
  operation: OperationRow;
  account: AccountRow;
}): BackendOperation {
  const { id, kind, membersBefore, isAbandoned, leaseUntilMs, tries, requestId } = operation;
  return {
    id,
    kind,
    account: toServiceAccount(account),
    person: { slackUserId: operation.slackUserId, email: operation.email },
    membersBefore,
    memberId: operation.memberId ?? undefined,
    clientId: operation.clientId ?? undefined,
    isAbandoned,
    needsManualAction: isStalled(operation.ending),
    leaseUntilMs,
    tries,
    collectionId: operation.collectionId ?? undefined,
    requestId,
  };
}
