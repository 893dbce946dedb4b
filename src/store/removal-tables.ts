import { and, eq } from 'drizzle-orm';
import type {
  BeginRemoval,
  BeginRemovalResult,
  OperationStore,
  ServerIdentity,
} from '../application/ports/operation-store.ts';
import { readAccount, revokeAccount } from './account-tables.ts';
import type { AppendAudit } from './audit-tables.ts';
import { isHeld, isOperation, UNTOLD } from './operation-row.ts';
import type { SqliteConnection } from './sqlite-connection.ts';
import { backendOperations, serviceAccounts } from './sqlite-schema.ts';

export function readServerIdentity(
  db: SqliteConnection,
  organizationId: string,
  accountId: string,
): ServerIdentity | undefined {
  const row = db
    .select({ memberId: serviceAccounts.backendMemberId, clientId: serviceAccounts.backendClientId })
    .from(serviceAccounts)
    .where(and(eq(serviceAccounts.organizationId, organizationId), eq(serviceAccounts.id, accountId)))
    .get();
  return row && { memberId: row.memberId ?? undefined, clientId: row.clientId ?? undefined };
}

/** A removal that is under way already is gone on with: asking the server twice does no harm. */
export function beginRemoval(
  tx: SqliteConnection,
  organizationId: string,
  removal: BeginRemoval,
  appendAudit: AppendAudit,
): BeginRemovalResult {
  const { accountId, nowMs, leaseUntilMs } = removal;
  const account = readAccount(tx, organizationId, accountId);
  if (account === undefined) return { kind: 'not_found' };
  if (account.status === 'revoked') return { kind: 'revoked_before' };
  const server = readServerIdentity(tx, organizationId, accountId) ?? nothing;
  if (server.memberId === undefined && server.clientId === undefined) {
    revokeAccount(tx, organizationId, accountId, nowMs);
    appendAudit(removal.revokedEvent);
    return { kind: 'revoked' };
  }
  const underWay = tx
    .update(backendOperations)
    .set({ leaseUntilMs })
    .where(
      and(
        eq(backendOperations.organizationId, organizationId),
        eq(backendOperations.accountId, accountId),
        eq(backendOperations.kind, 'remove'),
        eq(backendOperations.state, 'under_way'),
      ),
    )
    .returning({ id: backendOperations.id })
    .get();
  const operationId = underWay?.id ?? insertRemoval(tx, organizationId, removal, server);
  appendAudit(removal.auditEvent);
  return { kind: 'begun', operation: { operationId, leaseUntilMs }, server };
}

const nothing: ServerIdentity = { memberId: undefined, clientId: undefined };

function insertRemoval(
  tx: SqliteConnection,
  organizationId: string,
  { operationId, accountId, person, leaseUntilMs, requestId, nowMs }: BeginRemoval,
  server: ServerIdentity,
): string {
  tx.insert(backendOperations)
    .values({
      organizationId,
      id: operationId,
      kind: 'remove',
      accountId,
      ...person,
      membersBefore: [],
      memberId: server.memberId ?? null,
      clientId: server.clientId ?? null,
      state: 'under_way',
      leaseUntilMs,
      requestId,
      beganAtMs: nowMs,
    })
    .run();
  return operationId;
}

type Removed = Parameters<OperationStore['completeRemoval']>[1];

export function completeRemoval(
  tx: SqliteConnection,
  organizationId: string,
  { operationId, ending, nowMs, auditEvent }: Removed,
  appendAudit: AppendAudit,
): 'revoked' | 'revoked_before' {
  const operation = tx
    .update(backendOperations)
    .set({ state: 'done', endedAtMs: nowMs, ending: ending ?? null, ...UNTOLD })
    .where(and(isOperation(organizationId, operationId), eq(backendOperations.state, 'under_way')))
    .returning({ accountId: backendOperations.accountId })
    .get();
  if (operation === undefined) return 'revoked_before';
  const result = revokeAccount(tx, organizationId, operation.accountId, nowMs);
  if (result !== 'revoked') return 'revoked_before';
  appendAudit(auditEvent);
  return 'revoked';
}

type Failed = Parameters<OperationStore['failRemoval']>[1];

export function failRemoval(
  tx: SqliteConnection,
  organizationId: string,
  failed: Failed,
  appendAudit: AppendAudit,
): boolean {
  const { nowMs, ending } = failed;
  const ended = tx
    .update(backendOperations)
    .set({ state: 'failed', endedAtMs: nowMs, ending: ending ?? null, ...UNTOLD })
    .where(isHeld(organizationId, failed))
    .run();
  if (ended.changes === 0) return false;
  appendAudit(failed.auditEvent);
  return true;
}
