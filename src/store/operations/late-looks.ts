import { and, asc, eq, lte, ne, or, sql } from 'drizzle-orm';
import type { BackendOperation, OperationStore } from '../../application/ports/operation-store.ts';
import { nextLateCheckMs } from '../../domain/backoff.ts';
import type { OrganizationContext, SqliteConnection, WriteContext } from '../database/connection.ts';
import { backendOperations, serviceAccounts } from '../schema/schema.ts';
import { isOperation, selectOperations, toOperation, UNTOLD } from './operation-row.ts';

export function readDueLateLooks(
  db: SqliteConnection,
  { organizationId }: OrganizationContext,
  nowMs: number,
  { limit }: { limit: number },
) {
  return selectOperations(db)
    .where(
      and(eq(backendOperations.organizationId, organizationId), lte(backendOperations.lookFromMs, nowMs)),
    )
    .orderBy(asc(backendOperations.lookFromMs), asc(backendOperations.id))
    .limit(limit)
    .all();
}

/** The transaction must hold the write lock from its start, so that no two take the same. */
export function claimLateChecks(
  tx: SqliteConnection,
  context: OrganizationContext,
  nowMs: number,
  options: { limit: number },
): BackendOperation[] {
  const { organizationId } = context;
  return readDueLateLooks(tx, context, nowMs, options).map((row) => {
    const { id, endedAtMs } = row.operation;
    const lookFromMs = endedAtMs === null ? undefined : nextLateCheckMs(endedAtMs, nowMs);
    tx.update(backendOperations)
      .set({ lookFromMs: lookFromMs ?? null })
      .where(isOperation(organizationId, id))
      .run();
    return toOperation(row);
  });
}

type Named = Parameters<OperationStore['createdUnderName']>[0];

/** Also of accounts that are revoked or failed: one that was read a moment ago may be gone since. */
export function readMadeUnderName(
  db: SqliteConnection,
  { organizationId }: OrganizationContext,
  { teamId, name, exceptOperationId }: Named,
): { memberIds: string[]; isUnderWay: boolean } {
  const isNamed = and(
    eq(serviceAccounts.organizationId, organizationId),
    eq(serviceAccounts.teamId, teamId),
    eq(serviceAccounts.name, name),
  );
  const accounts = db
    .select({ memberId: serviceAccounts.backendMemberId })
    .from(serviceAccounts)
    .where(isNamed)
    .all();
  const operations = selectOperations(db).where(isNamed).all();
  const ids = [...accounts, ...operations.map(({ operation }) => operation)].map(({ memberId }) => memberId);
  return {
    memberIds: [...new Set(ids.filter((id) => id !== null))],
    isUnderWay: operations.some(
      ({ operation: { id, state } }) => state === 'under_way' && id !== exceptOperationId,
    ),
  };
}

type Late = Parameters<OperationStore['recordLateEffect']>[0];

export function recordLateEffect(
  tx: SqliteConnection,
  { organizationId, appendAudit }: WriteContext,
  { operationId, auditEvent }: Late,
): boolean {
  const noted = tx
    .update(backendOperations)
    .set({ ending: 'appeared_late', lookFromMs: null, ...UNTOLD })
    .where(
      and(
        isOperation(organizationId, operationId),
        eq(backendOperations.state, 'failed'),
        or(sql`${backendOperations.ending} is null`, ne(backendOperations.ending, 'appeared_late')),
      ),
    )
    .run();
  if (noted.changes === 0) return false;
  appendAudit(auditEvent);
  return true;
}
