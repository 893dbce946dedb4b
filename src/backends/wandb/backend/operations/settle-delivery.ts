import { deliveryOutcomeCode } from '../../../../application/ports/account-records.ts';
import type { Backend } from '../../../../application/ports/backend.ts';
import type { ServerIdentity } from '../../../../application/ports/operation-store.ts';
import { COLLECTION_LIFETIME_MS } from '../../../../application/ports/store.ts';
import type { AuditAction } from '../../../../domain/audit/audit-actions.ts';
import { accountEvent } from '../../../account-event.ts';
import { OPERATION_TIMEOUT_MS, type WandbContext } from '../wandb-context.ts';
import { removeFromServer } from './remove-from-server.ts';

type Settle = Backend['settleDelivery'];

/**
 * Settles a delivery. Unless it was accepted, removes the account with its key from the server, and only then stores the key
 * as revoked. Until that succeeds the delivery stays open and is tried again.
 */
export async function settleDelivery(
  context: WandbContext,
  pending: Parameters<Settle>[0],
  outcome: Parameters<Settle>[1],
): ReturnType<Settle> {
  const { store } = context;
  const { delivery } = pending;
  if (outcome.kind === 'accepted') {
    const settled = await storeOutcome(context, pending, outcome);
    if (settled.settled || !(await store.isKeyRevocationUnderWay(delivery.id))) return settled;
    return { settled: false, pending: { reason: 'under_way' } };
  }
  const nowMs = context.now();
  const deadlineMs = context.monotonicMs() + OPERATION_TIMEOUT_MS;
  const server = await claim(context, pending, outcome, nowMs);
  if (server === undefined) {
    const isUnderWay = await store.isKeyRevocationUnderWay(delivery.id);
    return isUnderWay ? { settled: false, pending: { reason: 'under_way' } } : { settled: false };
  }
  const failure = await revokeKey(context, pending, server, deadlineMs);
  return failure === undefined
    ? storeOutcome(context, pending, outcome)
    : { settled: false, pending: failure };
}

function claim(
  { store, newId }: WandbContext,
  { delivery, account }: Parameters<Settle>[0],
  { kind, cause, requestId }: Parameters<Settle>[1],
  nowMs: number,
): Promise<ServerIdentity | undefined> {
  const { id: deliveryId, leaseUntilMs, keyId } = delivery;
  const event = (action: AuditAction) =>
    accountEvent(account, {
      action,
      actor: { type: 'system', name: 'delivery' },
      atMs: nowMs,
      requestId,
      details: { key_id: keyId, outcome: deliveryOutcomeCode(kind), cause },
    });
  return store.claimKeyRevocation({
    deliveryId,
    leaseUntilMs,
    nowMs,
    auditEvent: event('service_account.deletion_started'),
    stalled: { operationId: newId('op'), auditEvent: event('service_account.reconciliation_stalled') },
  });
}

/** @param deadlineMs counted from the claim; after it, another process may have recreated the account with another key */
async function revokeKey(
  context: WandbContext,
  { account, delivery }: Parameters<Settle>[0],
  server: ServerIdentity,
  deadlineMs: number,
) {
  if (server.memberId === undefined) return undefined;
  const removal = await removeFromServer(context, { account, server }, deadlineMs);
  if (removal.kind === 'removed') return undefined;
  context.logger.error({ deliveryId: delivery.id, ...removal }, 'undelivered key not revoked');
  return removal.failure;
}

function storeOutcome(
  { store, now, newId }: WandbContext,
  { delivery, account }: Parameters<Settle>[0],
  { kind, cause, requestId, notification }: Parameters<Settle>[1],
) {
  const nowMs = now();
  return store.settleDelivery({
    deliveryId: delivery.id,
    outcome: kind,
    nowMs,
    auditEvent: accountEvent(account, {
      action: kind === 'accepted' ? 'api_key.delivered' : 'api_key.delivery_failed',
      actor: { type: 'system', name: 'delivery' },
      atMs: nowMs,
      requestId,
      details: {
        key_id: delivery.keyId,
        to: delivery.person.slackUserId,
        route: delivery.route,
        outcome: deliveryOutcomeCode(kind),
        cause,
      },
    }),
    newCollection: { id: newId('col'), expiresAtMs: nowMs + COLLECTION_LIFETIME_MS },
    notification,
  });
}
