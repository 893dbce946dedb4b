import type { BackendOperation } from './ports/operation-store.ts';
import type { Ports } from './ports.ts';

/** Operations of one sweep; each may wait for the server. */
const SETTLED_AT_ONCE = 5;

/**
 * Finishes what was begun on another system and lost its process, or whose outcome was unclear. Safe to run at any time,
 * anywhere: of many that run at once one has an operation. One that can't be finished is tried again after growing pauses
 * and keeps no other from it. Answers how many were finished.
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
    const held = { operationId, leaseUntilMs, nowMs: ports.now() };
    await ports.store.postponeOperation(ports.organization.id, held);
  } catch (error) {
    ports.logger.error({ err: error, operationId, kind }, 'an operation on the backend could not be settled');
  }
  return false;
}
