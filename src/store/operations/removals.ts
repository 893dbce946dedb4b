import { and, eq } from 'drizzle-orm';
import type {
  BeginRemoval,
  BeginRemovalResult,
  OperationStore,
  ServerIdentity,
} from '../../application/ports/operation-store.ts';
import { readAccount, setAccountRevoked } from '../accounts/accounts.ts';
import type { OrganizationContext, SqliteConnection, WriteContext } from '../database/connection.ts';
import { backendOperations, serviceAccounts } from '../schema/schema.ts';
import { isHeld, isOperation, NOTIFICATION_PENDING } from './operation-row.ts';

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

/** A removal that is under way already is gone on with: asking the server twice does no harm. */
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
        eq(backendOperations.state, 'under_way'),
      ),
    )
    .returning({ id: backendOperations.id })
    .get();
  const operationId = underWay?.id ?? insertRemoval(tx, context, removal, server);
  appendAudit(removal.auditEvent);
  return { kind: 'begun', operation: { operationId, leaseUntilMs }, server };
}

const NOT_ON_SERVER: ServerIdentity = { memberId: undefined, clientId: undefined };

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
  { operationId, server, ending, nowMs, auditEvent }: CompletedRemoval,
): 'revoked' | 'already_revoked' | 'recreated' {
  const { organizationId, appendAudit } = context;
  const isIt = and(isOperation(organizationId, operationId), eq(backendOperations.kind, 'remove'));
  const operation = tx.select().from(backendOperations).where(isIt).get();
  if (operation === undefined) return 'already_revoked';
  const { accountId } = operation;
  const isActive = readAccount(tx, context, accountId)?.status === 'active';
  const own = readServerIdentity(tx, context, accountId) ?? NOT_ON_SERVER;
  // What was removed must be the account as it is now: a key of another one may be in somebody's hands.
  if (isActive && isOnServer(own) && !isSame(own, server)) {
    tx.update(backendOperations)
      .set({ ...toColumns(own), state: 'under_way', leaseUntilMs: nowMs, endedAtMs: null })
      .where(isIt)
      .run();
    return 'recreated';
  }
  // Also one that somebody else had a no for: the server has done it for this one.
  if (isActive || operation.state === 'under_way') {
    tx.update(backendOperations)
      .set({ state: 'done', endedAtMs: nowMs, ending: ending ?? null, ...NOTIFICATION_PENDING })
      .where(isIt)
      .run();
  }
  if (setAccountRevoked(tx, context, accountId, nowMs) !== 'revoked') return 'already_revoked';
  appendAudit(auditEvent);
  return 'revoked';
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
