import { and, eq } from 'drizzle-orm';
import type { Collection } from '../../application/ports/account-records.ts';
import type {
  CompleteCreation,
  FailCreation,
  OperationStore,
  UndoCreation,
} from '../../application/ports/operation-store.ts';
import { insertSendingKey } from '../accounts/api-keys.ts';
import { openCollection, readCollection, reopenCollection } from '../accounts/collections.ts';
import type { OrganizationContext, SqliteConnection, WriteContext } from '../database/connection.ts';
import { enqueueNotification } from '../jobs/notifications.ts';
import { isSending } from '../schema/deliveries.ts';
import { isUnderWay } from '../schema/operations.ts';
import { backendOperations, deliveries, serviceAccounts, submissions } from '../schema/schema.ts';
import { endingColumns, isHeld, isOperation, type OperationRow, readHeld } from './operation-row.ts';

type RecordedIdentity = Parameters<OperationStore['recordServerIdentity']>[0];

export function recordServerIdentity(
  tx: SqliteConnection,
  { organizationId }: OrganizationContext,
  { operationId, server, leaseUntilMs }: RecordedIdentity,
): 'recorded' | 'reopened' | 'completed' {
  const { memberId = null, clientId = null } = server;
  const underWay = tx
    .update(backendOperations)
    .set({ memberId, clientId })
    .where(and(isOperation(organizationId, operationId), isUnderWay))
    .run();
  if (underWay.changes === 1) return 'recorded';
  const ended = tx.select().from(backendOperations).where(isOperation(organizationId, operationId)).get();
  const isSame = ended?.memberId === memberId || (clientId !== null && ended?.clientId === clientId);
  if (ended?.state === 'done' && isSame) return 'completed';
  tx.update(backendOperations)
    .set({
      memberId,
      clientId,
      state: 'under_way',
      isAbandoned: true,
      leaseUntilMs,
      endedAtMs: null,
      lookFromMs: null,
    })
    .where(isOperation(organizationId, operationId))
    .run();
  return 'reopened';
}

export function completeCreation(
  tx: SqliteConnection,
  context: WriteContext,
  completion: CompleteCreation,
): 'completed' | 'not_held' | 'account_revoked' {
  const { appendAudit } = context;
  const operation = readHeld(tx, context, completion);
  if (operation === undefined || operation.isAbandoned) return 'not_held';
  const { accountId, keyLifetimeDays, collectionId } = operation;
  if (isRevoked(tx, context, accountId)) return 'account_revoked';
  const { memberId = null, clientId = null } = completion.server;
  updateAccount(tx, context, accountId, {
    state: 'active',
    backendMemberId: memberId,
    backendClientId: clientId,
  });
  const { key, nowMs, ending } = completion;
  if (key !== undefined && keyLifetimeDays !== null) {
    const delivery = { ...key.delivery, collectionId: collectionId ?? undefined };
    insertSendingKey(tx, context, accountId, {
      record: key.record,
      lifetimeDays: keyLifetimeDays,
      delivery,
    });
    if (operation.kind === 'create') setSubmittedKey(tx, context, accountId, key.record.keyId);
  }
  end(tx, operation, {
    state: 'done',
    endedAtMs: nowMs,
    memberId,
    clientId,
    ...endingColumns(operation, ending),
  });
  appendAudit(completion.auditEvent);
  if (completion.notification !== undefined) enqueueNotification(tx, context, completion.notification);
  return 'completed';
}

export function abandonCreation(
  tx: SqliteConnection,
  { organizationId, appendAudit }: WriteContext,
  held: Parameters<OperationStore['abandonCreation']>[0],
): boolean {
  const abandoned = tx
    .update(backendOperations)
    .set({ isAbandoned: true })
    .where(isHeld(organizationId, held))
    .run();
  if (abandoned.changes === 0) return false;
  appendAudit(held.auditEvent);
  return true;
}

export function failCreation(tx: SqliteConnection, context: WriteContext, failure: FailCreation): boolean {
  const { appendAudit } = context;
  const operation = readHeld(tx, context, failure);
  if (operation === undefined) return false;
  const { nowMs, state, ending, lookFromMs = null } = failure;
  end(tx, operation, { state, endedAtMs: nowMs, lookFromMs, ...endingColumns(operation, ending) });
  if (operation.collectionId !== null) reopen(tx, operation, operation.collectionId, nowMs);
  else failAccount(tx, operation, nowMs);
  appendAudit(failure.auditEvent);
  return true;
}

/** Does nothing for an operation that had ended and was reopened because of a late effect: its account is settled. */
function failAccount(tx: SqliteConnection, { organizationId, accountId }: OperationRow, nowMs: number): void {
  const failed = tx
    .update(serviceAccounts)
    .set({ state: 'failed', revokedAtMs: nowMs })
    .where(and(isAccount(organizationId, accountId), eq(serviceAccounts.state, 'provisioning')))
    .run();
  if (failed.changes === 0) return;
  tx.delete(submissions)
    .where(and(eq(submissions.organizationId, organizationId), eq(submissions.accountId, accountId)))
    .run();
}

export function undoCreation(
  tx: SqliteConnection,
  context: WriteContext,
  undone: UndoCreation,
): Collection | undefined {
  const { appendAudit } = context;
  const operation = readHeld(tx, context, undone);
  if (operation === undefined || operation.keyLifetimeDays === null) return undefined;
  const { nowMs, newCollection, lookFromMs = null } = undone;
  end(tx, operation, {
    state: 'failed',
    endedAtMs: nowMs,
    lookFromMs,
    ...endingColumns(operation, undefined),
  });
  appendAudit(undone.auditEvent);
  if (operation.collectionId !== null) return reopen(tx, operation, operation.collectionId, nowMs);
  const { accountId, slackUserId, email, keyLifetimeDays } = operation;
  updateAccount(tx, context, accountId, { state: 'active' });
  return openCollection(tx, context, {
    ...newCollection,
    accountId,
    person: { slackUserId, email },
    keyLifetimeDays,
    revokedKeyId: null,
    createdAtMs: nowMs,
  });
}

/** After an operation was reopened because of a late effect, another click may have claimed its collection since. */
function isClaimedElsewhere(
  tx: SqliteConnection,
  context: OrganizationContext,
  collectionId: string,
): boolean {
  const { organizationId } = context;
  if (readCollection(tx, context, collectionId)?.state !== 'collecting') return true;
  const underWay = tx
    .select({ id: backendOperations.id })
    .from(backendOperations)
    .where(
      and(
        eq(backendOperations.organizationId, organizationId),
        eq(backendOperations.collectionId, collectionId),
        isUnderWay,
      ),
    )
    .get();
  const sending = tx
    .select({ id: deliveries.id })
    .from(deliveries)
    .where(
      and(
        eq(deliveries.organizationId, organizationId),
        eq(deliveries.collectionId, collectionId),
        isSending,
      ),
    )
    .get();
  return underWay !== undefined || sending !== undefined;
}

function reopen(
  tx: SqliteConnection,
  operation: OperationRow,
  collectionId: string,
  nowMs: number,
): Collection | undefined {
  if (isClaimedElsewhere(tx, operation, collectionId)) return undefined;
  const isActive = !isRevoked(tx, operation, operation.accountId);
  return reopenCollection(tx, operation, collectionId, { revokedKeyId: null, nowMs, isActive });
}

function end(
  tx: SqliteConnection,
  { organizationId, id }: OperationRow,
  ended: Partial<OperationRow> & Pick<OperationRow, 'state' | 'endedAtMs'>,
): void {
  tx.update(backendOperations).set(ended).where(isOperation(organizationId, id)).run();
}

function isAccount(organizationId: string, accountId: string) {
  return and(eq(serviceAccounts.organizationId, organizationId), eq(serviceAccounts.id, accountId));
}

function isRevoked(
  tx: SqliteConnection,
  { organizationId }: OrganizationContext,
  accountId: string,
): boolean {
  const account = tx
    .select({ revokedAtMs: serviceAccounts.revokedAtMs })
    .from(serviceAccounts)
    .where(isAccount(organizationId, accountId))
    .get();
  return account?.revokedAtMs !== null;
}

function updateAccount(
  tx: SqliteConnection,
  { organizationId }: OrganizationContext,
  accountId: string,
  columns: Partial<typeof serviceAccounts.$inferInsert>,
): void {
  tx.update(serviceAccounts).set(columns).where(isAccount(organizationId, accountId)).run();
}

function setSubmittedKey(
  tx: SqliteConnection,
  { organizationId }: OrganizationContext,
  accountId: string,
  keyId: string,
): void {
  tx.update(submissions)
    .set({ keyId })
    .where(and(eq(submissions.organizationId, organizationId), eq(submissions.accountId, accountId)))
    .run();
}
