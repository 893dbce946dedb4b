import type { AuditEvent } from '../../domain/audit/audit-event.ts';
import { STALLED_AFTER_TRIES } from '../../domain/backoff.ts';
import type { Ports } from '../ports/account-ports.ts';
import type { AccountDelivery } from '../ports/account-records.ts';
import type { BackendOperation, StalledEnding } from '../ports/operation-store.ts';

/** Operations of one sweep; each may wait for the server. */
const SETTLED_AT_ONCE = 5;

/**
 * Finishes what was begun on another system and lost its process, or whose outcome was unclear. Safe to run at any time,
 * anywhere: of many that run at once one has an operation. One that can't be finished is tried again after growing pauses
 * and keeps no other from it; after long the person is told, once, and it is tried on every hour. Answers how many were
 * finished.
 */
export async function settleOperations(ports: Ports): Promise<number> {
  const claimed = await ports.store.claimLapsedOperations(ports.now(), {
    limit: SETTLED_AT_ONCE,
  });
  const settled = await Promise.all(claimed.map((operation) => settleOne(ports, operation)));
  return settled.filter(Boolean).length;
}

async function settleOne(ports: Ports, operation: BackendOperation): Promise<boolean> {
  const { id: operationId, kind, leaseUntilMs, tries } = operation;
  try {
    if (await ports.backend.settleOperation(operation)) {
      ports.logger.warn({ operationId, kind, tries }, 'operation on the backend settled');
      return true;
    }
    ports.logger.error({ operationId, kind, tries }, 'an operation on the backend is still open');
    const nowMs = ports.now();
    await ports.store.postponeOperation({
      operationId,
      leaseUntilMs,
      nowMs,
      ...(tries >= STALLED_AFTER_TRIES && { stalled: stalled(operation, nowMs) }),
    });
  } catch (error) {
    ports.logger.error({ err: error, operationId, kind }, 'an operation on the backend could not be settled');
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

/** Each is one call to the server. */
const LOOKED_AT_ONCE = 5;

/**
 * Looks, a few times within a day, whether the backend has carried out after all what was given up as not made. Safe to
 * run at any time, anywhere. Answers for how many there is something to tell.
 */
export async function checkForLateEffects(ports: Ports): Promise<number> {
  const claimed = await ports.store.claimLateChecks(ports.now(), {
    limit: LOOKED_AT_ONCE,
  });
  const appeared = await Promise.all(claimed.map((operation) => look(ports, operation)));
  return appeared.filter(Boolean).length;
}

async function look({ backend, logger }: Ports, operation: BackendOperation): Promise<boolean> {
  const { id: operationId, kind } = operation;
  try {
    const hasAppeared = await backend.checkForLateEffect(operation);
    if (hasAppeared) logger.error({ operationId, kind }, 'what was given up as not made appeared later');
    return hasAppeared;
  } catch (error) {
    logger.error({ err: error, operationId, kind }, 'nobody could look for what may have come late');
    return false;
  }
}

/**
 * Settles deliveries whose lease lapsed (a crash, a lost process): nobody can say whether such a key arrived, so it is cut
 * off and may be collected anew. Safe to run at any time, anywhere, and never touches a delivery that is still running. One
 * that can't be settled keeps no other from it.
 */
export async function settleDeliveries(ports: Ports): Promise<number> {
  let settled = 0;
  for (const lapsed of await ports.store.lapsedDeliveries(ports.now())) {
    if (await settleLapsed(ports, lapsed)) settled += 1;
  }
  return settled;
}

async function settleLapsed({ backend, logger }: Ports, lapsed: AccountDelivery): Promise<boolean> {
  const { id: deliveryId, keyId } = lapsed.delivery;
  try {
    const outcome = { kind: 'unknown', cause: 'lease_lapsed', requestId: null } as const;
    const settlement = await backend.settleDelivery(lapsed, outcome);
    if ('pending' in settlement) {
      logger.error({ deliveryId, failure: settlement.pending }, 'a key could not be cut off yet');
      return false;
    }
    const { settled } = settlement;
    if (settled) logger.warn({ deliveryId, keyId }, 'lapsed delivery settled, key cut off');
    return settled;
  } catch (error) {
    logger.error({ err: error, deliveryId }, 'a lapsed delivery could not be settled');
    return false;
  }
}
