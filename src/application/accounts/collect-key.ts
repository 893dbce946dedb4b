import type { ServiceAccount } from '../../domain/accounts/service-account.ts';
import type { Ports } from '../ports/account-ports.ts';
import type { BackendFailure, IssueKeyResult, UnknownOutcomeCause } from '../ports/backend.ts';
import type { Route } from '../ports/slack.ts';
import {
  administerTeamAs,
  type Caller,
  identify,
  type Refusal,
  recordRefusal,
  refuseForTeam,
} from './authorize.ts';
import { type DeliverKeyResult, deliverKey } from './deliver-key.ts';

export interface CollectKey {
  slackUserId: string;
  collectionId: string;
  route: Route;
  requestId: string;
}

type NotMinted = BackendFailure | { reason: 'name_taken' };

export type CollectKeyResult =
  | { kind: 'collected'; account: ServiceAccount; key: DeliverKeyResult }
  | {
      kind: 'over';
      reason: 'expired' | 'already_collected' | 'account_revoked' | 'being_revoked' | 'under_way';
    }
  /** Nothing was made, and it may be collected again. */
  | { kind: 'not_created'; account: ServiceAccount; failure: NotMinted; link: string | undefined }
  | { kind: 'no_key_shown'; account: ServiceAccount; removed: boolean; link: string | undefined }
  /** It is being found out what was made; the person hears it in a direct message. */
  | { kind: 'outcome_unknown'; account: ServiceAccount; cause: UnknownOutcomeCause; link: string | undefined }
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
  const collection = await ports.store.findCollection(collectionId);
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
  if (collection.state === 'collected') return { kind: 'over', reason: 'already_collected' };
  // The account is active: its last try failed when the time was over.
  if (collection.state === 'closed') return { kind: 'over', reason: 'expired' };
  const issuing = await ports.backend.issueCollectedKey(collection, account, {
    route: route.kind,
    requestId,
  });
  if (!issuing.ok && issuing.reason === 'not_admin') {
    await refused(ports, request, person, issuing.reason);
    return { kind: 'refused', refusal: await refuseForTeam(ports, account.teamName) };
  }
  if (!issuing.ok) return notIssued(issuing, account, ports.backend.teamPage(account.teamName));
  return {
    kind: 'collected',
    account,
    key: await deliverKey(ports, issuing.issued, route, requestId),
  };
}

function notIssued(
  issuing: Exclude<IssueKeyResult, { ok: true } | { reason: 'not_admin' }>,
  account: ServiceAccount,
  link: string | undefined,
): CollectKeyResult {
  switch (issuing.reason) {
    case 'not_open':
      return { kind: 'over', reason: 'under_way' };
    case 'expired':
    case 'account_revoked':
    case 'being_revoked':
      return { kind: 'over', reason: issuing.reason };
    case 'name_taken':
      return { kind: 'not_created', account, failure: { reason: 'name_taken' }, link };
    case 'backend_refused':
      return { kind: 'not_created', account, failure: issuing.failure, link };
    case 'no_key_shown':
      return { kind: 'no_key_shown', account, removed: issuing.removed, link };
    case 'outcome_unknown':
      return { kind: 'outcome_unknown', account, cause: issuing.cause, link };
  }
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
