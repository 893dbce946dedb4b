import { and, eq } from 'drizzle-orm';
import type { OperationStore, ServerIdentity } from '../../application/ports/operation-store.ts';
import { retryPauseMs, STALLED_AFTER_TRIES } from '../../domain/backoff.ts';
import { readAccountOfKey } from '../accounts/api-keys.ts';
import type { OrganizationContext, SqliteConnection, WriteContext } from '../database/connection.ts';
import { isSending } from '../schema/deliveries.ts';
import { backendOperations, deliveries } from '../schema/schema.ts';

type KeyRevocation = Parameters<OperationStore['claimKeyRevocation']>[0];

export function claimKeyRevocation(
  tx: SqliteConnection,
  context: WriteContext,
  claim: KeyRevocation,
): ServerIdentity | undefined {
  const { organizationId, appendAudit } = context;
  const isClaimable = and(
    eq(deliveries.organizationId, organizationId),
    eq(deliveries.id, claim.deliveryId),
    isSending,
    eq(deliveries.leaseUntilMs, claim.leaseUntilMs),
  );
  const delivery = tx.select().from(deliveries).where(isClaimable).get();
  if (delivery === undefined) return undefined;
  const account = readAccountOfKey(tx, context, delivery.keyId);
  const { revokeAttempts } = delivery;
  // The lease is also the token of its holder, so it must change with every claim.
  const pausedUntilMs = claim.nowMs + retryPauseMs(revokeAttempts);
  const leaseUntilMs = pausedUntilMs === claim.leaseUntilMs ? pausedUntilMs + 1 : pausedUntilMs;
  tx.update(deliveries)
    .set({ revokeAttempts: revokeAttempts + 1, leaseUntilMs })
    .where(isClaimable)
    .run();
  if (revokeAttempts === 0) appendAudit(claim.auditEvent);
  if (revokeAttempts === STALLED_AFTER_TRIES) {
    insertStalledRevocation(tx, delivery, account, claim);
    appendAudit(claim.stalled.auditEvent);
  }
  return { memberId: account.memberId ?? undefined, clientId: account.clientId ?? undefined };
}

/** Inserts an operation that has already ended, for the notification alone. Revoking the key goes on. */
function insertStalledRevocation(
  tx: SqliteConnection,
  { organizationId, slackUserId, email }: typeof deliveries.$inferSelect,
  account: { id: string; memberId: string | null },
  { leaseUntilMs, nowMs, stalled }: KeyRevocation,
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

export function readIsKeyRevocationUnderWay(
  db: SqliteConnection,
  { organizationId }: OrganizationContext,
  deliveryId: string,
): boolean {
  const delivery = db
    .select({ tries: deliveries.revokeAttempts })
    .from(deliveries)
    .where(and(eq(deliveries.organizationId, organizationId), eq(deliveries.id, deliveryId), isSending))
    .get();
  return delivery !== undefined && delivery.tries > 0;
}
