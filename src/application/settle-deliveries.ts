import type { AccountDelivery } from './ports/store.ts';
import type { Ports } from './ports.ts';

/**
 * Settles deliveries whose lease lapsed (a crash, a lost process): nobody can say whether such a key arrived, so it is cut
 * off and may be collected anew. Safe to run at any time, anywhere, and never touches a delivery that is still running. One
 * that can't be settled keeps no other from it.
 */
export async function settleDeliveries(ports: Ports): Promise<number> {
  let settled = 0;
  for (const lapsed of await ports.store.lapsedDeliveries(ports.organization.id, ports.now())) {
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
