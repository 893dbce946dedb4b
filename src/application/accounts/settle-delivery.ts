import type { AuditAction } from '../../domain/audit/audit-actions.ts';
import type { Ports } from '../ports/account-ports.ts';
import {
  type AccountDelivery,
  type CollectionOffer,
  type DeliveryOutcome,
  deliveryOutcomeCode,
  type SettleDeliveryResult,
} from '../ports/account-records.ts';
import type { NewNotification } from '../ports/job-store.ts';
import { COLLECTION_LIFETIME_MS } from '../ports/store.ts';
import { accountEvent } from './account-event.ts';

/**
 * Settles a delivery. Unless it was accepted, the write that revokes the key also opens its collection, and has the account deleted
 * from a W&B server.
 */
export function settleDelivery(
  { store, now, newId }: Pick<Ports, 'store' | 'now' | 'newId'>,
  { delivery, account }: AccountDelivery,
  outcome: {
    kind: DeliveryOutcome;
    cause: string;
    requestId: string | null;
    offer: Pick<CollectionOffer, 'id' | 'start'>;
    /** Queued when the key is revoked and another one can't be collected. */
    notification?: NewNotification;
  },
): Promise<SettleDeliveryResult> {
  const { kind, cause, requestId, offer, notification } = outcome;
  const nowMs = now();
  const { keyId, person, route } = delivery;
  const event = (action: AuditAction, details: Record<string, string>) =>
    accountEvent(account, {
      action,
      actor: { type: 'system', name: 'delivery' },
      atMs: nowMs,
      requestId,
      details: { key_id: keyId, ...details, outcome: deliveryOutcomeCode(kind), cause },
    });
  const settled = kind === 'accepted' ? 'api_key.delivered' : 'api_key.delivery_failed';
  return store.settleDelivery({
    deliveryId: delivery.id,
    outcome: kind,
    nowMs,
    auditEvent: event(settled, { to: person.slackUserId, route }),
    deletionEvent: event('service_account.deletion_started', {}),
    newCollection: { id: newId('col'), expiresAtMs: nowMs + COLLECTION_LIFETIME_MS },
    offer: { ...offer, requestId },
    notification,
  });
}
