import { and, asc, eq, isNotNull, lt, lte, ne, or, sql } from 'drizzle-orm';
import {
  type BackendOperation,
  OPERATION_LEASE_MS,
  type OperationStore,
} from '../../application/ports/operation-store.ts';
import {
  LAST_LATE_CHECK_AFTER_MS,
  LONGEST_PAUSE_MS,
  nextLateCheckMs,
  retryPauseMs,
} from '../../domain/backoff.ts';
import type { OrganizationContext, SqliteConnection, WriteContext } from '../database/connection.ts';
import { isFarAhead } from '../database/far-ahead.ts';
import { isUnderWay } from '../schema/operations.ts';
import { backendOperations } from '../schema/schema.ts';
import {
  isHeld,
  isOperation,
  isStalled,
  NOTIFICATION_PENDING,
  readHeld,
  selectOperations,
  toOperation,
} from './operation-row.ts';

export function readLapsedOperations(
  db: SqliteConnection,
  { organizationId }: OrganizationContext,
  nowMs: number,
  { limit }: { limit: number },
): BackendOperation[] {
  return selectOperations(db)
    .where(
      and(
        eq(backendOperations.organizationId, organizationId),
        isUnderWay,
        or(
          lt(backendOperations.leaseUntilMs, nowMs),
          isFarAhead(backendOperations.leaseUntilMs, nowMs, LONGEST_PAUSE_MS),
          and(
            eq(backendOperations.tries, 0),
            isFarAhead(backendOperations.leaseUntilMs, nowMs, OPERATION_LEASE_MS),
          ),
        ),
      ),
    )
    .orderBy(asc(backendOperations.leaseUntilMs), asc(backendOperations.id))
    .limit(limit)
    .all()
    .map(toOperation);
}

export function claimLapsedOperations(
  tx: SqliteConnection,
  context: OrganizationContext,
  nowMs: number,
  options: { limit: number },
): BackendOperation[] {
  const { organizationId } = context;
  const leaseUntilMs = nowMs + OPERATION_LEASE_MS;
  return readLapsedOperations(tx, context, nowMs, options).map((operation) => {
    const tries = operation.tries + 1;
    tx.update(backendOperations)
      .set({ leaseUntilMs, tries })
      .where(isOperation(organizationId, operation.id))
      .run();
    return { ...operation, leaseUntilMs, tries };
  });
}

type Postponed = Parameters<OperationStore['postponeOperation']>[0];

export function postponeOperation(tx: SqliteConnection, context: WriteContext, held: Postponed): void {
  const { organizationId, appendAudit } = context;
  const operation = readHeld(tx, context, held);
  if (operation === undefined) return;
  // Notifies once, also if the operation had ended and was reopened because of a late effect.
  const { nowMs, stalled } = held;
  const isFirstStall = stalled !== undefined && !isStalled(operation.ending);
  tx.update(backendOperations)
    .set({
      leaseUntilMs: nowMs + retryPauseMs(Math.max(operation.tries - 1, 0)),
      ...(isFirstStall && { ending: stalled.ending, ...NOTIFICATION_PENDING }),
    })
    .where(isHeld(organizationId, held))
    .run();
  if (isFirstStall) appendAudit(stalled.auditEvent);
}

export function readDueLateChecks(
  db: SqliteConnection,
  { organizationId }: OrganizationContext,
  nowMs: number,
  { limit }: { limit: number },
) {
  return selectOperations(db)
    .where(
      and(
        eq(backendOperations.organizationId, organizationId),
        // SQLite doesn't see that the next condition implies this one, which the index has.
        isNotNull(backendOperations.lookFromMs),
        or(
          lte(backendOperations.lookFromMs, nowMs),
          isFarAhead(backendOperations.lookFromMs, nowMs, LAST_LATE_CHECK_AFTER_MS),
        ),
      ),
    )
    .orderBy(asc(backendOperations.lookFromMs), asc(backendOperations.id))
    .limit(limit)
    .all();
}

export function claimLateChecks(
  tx: SqliteConnection,
  context: OrganizationContext,
  nowMs: number,
  options: { limit: number },
): BackendOperation[] {
  const { organizationId } = context;
  return readDueLateChecks(tx, context, nowMs, options).map((row) => {
    const { id, endedAtMs } = row.operation;
    const lookFromMs = endedAtMs === null ? undefined : nextLateCheckMs(endedAtMs, nowMs);
    tx.update(backendOperations)
      .set({ lookFromMs: lookFromMs ?? null })
      .where(isOperation(organizationId, id))
      .run();
    return toOperation(row);
  });
}

type LateEffect = Parameters<OperationStore['recordLateEffect']>[0];

export function recordLateEffect(
  tx: SqliteConnection,
  { organizationId, appendAudit }: WriteContext,
  { operationId, auditEvent }: LateEffect,
): boolean {
  const recorded = tx
    .update(backendOperations)
    .set({ ending: 'appeared_late', lookFromMs: null, ...NOTIFICATION_PENDING })
    .where(
      and(
        isOperation(organizationId, operationId),
        eq(backendOperations.state, 'failed'),
        or(sql`${backendOperations.ending} is null`, ne(backendOperations.ending, 'appeared_late')),
      ),
    )
    .run();
  if (recorded.changes === 0) return false;
  appendAudit(auditEvent);
  return true;
}
