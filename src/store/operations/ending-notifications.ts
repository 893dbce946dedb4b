import { and, asc, eq, isNotNull, isNull, lte, or, sql } from 'drizzle-orm';
import type {
  EndingKind,
  EndingNotification,
  OperationStore,
} from '../../application/ports/operation-store.ts';
import { LONGEST_PAUSE_MS, notificationPauseMs } from '../../domain/backoff.ts';
import { toServiceAccount } from '../accounts/account-row.ts';
import {
  nowParameter,
  type OrganizationContext,
  organizationParameter,
  type SqliteConnection,
} from '../database/connection.ts';
import { isFarAhead } from '../database/far-ahead.ts';
import { backendOperations } from '../schema/schema.ts';
import { isOperation, NOTIFICATION_PENDING, type OperationRow, selectOperations } from './operation-row.ts';

const dueEndings = (db: SqliteConnection) =>
  selectOperations(db)
    .where(
      and(
        eq(backendOperations.organizationId, organizationParameter),
        isNotNull(backendOperations.ending),
        isNull(backendOperations.toldAtMs),
        or(
          lte(backendOperations.tellingFromMs, nowParameter),
          isFarAhead(backendOperations.tellingFromMs, nowParameter, LONGEST_PAUSE_MS),
        ),
      ),
    )
    // People who can't be notified must not delay those who haven't been tried yet.
    .orderBy(
      asc(backendOperations.tellingFromMs),
      asc(backendOperations.endedAtMs),
      asc(backendOperations.id),
    )
    .limit(sql.placeholder('limit'))
    .prepare();

export function readDueEndings(
  db: SqliteConnection,
  { organizationId }: OrganizationContext,
  nowMs: number,
  { limit }: { limit: number },
) {
  return db.once(dueEndings).all({ organizationId, nowMs, limit });
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

/** Leaves an ending that was written during the notification to be notified next. */
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
  const isThis = isOperation(organizationId, operationId);
  const operation = tx.select().from(backendOperations).where(isThis).get();
  if (operation === undefined || operation.ending !== null) return;
  const ending = endingOf(operation);
  if (ending === undefined) return;
  tx.update(backendOperations)
    .set({ ending, ...NOTIFICATION_PENDING })
    .where(isThis)
    .run();
}

/** Returns undefined while the operation goes on, and if a delivery or a reopened collection notifies the person anyway. */
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
