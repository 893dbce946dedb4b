import type { ServiceAccount } from '../../domain/accounts/service-account.ts';
import type { Person } from '../../domain/organization/person.ts';
import { holdNotification } from '../jobs/notification-jobs.ts';
import type { Ports } from '../ports/account-ports.ts';
import type { Collection } from '../ports/account-records.ts';
import type { IssueKeyResult, UnknownOutcomeCause } from '../ports/backend.ts';
import type { HeldJob } from '../ports/job-store.ts';
import type { Route } from '../ports/slack.ts';
import { checkMayAsk } from '../requests/approvers.ts';
import { type Attempt, authorize, type Check, checkManage, checkNewKey, recordRefusal } from './authorize.ts';
import { type DeliverKeyResult, deliverKey } from './deliver-key.ts';
import { type Refusal, refusalForTeam } from './refusal.ts';

export interface CollectKey {
  slackUserId: string;
  collectionId: string;
  route: Route;
  requestId: string;
}

export type CollectKeyResult =
  | { kind: 'collected'; account: ServiceAccount; collection: Collection; key: DeliverKeyResult }
  | {
      kind: 'not_collectable';
      reason: 'expired' | 'already_collected' | 'account_revoked' | 'being_revoked' | 'under_way';
      account: ServiceAccount;
      collection: Collection;
    }
  /** No key was created, and the person may collect it again. `notice`: to be ended once Slack has shown this. */
  | {
      kind: 'not_created';
      account: ServiceAccount;
      failure: UnknownOutcomeCause;
      link: string | undefined;
      notice: HeldJob;
    }
  /** The server created the account but didn't return its key, so an admin creates one there. */
  | { kind: 'no_key_shown'; account: ServiceAccount; serverName: string; link: string | undefined }
  /** No such collection, or someone else's. The two must look the same. */
  | { kind: 'not_found' }
  | { kind: 'refused'; refusal: Refusal };

/**
 * Creates the key of a collection and sends it: once, in time, for the same person, and only if they still administer the
 * team, are in it where they requested the account, or are the account's contact where they rotated a key.
 *
 * @throws DirectoryUnavailableError, StoreUnavailableError, BackendUnavailableError: no key was created
 */
export async function collectKey(ports: Ports, request: CollectKey): Promise<CollectKeyResult> {
  const { slackUserId, collectionId, route, requestId } = request;
  const attempt: Attempt = {
    slackUserId,
    action: 'api_key.collection_refused',
    details: { collection: collectionId.slice(0, 64) },
    requestId,
  };
  const authorized = await authorize(ports, attempt, (person) =>
    checkCollection(ports, person, collectionId),
  );
  if (!authorized.ok) {
    const { refusal } = authorized;
    const isHidden = refusal.reason === 'collection_unknown' || refusal.reason === 'team_unknown';
    return isHidden ? { kind: 'not_found' } : { kind: 'refused', refusal };
  }
  const { person, granted } = authorized;
  const { collection, account } = granted;
  const reason = notCollectableReason(collection, account);
  if (reason !== undefined) return { kind: 'not_collectable', reason, account, collection };
  const notice = holdNotification(ports);
  const options = { route: route.kind, requestId, notice };
  const issuing = await ports.backend.issueCollectedKey(collection, account, options);
  if (issuing.ok) {
    const key = await deliverKey(ports, issuing.issued, route, requestId);
    // The card of a rotation shows that both keys work.
    if (collection.rotationId !== undefined) ports.wakeJobs();
    return { kind: 'collected', account, collection, key };
  }
  if (issuing.reason === 'not_admin') {
    recordRefusal(ports, attempt, { person, reason: issuing.reason });
    return { kind: 'refused', refusal: await refusalForTeam(ports, account.teamName) };
  }
  if (issuing.reason === 'outcome_unknown') ports.wakeJobs();
  const link = ports.backend.teamPage(account.teamName);
  return notIssued(issuing, granted, { link, notice });
}

function notCollectableReason(
  collection: Collection,
  account: ServiceAccount,
): Extract<CollectKeyResult, { kind: 'not_collectable' }>['reason'] | undefined {
  if (account.state === 'revoking') return 'being_revoked';
  if (account.state !== 'active') return 'account_revoked';
  if (collection.state === 'collected') return 'already_collected';
  // With an active account, a closed collection means that the last attempt failed after the deadline.
  return collection.state === 'closed' ? 'expired' : undefined;
}

async function checkCollection(
  ports: Ports,
  person: Person,
  collectionId: string,
): Promise<
  Check<{ collection: Collection; account: ServiceAccount }, Refusal | { reason: 'collection_unknown' }>
> {
  const collection = await ports.store.findCollection(collectionId);
  const account = collection && (await ports.backend.findAccount(collection.accountId));
  if (
    collection === undefined ||
    account === undefined ||
    collection.person.slackUserId !== person.slackUserId
  ) {
    return { ok: false, refusal: { reason: 'collection_unknown' } };
  }
  const { accessRequestId } = collection;
  if (accessRequestId !== undefined) {
    const refusal = await requestedKeyRefusal(ports, person, { accessRequestId, account });
    return refusal === undefined ? { ok: true, granted: { collection, account } } : { ok: false, refusal };
  }
  const check = collection.rotationId === undefined ? checkManage : checkNewKey;
  const checked = await check(ports, person, account);
  return checked.ok ? { ok: true, granted: { collection, account } } : checked;
}

/** A member collects the key of an account that they requested, while the request is approved and they are in the team. */
async function requestedKeyRefusal(
  ports: Ports,
  person: Person,
  { accessRequestId, account }: { accessRequestId: string; account: ServiceAccount },
): Promise<Refusal | { reason: 'collection_unknown' } | undefined> {
  const request = await ports.store.accessRequest(accessRequestId);
  const isRequester = request?.person.email === person.email && request.accountId === account.id;
  if (!isRequester) return { reason: 'collection_unknown' };
  // The account of any other one is being revoked, which is what the person reads.
  const asked = await checkMayAsk(ports, person, account.teamName);
  return asked.ok ? undefined : asked.refusal;
}

function notIssued(
  issuing: Exclude<IssueKeyResult, { ok: true } | { reason: 'not_admin' }>,
  { account, collection }: { account: ServiceAccount; collection: Collection },
  { link, notice }: { link: string | undefined; notice: HeldJob },
): CollectKeyResult {
  switch (issuing.reason) {
    case 'not_open':
      return { kind: 'not_collectable', reason: 'under_way', account, collection };
    case 'expired':
    case 'account_revoked':
    case 'being_revoked':
      return { kind: 'not_collectable', reason: issuing.reason, account, collection };
    case 'backend_refused':
    case 'outcome_unknown':
      return { kind: 'not_created', account, failure: issuing.failure, link, notice };
    case 'no_key_shown':
      return { kind: 'no_key_shown', account, serverName: issuing.serverName, link };
  }
}
