import { endNotification, heldStart, holdNotification } from '../jobs/notification-jobs.ts';
import type { Ports } from '../ports/account-ports.ts';
import type { Collection, SettleDeliveryResult } from '../ports/account-records.ts';
import type { IssuedKey } from '../ports/backend.ts';
import type { HeldJob } from '../ports/job-store.ts';
import type { DeliveryAttempt, DeliveryFailure, Route } from '../ports/slack.ts';
import { settleDelivery } from './settle-delivery.ts';

export type DeliverKeyResult =
  | { kind: 'delivered' }
  /**
   * The key was revoked, and the person can collect another one. `notified`: the direct message with the button was sent or
   * is queued. `untilMs`: undefined when another process settled the delivery. `onServer`: the key stops working once its account
   * is deleted from the W&B server.
   */
  | {
      kind: 'collect';
      failure: DeliveryFailure;
      notified: boolean;
      untilMs: number | undefined;
      onServer: boolean;
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
  const notice = holdNotification(ports);
  const settlement = await settle(ports, issued, { kind: attempt.outcome, cause, requestId, notice });
  // Keysmith refuses its own keys while their delivery isn't settled.
  const onServer = ports.backend.administeredIn === 'wandb';
  if (settlement === undefined) return { kind: 'unsettled', works: onServer };
  const failure = attempt.outcome === 'accepted' ? CONFIRMED_TOO_LATE : attempt.failure;
  if (!settlement.settled) {
    // The lease had ended: the process that found the delivery has revoked the key.
    return { kind: 'collect', failure, notified: true, untilMs: undefined, onServer };
  }
  const { collection, state } = settlement;
  if (attempt.outcome === 'accepted') {
    return state === 'active'
      ? { kind: 'delivered' }
      : { kind: 'not_collectable', reason: 'account_revoked' };
  }
  ports.logger.warn({ deliveryId: issued.delivery.id, outcome: attempt.outcome, cause }, 'delivery failed');
  // A W&B server must delete the account now.
  ports.wakeJobs();
  if (collection === undefined) return { kind: 'not_collectable', reason: reasonOf(state) };
  const notified = await offerCollection(ports, issued, { collection, notice, requestId });
  return { kind: 'collect', failure, notified, untilMs: collection.expiresAtMs, onServer };
}

function reasonOf(
  state: Extract<SettleDeliveryResult, { settled: true }>['state'],
): Extract<DeliverKeyResult, { kind: 'not_collectable' }>['reason'] {
  if (state === 'revoking') return 'being_revoked';
  return state === 'active' ? 'expired' : 'account_revoked';
}

/** Notifies the person of a collection now. Returns false when Slack didn't accept the message: its job retries it. */
async function offerCollection(
  ports: Ports,
  { account, delivery }: IssuedKey,
  { collection, notice, requestId }: { collection: Collection; notice: HeldJob; requestId: string },
): Promise<boolean> {
  const { id: collectionId, person } = collection;
  const wasNotified = await ports.notifications.send(person.slackUserId, {
    message: 'key_collectable',
    accountId: account.id,
    collectionId,
    keyId: delivery.keyId,
    account,
    collection,
    requestId,
    link: ports.backend.teamPage(account.teamName),
  });
  await endNotification(ports, notice, { wasNotified, wasTried: true });
  return wasNotified;
}

/** Returns undefined on failure: an exception would hide that the account was created and its key sent. */
async function settle(
  ports: Ports,
  issued: IssuedKey,
  {
    notice,
    ...outcome
  }: Pick<Parameters<typeof settleDelivery>[2], 'kind' | 'cause' | 'requestId'> & {
    notice: HeldJob;
  },
): Promise<SettleDeliveryResult | undefined> {
  try {
    return await settleDelivery(ports, issued, { ...outcome, offer: heldStart(notice, ports.now()) });
  } catch (error) {
    ports.logger.error({ err: error, deliveryId: issued.delivery.id }, 'delivery not settled');
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
