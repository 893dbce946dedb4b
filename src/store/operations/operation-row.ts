import { and, eq, type SQL } from 'drizzle-orm';
import {
  type BackendOperation,
  type EndingKind,
  type HeldOperation,
  STALLED_ENDINGS,
} from '../../application/ports/operation-store.ts';
import { type AccountRow, accountColumns, teamOfAccount, toServiceAccount } from '../accounts/account-row.ts';
import type { OrganizationContext, SqliteConnection } from '../database/connection.ts';
import { backendOperations, serviceAccounts, teams } from '../schema/schema.ts';

export type OperationRow = typeof backendOperations.$inferSelect;

/** Operations with their accounts, in whatever state these are. */
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

/** Under way, and in the hands of whoever asks. */
export function isHeld(
  organizationId: string,
  { operationId, leaseUntilMs }: HeldOperation,
): SQL | undefined {
  return and(
    isOperation(organizationId, operationId),
    eq(backendOperations.state, 'under_way'),
    eq(backendOperations.leaseUntilMs, leaseUntilMs),
  );
}

/**
 * What the person hears of an operation that ends. One that ended before, and was opened again for what came late, has been
 * told; that one takes long is followed by how it ended.
 */
export function endingColumns(
  { ending: before }: Pick<OperationRow, 'ending'>,
  ending: EndingKind | undefined,
): Partial<OperationRow> {
  const isOver = before !== null && !isStalled(before);
  return isOver ? {} : { ending: ending ?? null, ...NOTIFICATION_PENDING };
}

export function isStalled(ending: EndingKind | null): boolean {
  return STALLED_ENDINGS.some((stalled) => stalled === ending);
}

export const NOTIFICATION_PENDING = { toldAtMs: null, tellingTries: 0, tellingFromMs: 0 } as const;

/** Undefined where somebody else has it meanwhile, or it has ended. */
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
