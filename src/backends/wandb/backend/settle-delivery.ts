import type { Backend } from '../../../application/ports/backend.ts';
import { COLLECTION_LIFETIME_MS } from '../../../application/ports/store.ts';
import type { AuditAction } from '../../../domain/audit-event.ts';
import { accountEvent } from './operation-events.ts';
import { removeFromServer } from './remove-from-server.ts';
import { CALLS_MS, type WandbContext } from './wandb-context.ts';

type Settle = Backend['settleDelivery'];

/**
 * Ends a delivery. A key that nobody can say to have arrived is cut off with its account on the server, and only then
 * written down as dead; until that succeeds the delivery stays under way, for a later try.
 */
export async function settleDelivery(
  context: WandbContext,
  pending: Parameters<Settle>[0],
  outcome: Parameters<Settle>[1],
): ReturnType<Settle> {
  const { store, organizationId } = context;
  const { delivery } = pending;
  if (outcome.kind === 'accepted') {
    const settled = await write(context, pending, outcome);
    if (settled.settled || !(await store.isCutOffUnderWay(organizationId, delivery.id))) return settled;
    return { settled: false, pending: { reason: 'under_way' } };
  }
  if (!(await claim(context, pending, outcome))) {
    const isUnderWay = await store.isCutOffUnderWay(organizationId, delivery.id);
    return isUnderWay ? { settled: false, pending: { reason: 'under_way' } } : { settled: false };
  }
  const failure = await cutOff(context, pending);
  return failure === undefined ? write(context, pending, outcome) : { settled: false, pending: failure };
}

function claim(
  { store, organizationId, now, newId }: WandbContext,
  { delivery, account }: Parameters<Settle>[0],
  { kind, cause, requestId }: Parameters<Settle>[1],
): Promise<boolean> {
  const { id: deliveryId, leaseUntilMs, keyId } = delivery;
  const event = (action: AuditAction) =>
    accountEvent(account, {
      action,
      actor: { type: 'system', name: 'delivery' },
      atMs: now(),
      requestId,
      details: { key_id: keyId, outcome: kind, cause },
    });
  return store.claimCutOff(organizationId, {
    deliveryId,
    leaseUntilMs,
    nowMs: now(),
    auditEvent: event('service_account.removal_started'),
    stalled: { operationId: newId('op'), auditEvent: event('service_account.settlement_stalled') },
  });
}

async function cutOff(context: WandbContext, { account, delivery }: Parameters<Settle>[0]) {
  const { store, organizationId, now, logger } = context;
  const server = await store.serverIdentity(organizationId, account.id);
  if (server?.memberId === undefined) return undefined;
  const removal = await removeFromServer(context, { account, server }, now() + CALLS_MS);
  if (removal.kind === 'removed') return undefined;
  logger.error({ deliveryId: delivery.id, ...removal }, 'a key that nobody may hold is still live');
  return removal.failure;
}

function write(
  { store, organizationId, now, newId }: WandbContext,
  { delivery, account }: Parameters<Settle>[0],
  { kind, cause, requestId }: Parameters<Settle>[1],
) {
  const nowMs = now();
  return store.settleDelivery(organizationId, {
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
        outcome: kind,
        cause,
      },
    }),
    newCollection: { id: newId('col'), expiresAtMs: nowMs + COLLECTION_LIFETIME_MS },
  });
}
