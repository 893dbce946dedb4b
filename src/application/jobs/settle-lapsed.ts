import type { AuditEvent } from '../../domain/audit/audit-event.ts';
import { STALLED_AFTER_TRIES } from '../../domain/backoff.ts';
import type { Ports } from '../ports/account-ports.ts';
import type { AccountDelivery } from '../ports/account-records.ts';
import type { NewNotification } from '../ports/job-store.ts';
import type { BackendOperation, StalledEnding } from '../ports/operation-store.ts';

/**
 * Settles deliveries whose lease lapsed, after a crash for example. Such a key may have arrived, so it is revoked and can
 * be collected again. Returns the number of settled deliveries.
 *
 * Any process may run it at any time. It never touches a running delivery, and a failure doesn't hold up the others.
 */
export async function settleDeliveries(ports: Ports): Promise<number> {
  let settled = 0;
  for (const lapsed of await ports.store.lapsedDeliveries(ports.now())) {
    if (await settleDelivery(ports, lapsed)) settled += 1;
  }
  return settled;
}

async function settleDelivery({ backend, logger, now }: Ports, lapsed: AccountDelivery): Promise<boolean> {
  const { id: deliveryId, keyId, person } = lapsed.delivery;
  const notification: NewNotification = {
    payload: {
      message: 'key_not_collectable',
      accountId: lapsed.account.id,
      keyId,
      to: { slackUserId: person.slackUserId },
      requestId: null,
    },
    start: { atMs: now() },
  };
  try {
    const outcome = { kind: 'unknown', cause: 'lease_lapsed', requestId: null, notification } as const;
    const settlement = await backend.settleDelivery(lapsed, outcome);
    if ('pending' in settlement) {
      logger.error({ deliveryId, failure: settlement.pending }, 'lapsed delivery: key not revoked yet');
      return false;
    }
    const { settled } = settlement;
    if (settled) logger.warn({ deliveryId, keyId }, 'lapsed delivery settled, key revoked');
    return settled;
  } catch (error) {
    logger.error({ err: error, deliveryId }, 'lapsed delivery not settled');
    return false;
  }
}

/** Operations per run. Each may wait for the server. */
const MAX_OPERATIONS = 5;

/**
 * Finishes operations on the backend whose process was lost or whose outcome is unknown. Returns the number of finished
 * operations.
 *
 * Any process may run it at any time: a lease gives each operation to one of them. Failures are retried with growing
 * pauses; after {@link STALLED_AFTER_TRIES} the person is notified once, and retries go on every hour.
 */
export async function settleOperations(ports: Ports): Promise<number> {
  const claimed = await ports.store.claimLapsedOperations(ports.now(), { limit: MAX_OPERATIONS });
  const settled = await Promise.all(claimed.map((operation) => settleOperation(ports, operation)));
  return settled.filter(Boolean).length;
}

async function settleOperation(ports: Ports, operation: BackendOperation): Promise<boolean> {
  const { id: operationId, kind, leaseUntilMs, tries } = operation;
  try {
    if (await ports.backend.settleOperation(operation)) {
      ports.logger.warn({ operationId, kind, tries }, 'backend operation settled');
      return true;
    }
    ports.logger.error({ operationId, kind, tries }, 'backend operation still open');
    const nowMs = ports.now();
    await ports.store.postponeOperation({
      operationId,
      leaseUntilMs,
      nowMs,
      ...(tries >= STALLED_AFTER_TRIES && { stalled: stalled(operation, nowMs) }),
    });
  } catch (error) {
    ports.logger.error({ err: error, operationId, kind }, 'backend operation not settled');
  }
  return false;
}

function stalled(
  operation: BackendOperation,
  atMs: number,
): { ending: StalledEnding; auditEvent: AuditEvent } {
  const { account, memberId, clientId, tries, requestId } = operation;
  const ending = stalledEnding(operation);
  const known = { ...(memberId && { member: memberId }), ...(clientId && { client: clientId }) };
  const auditEvent: AuditEvent = {
    atMs,
    actor: { type: 'system', name: 'operations' },
    action: 'service_account.reconciliation_stalled',
    subject: `service_account:${account.id}`,
    details: { team: account.teamName, name: account.name, ending, tries, ...known },
    requestId,
  };
  return { ending, auditEvent };
}

function stalledEnding({ kind, memberId, clientId }: BackendOperation): StalledEnding {
  if (kind === 'remove') return 'still_not_revoked';
  return memberId === undefined && clientId === undefined ? 'still_unclear' : 'still_there';
}

/** Checks per run. Each is one call to the server. */
const MAX_LATE_CHECKS = 5;

/**
 * Checks, a few times within a day, whether the server carried out a creation after Keysmith gave it up. Returns the number
 * of accounts that appeared.
 *
 * Any process may run it at any time.
 */
export async function checkForLateEffects(ports: Ports): Promise<number> {
  const claimed = await ports.store.claimLateChecks(ports.now(), { limit: MAX_LATE_CHECKS });
  const appeared = await Promise.all(claimed.map((operation) => checkForLateEffect(ports, operation)));
  return appeared.filter(Boolean).length;
}

async function checkForLateEffect({ backend, logger }: Ports, operation: BackendOperation): Promise<boolean> {
  const { id: operationId, kind } = operation;
  try {
    const hasAppeared = await backend.checkForLateEffect(operation);
    if (hasAppeared) logger.error({ operationId, kind }, 'account appeared after its creation was given up');
    return hasAppeared;
  } catch (error) {
    logger.error({ err: error, operationId, kind }, 'late-effect check failed');
    return false;
  }
}
