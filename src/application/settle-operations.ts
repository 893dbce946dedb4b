import type { AuditEvent } from '../domain/audit-event.ts';
import { STALLED_AFTER_TRIES } from '../domain/retry-pause.ts';
import type { BackendOperation, StalledEnding } from './ports/operation-store.ts';
import type { Ports } from './ports.ts';

/** Operations of one sweep; each may wait for the server. */
const SETTLED_AT_ONCE = 5;

/**
 * Finishes what was begun on another system and lost its process, or whose outcome was unclear. Safe to run at any time,
 * anywhere: of many that run at once one has an operation. One that can't be finished is tried again after growing pauses
 * and keeps no other from it; after long the person is told, once, and it is tried on every hour. Answers how many were
 * finished.
 */
export async function settleOperations(ports: Ports): Promise<number> {
  const claimed = await ports.store.claimLapsedOperations(ports.organization.id, ports.now(), {
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
    await ports.store.postponeOperation(ports.organization.id, {
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
    action: 'service_account.settlement_stalled',
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
