import { notifyCollection } from '../jobs/notify-people.ts';
import type { Ports } from '../ports/account-ports.ts';
import type { SettleDeliveryResult } from '../ports/account-records.ts';
import type { BackendFailure, IssuedKey, RevocationPending } from '../ports/backend.ts';
import type { DeliveryAttempt, DeliveryFailure, Route } from '../ports/slack.ts';

export type DeliverKeyResult =
  | { kind: 'delivered' }
  /**
   * The key was revoked, and the person can collect another one. `notified`: the direct message with the button was sent or
   * is queued. `untilMs`: undefined when another process settled the delivery.
   */
  | { kind: 'collect'; failure: DeliveryFailure; notified: boolean; untilMs: number | undefined }
  /** The server hasn't revoked the key yet. Keysmith retries, and then notifies the person. */
  | {
      kind: 'revocation_pending';
      failure: DeliveryFailure;
      /** Why the key isn't revoked yet. */
      revocationFailure: BackendFailure;
      link: string | undefined;
    }
  /** The key was revoked and there is nothing to collect, for this reason. */
  | { kind: 'not_collectable'; reason: 'account_revoked' | 'being_revoked' | 'expired' }
  /**
   * The outcome couldn't be stored. When the lease ends, Keysmith revokes the key and notifies the person. `works`: whether
   * the key works until then, because the W&B server verifies it.
   */
  | { kind: 'unsettled'; works: boolean };

const CONFIRMED_TOO_LATE: DeliveryFailure = { reason: 'confirmed_too_late' };

/**
 * Sends a new key in a single attempt and settles the delivery. Unless Slack accepts the message, the write that revokes
 * the key also opens its collection.
 */
export async function deliverKey(
  ports: Ports,
  issued: IssuedKey,
  route: Route,
  requestId: string,
): Promise<DeliverKeyResult> {
  const attempt = await attemptDelivery(ports, issued, route);
  const cause = attempt.outcome === 'accepted' ? route.kind : attempt.cause;
  const settlement = await settle(ports, issued, { kind: attempt.outcome, cause, requestId });
  // Only Keysmith's own keys expire, and it refuses a key whose delivery isn't settled.
  if (settlement === undefined) return { kind: 'unsettled', works: issued.expiresAtMs === undefined };
  if ('pending' in settlement) return revocationPending(ports, issued, attempt, settlement.pending);
  if (attempt.outcome === 'accepted') {
    // The lease had ended: the process that found the delivery has revoked the key.
    if (!settlement.settled)
      return { kind: 'collect', failure: CONFIRMED_TOO_LATE, notified: true, untilMs: undefined };
    const isRevoked = (await statusOf(ports, issued)) === 'revoked';
    return isRevoked ? { kind: 'not_collectable', reason: 'account_revoked' } : { kind: 'delivered' };
  }
  ports.logger.warn(
    { deliveryId: issued.delivery.id, outcome: attempt.outcome, cause },
    'delivery failed, key revoked',
  );
  if (!settlement.settled)
    return { kind: 'collect', failure: attempt.failure, notified: true, untilMs: undefined };
  if (settlement.isBeingRevoked) return { kind: 'not_collectable', reason: 'being_revoked' };
  if (settlement.collection === undefined) {
    const isActive = (await statusOf(ports, issued)) === 'active';
    return { kind: 'not_collectable', reason: isActive ? 'expired' : 'account_revoked' };
  }
  const { collection } = settlement;
  const notified = await notifyCollection(ports, collection);
  return { kind: 'collect', failure: attempt.failure, notified, untilMs: collection.expiresAtMs };
}

function revocationPending(
  { backend, logger }: Ports,
  { account, delivery }: IssuedKey,
  attempt: DeliveryAttempt,
  revocationFailure: BackendFailure,
): DeliverKeyResult {
  const { outcome } = attempt;
  logger.error(
    { deliveryId: delivery.id, outcome, failure: revocationFailure },
    'delivery failed, key not revoked yet',
  );
  return {
    kind: 'revocation_pending',
    failure: attempt.outcome === 'accepted' ? CONFIRMED_TOO_LATE : attempt.failure,
    revocationFailure,
    link: backend.teamPage(account.teamName),
  };
}

/** Returns the account's status, or undefined when it can't be read. Only the text for the person depends on it. */
async function statusOf(
  { backend }: Ports,
  { account }: IssuedKey,
): Promise<'active' | 'revoked' | undefined> {
  return backend.findAccount(account.id).then(
    (found) => found?.status,
    () => undefined,
  );
}

/** Returns undefined on failure: an exception would hide that the account was created and its key sent. */
async function settle(
  { backend, logger }: Ports,
  issued: IssuedKey,
  outcome: Parameters<Ports['backend']['settleDelivery']>[1],
): Promise<SettleDeliveryResult | RevocationPending | undefined> {
  try {
    return await backend.settleDelivery(issued, outcome);
  } catch (error) {
    logger.error({ err: error, deliveryId: issued.delivery.id }, 'delivery not settled');
    return undefined;
  }
}

async function attemptDelivery(ports: Ports, issued: IssuedKey, route: Route): Promise<DeliveryAttempt> {
  try {
    return await ports.delivery.deliverKey(issued, route);
  } catch (error) {
    ports.logger.error({ err: error, deliveryId: issued.delivery.id }, 'delivery failed unexpectedly');
    return { outcome: 'unknown', cause: 'internal_error', failure: { reason: 'internal_error' } };
  }
}
