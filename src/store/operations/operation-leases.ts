import { and, asc, eq, isNotNull, lte, ne, or, sql } from 'drizzle-orm';
import {
  type BackendOperation,
  OPERATION_LEASE_MS,
  type OperationStore,
} from '../../application/ports/operation-store.ts';
import { LAST_LATE_CHECK_AFTER_MS, nextLateCheckMs, retryPauseMs } from '../../domain/backoff.ts';
import {
  nowParameter,
  type OrganizationContext,
  organizationParameter,
  type SqliteConnection,
  type WriteContext,
} from '../database/connection.ts';
import { isFarAhead, isLeaseOver } from '../database/far-ahead.ts';
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

const lapsedOperations = (db: SqliteConnection) =>
  selectOperations(db)
    .where(
      and(
        eq(backendOperations.organizationId, organizationParameter),
        isUnderWay,
        isLeaseOver(
          { leaseUntilMs: backendOperations.leaseUntilMs, attempts: backendOperations.tries },
          nowParameter,
          OPERATION_LEASE_MS,
        ),
      ),
    )
    .orderBy(asc(backendOperations.leaseUntilMs), asc(backendOperations.id))
    .limit(sql.placeholder('limit'))
    .prepare();

export function readLapsedOperations(
  db: SqliteConnection,
  { organizationId }: OrganizationContext,
  nowMs: number,
  { limit }: { limit: number },
): BackendOperation[] {
  return db.once(lapsedOperations).all({ organizationId, nowMs, limit }).map(toOperation);
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

const dueLateChecks = (db: SqliteConnection) =>
  selectOperations(db)
    .where(
      and(
        eq(backendOperations.organizationId, organizationParameter),
        // SQLite doesn't see that the next condition implies this one, which the index has.
        isNotNull(backendOperations.lookFromMs),
        or(
          lte(backendOperations.lookFromMs, nowParameter),
          isFarAhead(backendOperations.lookFromMs, nowParameter, LAST_LATE_CHECK_AFTER_MS),
        ),
      ),
    )
    .orderBy(asc(backendOperations.lookFromMs), asc(backendOperations.id))
    .limit(sql.placeholder('limit'))
    .prepare();

export function readDueLateChecks(
  db: SqliteConnection,
  { organizationId }: OrganizationContext,
  nowMs: number,
  { limit }: { limit: number },
) {
  return db.once(dueLateChecks).all({ organizationId, nowMs, limit });
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
