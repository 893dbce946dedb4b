import type { Ports } from '../ports/account-ports.ts';
import type { Collection, CollectionNotification } from '../ports/account-records.ts';
import type { EndingNotification } from '../ports/operation-store.ts';

/** Direct messages sent at the same time. */
const MAX_NOTIFICATIONS = 10;

/**
 * Notifies people of keys they can collect. Returns the number of notified people. Separate from settling deliveries, which
 * must not wait for Slack.
 *
 * Any process may run it at any time: a lease gives each notification to one of them. Failures are retried with growing
 * pauses.
 */
export async function notifyCollections(ports: Ports): Promise<number> {
  const claimed = await ports.store.claimCollectionNotifications(ports.now(), { limit: MAX_NOTIFICATIONS });
  const sent = await Promise.all(claimed.map((notification) => sendCollection(ports, notification)));
  return sent.filter(Boolean).length;
}

/** Notifies the person of one collection now. Returns false when Slack didn't accept the message: a job retries it. */
export async function notifyCollection(ports: Ports, { id }: Collection): Promise<boolean> {
  try {
    const claim = { collectionId: id };
    const [claimed] = await ports.store.claimCollectionNotifications(ports.now(), claim);
    // Another process is sending it.
    if (claimed === undefined) return true;
    return await sendCollection(ports, claimed);
  } catch (error) {
    ports.logger.error({ err: error, collectionId: id }, 'collection notification not claimed');
    return false;
  }
}

async function sendCollection(
  ports: Ports,
  { collection, account, revokedKeyId }: CollectionNotification,
): Promise<boolean> {
  const { id: collectionId } = collection;
  try {
    if (!(await ports.notifications.offerCollection(collection, account, revokedKeyId))) return false;
  } catch (error) {
    ports.logger.error({ err: error, collectionId }, 'collection notification failed');
    return false;
  }
  try {
    await ports.store.markCollectionNotified({ collectionId, revokedKeyId, nowMs: ports.now() });
  } catch (error) {
    // The message was sent: sending it twice is better than reporting a failure.
    ports.logger.error({ err: error, collectionId }, 'collection notification not recorded');
  }
  return true;
}

/** Notifies people how operations on the backend ended, as {@link notifyCollections} does. */
export async function notifyEndings(ports: Ports): Promise<number> {
  const claimed = await ports.store.claimEndingNotifications(ports.now(), { limit: MAX_NOTIFICATIONS });
  const sent = await Promise.all(claimed.map((notification) => sendEnding(ports, notification)));
  return sent.filter(Boolean).length;
}

async function sendEnding(ports: Ports, { operationId, ...ending }: EndingNotification): Promise<boolean> {
  const link = ports.backend.teamPage(ending.account.teamName);
  try {
    if (!(await ports.notifications.reportEnding({ ...ending, link }))) return false;
  } catch (error) {
    ports.logger.error({ err: error, operationId }, 'operation notification failed');
    return false;
  }
  try {
    await ports.store.markEndingNotified({ operationId, kind: ending.kind, nowMs: ports.now() });
  } catch (error) {
    // The message was sent: sending it twice is better than reporting a failure.
    ports.logger.error({ err: error, operationId }, 'operation notification not recorded');
  }
  return true;
}
