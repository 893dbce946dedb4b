import { and, asc, eq, isNotNull, isNull, lt, lte } from 'drizzle-orm';
import {
  type BackendOperation,
  type EndingNotification,
  OPERATION_LEASE_MS,
  type OperationStore,
  type ServerIdentity,
} from '../../application/ports/operation-store.ts';
import { notificationPauseMs, retryPauseMs, STALLED_AFTER_TRIES } from '../../domain/backoff.ts';
import { ofAccountOfKey, toServiceAccount } from '../accounts/account-row.ts';
import type { OrganizationContext, SqliteConnection, WriteContext } from '../database/connection.ts';
import { apiKeys, backendOperations, deliveries, serviceAccounts } from '../schema/schema.ts';
import {
  isHeld,
  isOperation,
  isStalled,
  readHeld,
  selectOperations,
  toOperation,
  UNTOLD,
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
        eq(backendOperations.state, 'under_way'),
        lt(backendOperations.leaseUntilMs, nowMs),
      ),
    )
    .orderBy(asc(backendOperations.leaseUntilMs), asc(backendOperations.id))
    .limit(limit)
    .all()
    .map(toOperation);
}

/** The transaction must hold the write lock from its start, so that no two take the same. */
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
  // Once: also one that ended before, and was opened again for what came late, is told that it still stands there.
  const { nowMs, stalled } = held;
  const isNews = stalled !== undefined && !isStalled(operation.ending);
  tx.update(backendOperations)
    .set({
      leaseUntilMs: nowMs + retryPauseMs(Math.max(operation.tries - 1, 0)),
      ...(isNews && { ending: stalled.ending, ...UNTOLD }),
    })
    .where(isHeld(organizationId, held))
    .run();
  if (isNews) appendAudit(stalled.auditEvent);
}

type CutOff = Parameters<OperationStore['claimKeyRevocation']>[0];

export function claimKeyRevocation(
  tx: SqliteConnection,
  context: WriteContext,
  claim: CutOff,
): ServerIdentity | undefined {
  const { organizationId, appendAudit } = context;
  const isClaimable = and(
    eq(deliveries.organizationId, organizationId),
    eq(deliveries.id, claim.deliveryId),
    eq(deliveries.state, 'sending'),
    eq(deliveries.leaseUntilMs, claim.leaseUntilMs),
  );
  const delivery = tx.select().from(deliveries).where(isClaimable).get();
  if (delivery === undefined) return undefined;
  const account = readAccountOfKey(tx, context, delivery.keyId);
  const { revokeAttempts } = delivery;
  // Always another one, as it is the token of who has it.
  const leaseUntilMs = Math.max(claim.nowMs + retryPauseMs(revokeAttempts), claim.leaseUntilMs + 1);
  tx.update(deliveries)
    .set({ revokeAttempts: revokeAttempts + 1, leaseUntilMs })
    .where(isClaimable)
    .run();
  if (revokeAttempts === 0) appendAudit(claim.auditEvent);
  if (revokeAttempts === STALLED_AFTER_TRIES) {
    insertStalledCutOff(tx, delivery, account, claim);
    appendAudit(claim.stalled.auditEvent);
  }
  return { memberId: account.memberId ?? undefined, clientId: account.clientId ?? undefined };
}

/** Over as soon as it is written: it is there to be told. The delivery itself goes on. */
function insertStalledCutOff(
  tx: SqliteConnection,
  { organizationId, slackUserId, email }: typeof deliveries.$inferSelect,
  account: { id: string; memberId: string | null },
  { leaseUntilMs, nowMs, stalled }: CutOff,
): void {
  tx.insert(backendOperations)
    .values({
      organizationId,
      id: stalled.operationId,
      kind: 'remove',
      accountId: account.id,
      slackUserId,
      email,
      membersBefore: [],
      memberId: account.memberId,
      state: 'failed',
      leaseUntilMs,
      requestId: stalled.auditEvent.requestId,
      beganAtMs: nowMs,
      endedAtMs: nowMs,
      ending: 'still_there',
    })
    .run();
}

function readAccountOfKey(tx: SqliteConnection, { organizationId }: OrganizationContext, keyId: string) {
  const account = tx
    .select({
      id: serviceAccounts.id,
      memberId: serviceAccounts.backendMemberId,
      clientId: serviceAccounts.backendClientId,
    })
    .from(apiKeys)
    .innerJoin(serviceAccounts, ofAccountOfKey)
    .where(and(eq(apiKeys.organizationId, organizationId), eq(apiKeys.keyId, keyId)))
    .get();
  if (account === undefined) throw new Error(`The key ${keyId} has no account.`);
  return account;
}

export function readIsCutOffUnderWay(
  db: SqliteConnection,
  { organizationId }: OrganizationContext,
  deliveryId: string,
): boolean {
  const delivery = db
    .select({ tries: deliveries.revokeAttempts })
    .from(deliveries)
    .where(
      and(
        eq(deliveries.organizationId, organizationId),
        eq(deliveries.id, deliveryId),
        eq(deliveries.state, 'sending'),
      ),
    )
    .get();
  return delivery !== undefined && delivery.tries > 0;
}

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
