import { notifyCollection } from '../jobs/notify-people.ts';
import type { Ports } from '../ports/account-ports.ts';
import type { SettleDeliveryResult } from '../ports/account-records.ts';
import type { BackendFailure, IssuedKey, RevocationPending } from '../ports/backend.ts';
import type { DeliveryAttempt, Route } from '../ports/slack.ts';
import { administerTeamAs, type Caller, identify, recordRefusal } from './authorize.ts';

export type DeliverKeyResult =
  | { kind: 'delivered' }
  /**
   * The key was cut off; another one may be collected. `told`: a direct message with the button has gone out, or is about
   * to. `untilMs`: not known where somebody else settled the delivery.
   */
  | { kind: 'collect'; attempt: 'rejected' | 'unknown'; notified: boolean; untilMs: number | undefined }
  /** The server did not cut the key off yet: it is tried until it does, and then the person is told how to go on. */
  | {
      kind: 'revocation_pending';
      attempt: 'rejected' | 'unknown';
      failure: BackendFailure;
      link: string | undefined;
    }
  /**
   * Cut off, and nothing is to be collected: the account was revoked meanwhile, or is being revoked, or the time to collect
   * it was over.
   */
  | { kind: 'over'; reason: 'account_revoked' | 'being_revoked' | 'expired' }
  /** The database did not take the outcome: once the lease is over the key is cut off, and the person is told. */
  | { kind: 'unsettled' };

/**
 * Sends a new key, once, and settles the delivery: accepted, or the key is cut off in the same write that opens the
 * *Collect key* offer.
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
  if (settlement === undefined) return { kind: 'unsettled' };
  if ('pending' in settlement) return cuttingOff(ports, issued, attempt, settlement.pending);
  if (attempt.outcome === 'accepted') {
    // A delivery that was settled meanwhile had outlived its lease: whoever found it has cut the key off.
    if (!settlement.settled)
      return { kind: 'collect', attempt: 'unknown', notified: true, untilMs: undefined };
    const isRevoked = (await statusOf(ports, issued)) === 'revoked';
    return isRevoked ? { kind: 'over', reason: 'account_revoked' } : { kind: 'delivered' };
  }
  ports.logger.warn(
    { deliveryId: issued.delivery.id, outcome: attempt.outcome, cause },
    'key not delivered, cut off',
  );
  if (!settlement.settled)
    return { kind: 'collect', attempt: attempt.outcome, notified: true, untilMs: undefined };
  if (settlement.isBeingRevoked) return { kind: 'over', reason: 'being_revoked' };
  if (settlement.collection === undefined) {
    const isActive = (await statusOf(ports, issued)) === 'active';
    return { kind: 'over', reason: isActive ? 'expired' : 'account_revoked' };
  }
  const { collection } = settlement;
  const notified = await notifyCollection(ports, collection);
  return { kind: 'collect', attempt: attempt.outcome, notified, untilMs: collection.expiresAtMs };
}

function cuttingOff(
  { backend, logger }: Ports,
  { account, delivery }: IssuedKey,
  { outcome }: DeliveryAttempt,
  failure: BackendFailure,
): DeliverKeyResult {
  logger.error({ deliveryId: delivery.id, outcome, failure }, 'key not delivered and not cut off yet');
  const attempt = outcome === 'rejected' ? 'rejected' : 'unknown';
  return { kind: 'revocation_pending', attempt, failure, link: backend.teamPage(account.teamName) };
}

/** What became of the account meanwhile; undefined where that can't be read. It only chooses words. */
async function statusOf(
  { backend }: Ports,
  { account }: IssuedKey,
): Promise<'active' | 'revoked' | undefined> {
  return backend.findAccount(account.id).then(
    (found) => found?.status,
    () => undefined,
  );
}

/** Undefined where that failed: the account is there and its key on its way, which a thrown error would hide. */
async function settle(
  { backend, logger }: Ports,
  issued: IssuedKey,
  outcome: Parameters<Ports['backend']['settleDelivery']>[1],
): Promise<SettleDeliveryResult | RevocationPending | undefined> {
  try {
    return await backend.settleDelivery(issued, outcome);
  } catch (error) {
    logger.error({ err: error, deliveryId: issued.delivery.id }, 'delivery not settled, its lease runs out');
    return undefined;
  }
}

async function attemptDelivery(ports: Ports, issued: IssuedKey, route: Route): Promise<DeliveryAttempt> {
  try {
    return await ports.delivery.deliverKey(issued, route);
  } catch (error) {
    ports.logger.error({ err: error, deliveryId: issued.delivery.id }, 'delivery failed unexpectedly');
    return { outcome: 'unknown', cause: 'internal_error' };
  }
}

/** Records that the person says to have stored the key, and changes nothing else. False, and recorded, for an account not theirs. */
export async function markKeyStored(
  ports: Ports,
  { slackUserId, accountId, requestId }: { slackUserId: string; accountId: string; requestId: string },
): Promise<boolean> {
  const refuse = async (who: Caller, reason: string) => {
    await recordRefusal(ports, {
      who,
      action: 'interaction.refused',
      reason,
      subject: `service_account:${accountId.slice(0, 64)}`,
      requestId,
    });
    return false;
  };
  const identified = await identify(ports, slackUserId);
  if (!identified.ok) return refuse({ slackUserId }, identified.refusal.reason);
  const { person } = identified;
  const account = await ports.backend.findAccount(accountId);
  if (account === undefined) return refuse(person, 'account_unknown');
  const administering = await administerTeamAs(ports, person, account.teamName);
  if (!administering.ok) return refuse(administering.who, administering.refusal.reason);
  // A federated account has no key: its message is put away, and there is nothing to record.
  if (account.method === 'federated') return true;
  await ports.store.appendAuditEvent({
    atMs: ports.now(),
    actor: { type: 'person', slackUserId, email: person.email },
    action: 'api_key.stored',
    subject: `service_account:${account.id}`,
    details: { team: account.teamName, name: account.name },
    requestId,
  });
  return true;
}
