import { authorize } from '../accounts/authorize.ts';
import type { NotIdentified } from '../accounts/refusal.ts';
import type { Ports } from '../ports/account-ports.ts';

export interface OfferCollection {
  slackUserId: string;
  collectionId: string;
  requestId: string;
}

export type OfferCollectionResult =
  | { kind: 'sent' | 'not_sent' }
  /** The key was collected, or the time is over. Someone else's collection looks the same. */
  | { kind: 'nothing_to_collect' }
  | { kind: 'refused'; refusal: NotIdentified };

/**
 * Sends the direct message with *Collect key* again. A key needs a message to appear in, and a click on the Home tab isn't in a
 * conversation.
 *
 * @throws DirectoryUnavailableError, StoreUnavailableError
 */
export async function offerCollection(
  ports: Ports,
  { slackUserId, collectionId, requestId }: OfferCollection,
): Promise<OfferCollectionResult> {
  const attempt = { slackUserId, action: 'api_key.collection_refused', requestId } as const;
  const authorized = await authorize(ports, attempt, async () => {
    const open = await ports.store.openCollections(slackUserId, ports.now());
    const collection = open.find(({ id }) => id === collectionId);
    return collection === undefined
      ? { ok: false, refusal: { reason: 'collection_unknown' as const } }
      : { ok: true, granted: collection };
  });
  if (!authorized.ok) {
    const { refusal } = authorized;
    return refusal.reason === 'collection_unknown'
      ? { kind: 'nothing_to_collect' }
      : { kind: 'refused', refusal };
  }
  const collection = authorized.granted;
  const account = await ports.store.findAccount(collection.accountId);
  if (account === undefined) return { kind: 'nothing_to_collect' };
  const isSent = await ports.notifications.send(slackUserId, {
    message: 'key_collectable',
    accountId: account.id,
    collectionId,
    keyId: null,
    account,
    collection,
    requestId,
    link: ports.backend.teamPage(account.teamName),
  });
  return { kind: isSent ? 'sent' : 'not_sent' };
}
