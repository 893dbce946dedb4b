import type { Collection, DeliveryRoute } from '../../../application/ports/account-records.ts';
import { BackendUnavailableError, type IssueKeyResult } from '../../../application/ports/backend.ts';
import { OPERATION_LEASE_MS } from '../../../application/ports/operation-store.ts';
import type { ServiceAccount } from '../../../domain/accounts/service-account.ts';
import { backendFailureOf } from './backend-failure-of.ts';
import { carryOutCreation } from './carry-out-creation.ts';
import type { Creation } from './make-on-server.ts';
import { accountEvent, actorOf } from './operation-events.ts';
import { administers } from './people-teams.ts';
import { isNameTaken, standingBefore } from './team-directory.ts';
import { apiKeysOf, CALLS_MS, type WandbContext } from './wandb-context.ts';

/**
 * Makes the account on the server anew, with its key: the one before was removed with the key that nobody could say to
 * have arrived.
 */
export async function issueCollectedKey(
  context: WandbContext,
  collection: Collection,
  account: ServiceAccount,
  { route, requestId }: { route: DeliveryRoute; requestId: string },
): Promise<IssueKeyResult> {
  const deadlineMs = context.now() + CALLS_MS;
  const unavailable = await whyUnavailable(context, deadlineMs);
  if (unavailable !== undefined) return unavailable;
  const before = await context.teams.fresh(account.teamName, { deadlineMs });
  if (before === undefined) {
    return { ok: false, reason: 'backend_refused', failure: { reason: 'team_not_shown' } };
  }
  if (!administers(context, before, collection.person)) return { ok: false, reason: 'not_admin' };
  // Our own is seen only while another click makes it.
  if (isNameTaken(before, account.name)) {
    const current = await context.store.findCollection(collection.id);
    return { ok: false, reason: current?.state === 'open' ? 'name_taken' : 'not_open' };
  }
  const creation: Creation = {
    held: { operationId: context.newId('op'), leaseUntilMs: context.now() + OPERATION_LEASE_MS },
    account,
    person: collection.person,
    ...standingBefore(before),
    providerId: undefined,
    route,
    collectionId: collection.id,
    requestId,
    deadlineMs,
  };
  const begun = await begin(context, creation, collection.id);
  if (!begun.ok) return begun;
  const carriedOut = await carryOutCreation(context, creation);
  if (!carriedOut.ok) return carriedOut;
  if (carriedOut.issued === undefined) throw new Error('A collected account has no key.');
  return { ok: true, issued: carriedOut.issued };
}

async function whyUnavailable(
  context: WandbContext,
  deadlineMs: number,
): Promise<Extract<IssueKeyResult, { ok: false }> | undefined> {
  const able = await context.capabilities({ deadlineMs });
  if (!able.ok) throw new BackendUnavailableError(backendFailureOf(able.failure));
  const apiKeys = await apiKeysOf(context, able.value);
  if (apiKeys.available) return undefined;
  return apiKeys.reason === 'no_key_shown'
    ? { ok: false, reason: 'no_key_shown', removed: true }
    : { ok: false, reason: 'backend_refused', failure: { reason: apiKeys.reason } };
}

function begin(
  { store, now }: WandbContext,
  { held, account, person, membersBefore, requestId }: Creation,
  collectionId: string,
) {
  return store.beginRecreation({
    ...held,
    collectionId,
    membersBefore,
    nowMs: now(),
    auditEvent: accountEvent(account, {
      action: 'api_key.collection_started',
      actor: actorOf(person),
      atMs: now(),
      requestId,
    }),
  });
}
