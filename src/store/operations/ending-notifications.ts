import { and, asc, eq, isNotNull, isNull, lte } from 'drizzle-orm';
import type {
  EndingKind,
  EndingNotification,
  OperationStore,
} from '../../application/ports/operation-store.ts';
import { notificationPauseMs } from '../../domain/backoff.ts';
import { toServiceAccount } from '../accounts/account-row.ts';
import type { OrganizationContext, SqliteConnection } from '../database/connection.ts';
import { backendOperations } from '../schema/schema.ts';
import { isOperation, NOTIFICATION_PENDING, type OperationRow, selectOperations } from './operation-row.ts';

export function readDueEndings(
  db: SqliteConnection,
  { organizationId }: OrganizationContext,
  nowMs: number,
  { limit }: { limit: number },
) {
  return (
    selectOperations(db)
      .where(
        and(
          eq(backendOperations.organizationId, organizationId),
          isNotNull(backendOperations.ending),
          isNull(backendOperations.toldAtMs),
          lte(backendOperations.tellingFromMs, nowMs),
        ),
      )
      // Who can't be told must not keep those waiting who have not been tried yet.
      .orderBy(
        asc(backendOperations.tellingFromMs),
        asc(backendOperations.endedAtMs),
        asc(backendOperations.id),
      )
      .limit(limit)
      .all()
  );
}

export function claimEndingNotifications(
  tx: SqliteConnection,
  context: OrganizationContext,
  nowMs: number,
  options: { limit: number },
): EndingNotification[] {
  const { organizationId } = context;
  return readDueEndings(tx, context, nowMs, options).flatMap(({ operation, account }) => {
    const { id: operationId, ending, slackUserId, requestId, tellingTries } = operation;
    if (ending === null) return [];
    tx.update(backendOperations)
      .set({ tellingTries: tellingTries + 1, tellingFromMs: nowMs + notificationPauseMs(tellingTries) })
      .where(isOperation(organizationId, operationId))
      .run();
    return [{ operationId, kind: ending, account: toServiceAccount(account), slackUserId, requestId }];
  });
}

/** An ending that came while this one was told stays to be told. */
export function markEndingNotified(
  tx: SqliteConnection,
  { organizationId }: OrganizationContext,
  { operationId, kind, nowMs }: Parameters<OperationStore['markEndingNotified']>[0],
): void {
  tx.update(backendOperations)
    .set({ toldAtMs: nowMs })
    .where(
      and(
        isOperation(organizationId, operationId),
        eq(backendOperations.ending, kind),
        isNull(backendOperations.toldAtMs),
      ),
    )
    .run();
}

export function queueEndingNotification(
  tx: SqliteConnection,
  { organizationId }: OrganizationContext,
  operationId: string,
): void {
  const isIt = isOperation(organizationId, operationId);
  const operation = tx.select().from(backendOperations).where(isIt).get();
  if (operation === undefined || operation.ending !== null) return;
  const ending = endingOf(operation);
  if (ending !== undefined)
    tx.update(backendOperations)
      .set({ ending, ...NOTIFICATION_PENDING })
      .where(isIt)
      .run();
}

/** Undefined where it goes on, or where what follows it is told anyway: a delivery, or a collection that is open again. */
function endingOf({
  kind,
  state,
  memberId,
  collectionId,
  keyLifetimeDays,
}: OperationRow): EndingKind | undefined {
  if (state !== 'done' && state !== 'failed') return undefined;
  if (kind === 'remove') return state === 'done' ? 'revoked_late' : 'not_revoked';
  if (state === 'done') return keyLifetimeDays === null ? 'created_late' : undefined;
  if (collectionId !== null) return undefined;
  return memberId === null ? 'not_made' : 'removed_again';
}
