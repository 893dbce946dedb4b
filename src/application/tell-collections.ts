import type { ClaimedTelling, Collection } from './ports/store.ts';
import type { Ports } from './ports.ts';

/** Direct messages under way at once. */
const TOLD_AT_ONCE = 10;

/**
 * Tells those who have a key to collect and have not been told yet. Apart from settling, which must not wait for Slack. Safe
 * to run at any time, anywhere: of many that run at once one tells a person. Who could not be told is tried again after
 * growing pauses.
 */
export async function tellCollections(ports: Ports): Promise<number> {
  const claimed = await ports.store.claimTellings(ports.organization.id, ports.now(), {
    limit: TOLD_AT_ONCE,
  });
  const told = await Promise.all(claimed.map((one) => tell(ports, one)));
  return told.filter(Boolean).length;
}

/** Tells the person of one collection at once. False where Slack did not take the message: that is tried again later. */
export async function tellCollection(ports: Ports, { id }: Collection): Promise<boolean> {
  try {
    const [claimed] = await ports.store.claimTellings(ports.organization.id, ports.now(), {
      collectionId: id,
    });
    // Somebody else is telling.
    if (claimed === undefined) return true;
    return await tell(ports, claimed);
  } catch (error) {
    ports.logger.error({ err: error, collectionId: id }, 'the telling could not be begun');
    return false;
  }
}

async function tell(ports: Ports, { collection, account, deadKeyId }: ClaimedTelling): Promise<boolean> {
  const { id: collectionId } = collection;
  try {
    if (!(await ports.notices.offerCollection(collection, account, deadKeyId))) return false;
  } catch (error) {
    ports.logger.error({ err: error, collectionId }, 'somebody could not be told');
    return false;
  }
  try {
    const told = { collectionId, deadKeyId, nowMs: ports.now() };
    await ports.store.markCollectionTold(ports.organization.id, told);
  } catch (error) {
    // Told twice is better than a failure for what has happened.
    ports.logger.error({ err: error, collectionId }, 'the offer went out, unrecorded');
  }
  return true;
}
