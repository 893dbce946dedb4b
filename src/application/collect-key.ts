import type { ServiceAccount } from '../domain/service-account.ts';
import { administerTeamAs } from './administer-team.ts';
import { type DeliverKeyResult, deliverKey } from './deliver-key.ts';
import { type Caller, identify } from './identify.ts';
import type { Route } from './ports/slack.ts';
import type { Ports } from './ports.ts';
import { type Refusal, recordRefusal } from './refusal.ts';

export interface CollectKey {
  slackUserId: string;
  collectionId: string;
  route: Route;
  requestId: string;
}

export type CollectKeyResult =
  | { kind: 'collected'; account: ServiceAccount; key: DeliverKeyResult }
  | {
      kind: 'over';
      reason: 'expired' | 'collected_before' | 'account_revoked' | 'under_way';
    }
  /** No such offer, or somebody else's: the two are not told apart. */
  | { kind: 'unknown' }
  | { kind: 'refused'; refusal: Refusal };

/** Mints a key at the click on *Collect key*: for the same person, still allowed, in time, once. */
export async function collectKey(ports: Ports, request: CollectKey): Promise<CollectKeyResult> {
  const { slackUserId, collectionId, route, requestId } = request;
  const identified = await identify(ports, slackUserId);
  if (!identified.ok) {
    const { refusal } = identified;
    await refused(ports, request, { slackUserId }, refusal.reason);
    return { kind: 'refused', refusal };
  }
  const { person } = identified;
  const collection = await ports.store.findCollection(ports.organization.id, collectionId);
  const account = collection && (await ports.backend.findAccount(collection.accountId));
  if (collection === undefined || account === undefined || collection.person.slackUserId !== slackUserId) {
    await refused(ports, request, person, 'collection_unknown');
    return { kind: 'unknown' };
  }
  const administering = await administerTeamAs(ports, person, account.teamName);
  if (!administering.ok) {
    const { refusal } = administering;
    await refused(ports, request, administering.who, refusal.reason);
    return refusal.reason === 'team_unknown' ? { kind: 'unknown' } : { kind: 'refused', refusal };
  }
  if (account.status === 'revoked') return { kind: 'over', reason: 'account_revoked' };
  if (collection.state === 'collected') return { kind: 'over', reason: 'collected_before' };
  // The account is active: its last try failed when the time was over.
  if (collection.state === 'closed') return { kind: 'over', reason: 'expired' };
  const issuing = await ports.backend.issueCollectedKey(collection, account, {
    route: route.kind,
    requestId,
  });
  if (!issuing.ok) {
    return {
      kind: 'over',
      reason: issuing.reason === 'not_open' ? 'under_way' : issuing.reason,
    };
  }
  return {
    kind: 'collected',
    account,
    key: await deliverKey(ports, issuing.issued, route, requestId),
  };
}

function refused(
  ports: Ports,
  { collectionId, requestId }: CollectKey,
  who: Caller,
  reason: string,
): Promise<void> {
  return recordRefusal(ports, {
    who,
    action: 'api_key.collection_refused',
    reason,
    details: { collection: collectionId.slice(0, 64) },
    requestId,
  });
}
