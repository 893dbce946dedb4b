import type { Ports } from '../ports/account-ports.ts';
import type { Collection, CollectionNotification } from '../ports/account-records.ts';
import type { EndingNotification } from '../ports/operation-store.ts';

/** Direct messages under way at once. */
const TOLD_AT_ONCE = 10;

/**
 * Tells those who have a key to collect and have not been told yet. Apart from settling, which must not wait for Slack. Safe
 * to run at any time, anywhere: of many that run at once one tells a person. Who could not be told is tried again after
 * growing pauses.
 */
export async function notifyCollections(ports: Ports): Promise<number> {
  const claimed = await ports.store.claimCollectionNotifications(ports.now(), {
    limit: TOLD_AT_ONCE,
  });
  const told = await Promise.all(claimed.map((one) => sendOffer(ports, one)));
  return told.filter(Boolean).length;
}

/** Tells the person of one collection at once. False where Slack did not take the message: that is tried again later. */
export async function notifyCollection(ports: Ports, { id }: Collection): Promise<boolean> {
  try {
    const [claimed] = await ports.store.claimCollectionNotifications(ports.now(), {
      collectionId: id,
    });
    // Somebody else is telling.
    if (claimed === undefined) return true;
    return await sendOffer(ports, claimed);
  } catch (error) {
    ports.logger.error({ err: error, collectionId: id }, 'the telling could not be begun');
    return false;
  }
}

async function sendOffer(
  ports: Ports,
  { collection, account, revokedKeyId }: CollectionNotification,
): Promise<boolean> {
  const { id: collectionId } = collection;
  try {
    if (!(await ports.notifications.offerCollection(collection, account, revokedKeyId))) return false;
  } catch (error) {
    ports.logger.error({ err: error, collectionId }, 'somebody could not be told');
    return false;
  }
  try {
    const told = { collectionId, revokedKeyId, nowMs: ports.now() };
    await ports.store.markCollectionNotified(told);
  } catch (error) {
    // Told twice is better than a failure for what has happened.
    ports.logger.error({ err: error, collectionId }, 'the offer went out, unrecorded');
  }
  return true;
}

/** Tells how operations on the backend ended whose outcome nobody has heard; as `notifyCollections` does. */
export async function notifyEndings(ports: Ports): Promise<number> {
  const claimed = await ports.store.claimEndingNotifications(ports.now(), {
    limit: TOLD_AT_ONCE,
  });
  const told = await Promise.all(claimed.map((one) => tellEnding(ports, one)));
  return told.filter(Boolean).length;
}

async function tellEnding(ports: Ports, { operationId, ...ending }: EndingNotification): Promise<boolean> {
  const link = ports.backend.teamPage(ending.account.teamName);
  try {
    if (!(await ports.notifications.reportEnding({ ...ending, link }))) return false;
  } catch (error) {
    ports.logger.error({ err: error, operationId }, 'somebody could not be told');
    return false;
  }
  try {
    const { kind } = ending;
    await ports.store.markEndingNotified({ operationId, kind, nowMs: ports.now() });
  } catch (error) {
    // Told twice is better than a failure for what has happened.
    ports.logger.error({ err: error, operationId }, 'the ending was told, unrecorded');
  }
  return true;
}
