import { offerCollection } from './deliver-key.ts';
import type { Ports } from './ports.ts';

/**
 * Settles deliveries whose lease lapsed (a crash, a lost process): nobody can say whether such a key arrived, so it is cut
 * off and may be collected anew. Then tells everybody who has not been told yet. Safe to run at any time, anywhere, and
 * never touches a delivery that is still running.
 */
export async function settleDeliveries(ports: Ports): Promise<{ settled: number; told: number }> {
  let settled = 0;
  for (const lapsed of await ports.store.lapsedDeliveries(ports.organization.id, ports.now())) {
    const result = await ports.backend.settleDelivery(lapsed, {
      kind: 'unknown',
      cause: 'lease_lapsed',
      requestId: null,
    });
    if (!result.settled) continue;
    settled += 1;
    ports.logger.warn(
      { deliveryId: lapsed.delivery.id, keyId: lapsed.delivery.keyId },
      'lapsed delivery settled, key cut off',
    );
  }
  let told = 0;
  for (const { collection, account, deadKeyId } of await ports.store.untoldCollections(
    ports.organization.id,
    ports.now(),
  )) {
    if (await offerCollection(ports, collection, account, deadKeyId)) told += 1;
  }
  return { settled, told };
}
