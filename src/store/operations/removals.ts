import { and, eq } from 'drizzle-orm';
import type {
  BeginRemoval,
  BeginRemovalResult,
  OperationStore,
  ServerIdentity,
} from '../../application/ports/operation-store.ts';
import { readAccount, setAccountRevoked } from '../accounts/accounts.ts';
import type { OrganizationContext, SqliteConnection, WriteContext } from '../database/connection.ts';
import { enqueueNotification } from '../jobs/notifications.ts';
import { isUnderWay } from '../schema/operations.ts';
import { backendOperations, serviceAccounts } from '../schema/schema.ts';
import { isHeld, isOperation, NOTIFICATION_PENDING } from './operation-row.ts';

const NOT_ON_SERVER: ServerIdentity = { memberId: undefined, clientId: undefined };

/** Takes over a removal that is under way: a second call to the server does no harm. */
export function beginRemoval(
  tx: SqliteConnection,
  context: WriteContext,
  removal: BeginRemoval,
): BeginRemovalResult {
  const { organizationId, appendAudit } = context;
  const { accountId, nowMs, leaseUntilMs } = removal;
  const account = readAccount(tx, context, accountId);
  if (account === undefined) return { kind: 'not_found' };
  if (account.status === 'revoked') return { kind: 'already_revoked' };
  const server = readServerIdentity(tx, context, accountId) ?? NOT_ON_SERVER;
  if (!isOnServer(server)) {
    setAccountRevoked(tx, context, accountId, nowMs);
    appendAudit(removal.revokedEvent);
    if (removal.notification !== undefined) enqueueNotification(tx, context, removal.notification);
    return { kind: 'revoked' };
  }
  const underWay = tx
    .update(backendOperations)
    .set({ leaseUntilMs, ...toColumns(server) })
    .where(
      and(
        eq(backendOperations.organizationId, organizationId),
        eq(backendOperations.accountId, accountId),
        eq(backendOperations.kind, 'remove'),
        isUnderWay,
      ),
    )
    .returning({ id: backendOperations.id })
    .get();
  const operationId = underWay?.id ?? insertRemoval(tx, context, removal, server);
  appendAudit(removal.auditEvent);
  return { kind: 'begun', operation: { operationId, leaseUntilMs }, server };
}

function insertRemoval(
  tx: SqliteConnection,
  { organizationId }: OrganizationContext,
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
      ...toColumns(server),
      state: 'under_way',
      leaseUntilMs,
      requestId,
      beganAtMs: nowMs,
    })
    .run();
  return operationId;
}

type CompletedRemoval = Parameters<OperationStore['completeRemoval']>[0];

export function completeRemoval(
  tx: SqliteConnection,
  context: WriteContext,
  { operationId, server, ending, nowMs, auditEvent, notification }: CompletedRemoval,
): 'revoked' | 'already_revoked' | 'recreated' {
  const { organizationId, appendAudit } = context;
  const isRemoval = and(isOperation(organizationId, operationId), eq(backendOperations.kind, 'remove'));
  const operation = tx.select().from(backendOperations).where(isRemoval).get();
  if (operation === undefined) return 'already_revoked';
  const { accountId } = operation;
  const isActive = readAccount(tx, context, accountId)?.status === 'active';
  const current = readServerIdentity(tx, context, accountId) ?? NOT_ON_SERVER;
  // A newer account may exist on the server, with a key in use. It must be removed too before this one counts as revoked.
  if (isActive && isOnServer(current) && !isSame(current, server)) {
    tx.update(backendOperations)
      .set({ ...toColumns(current), state: 'under_way', leaseUntilMs: nowMs, endedAtMs: null })
      .where(isRemoval)
      .run();
    return 'recreated';
  }
  // Also completes a removal that another process recorded as refused: this one succeeded.
  if (isActive || operation.state === 'under_way') {
    tx.update(backendOperations)
      .set({ state: 'done', endedAtMs: nowMs, ending: ending ?? null, ...NOTIFICATION_PENDING })
      .where(isRemoval)
      .run();
  }
  if (setAccountRevoked(tx, context, accountId, nowMs) !== 'revoked') return 'already_revoked';
  appendAudit(auditEvent);
  if (notification !== undefined) enqueueNotification(tx, context, notification);
  return 'revoked';
}

function readServerIdentity(
  db: SqliteConnection,
  { organizationId }: OrganizationContext,
  accountId: string,
): ServerIdentity | undefined {
  const row = db
    .select({ memberId: serviceAccounts.backendMemberId, clientId: serviceAccounts.backendClientId })
    .from(serviceAccounts)
    .where(and(eq(serviceAccounts.organizationId, organizationId), eq(serviceAccounts.id, accountId)))
    .get();
  return row && { memberId: row.memberId ?? undefined, clientId: row.clientId ?? undefined };
}

function isOnServer({ memberId, clientId }: ServerIdentity): boolean {
  return memberId !== undefined || clientId !== undefined;
}

function isSame(one: ServerIdentity, other: ServerIdentity): boolean {
  return one.memberId === other.memberId && one.clientId === other.clientId;
}

function toColumns({ memberId, clientId }: ServerIdentity) {
  return { memberId: memberId ?? null, clientId: clientId ?? null };
}

type FailedRemoval = Parameters<OperationStore['failRemoval']>[0];

export function failRemoval(
  tx: SqliteConnection,
  { organizationId, appendAudit }: WriteContext,
  failed: FailedRemoval,
): boolean {
  const { nowMs, ending } = failed;
  const ended = tx
    .update(backendOperations)
    .set({ state: 'failed', endedAtMs: nowMs, ending: ending ?? null, ...NOTIFICATION_PENDING })
    .where(isHeld(organizationId, failed))
    .run();
  if (ended.changes === 0) return false;
  appendAudit(failed.auditEvent);
  return true;
}
