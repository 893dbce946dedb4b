import type { BackendOperation } from './ports/operation-store.ts';
import type { Ports } from './ports.ts';

/** Each is one call to the server. */
const LOOKED_AT_ONCE = 5;

/**
 * Looks, a few times within a day, whether the backend has carried out after all what was given up as not made. Safe to
 * run at any time, anywhere. Answers for how many there is something to tell.
 */
export async function lookForLateEffects(ports: Ports): Promise<number> {
  const claimed = await ports.store.claimLateLooks(ports.organization.id, ports.now(), {
    limit: LOOKED_AT_ONCE,
  });
  const appeared = await Promise.all(claimed.map((operation) => look(ports, operation)));
  return appeared.filter(Boolean).length;
}

async function look({ backend, logger }: Ports, operation: BackendOperation): Promise<boolean> {
  const { id: operationId, kind } = operation;
  try {
    const hasAppeared = await backend.lookForLateEffect(operation);
    if (hasAppeared) logger.error({ operationId, kind }, 'what was given up as not made appeared later');
    return hasAppeared;
  } catch (error) {
    logger.error({ err: error, operationId, kind }, 'nobody could look for what may have come late');
    return false;
  }
}
