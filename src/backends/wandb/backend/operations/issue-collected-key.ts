import type { Collection, DeliveryRoute } from '../../../../application/ports/account-records.ts';
import type { IssueKeyResult } from '../../../../application/ports/backend.ts';
import { OPERATION_LEASE_MS } from '../../../../application/ports/operation-store.ts';
import type { ServiceAccount } from '../../../../domain/accounts/service-account.ts';
import { accountEvent, actorOf } from '../../../account-event.ts';
import { apiKeyFeature } from '../features.ts';
import { administers, isNameTaken, snapshotBefore } from '../team-members.ts';
import { OPERATION_TIMEOUT_MS, type WandbContext } from '../wandb-context.ts';
import type { Creation } from './create-on-server.ts';
import { runCreation } from './run-creation.ts';

/**
 * Creates the account on the server again, with a new key: the previous one was removed with the key that wasn't delivered.
 *
 * @throws BackendUnavailableError, StoreUnavailableError when nothing was created
 */
export async function issueCollectedKey(
  context: WandbContext,
  collection: Collection,
  account: ServiceAccount,
  { route, requestId }: { route: DeliveryRoute; requestId: string },
): Promise<IssueKeyResult> {
  const deadlineMs = context.monotonicMs() + OPERATION_TIMEOUT_MS;
  const unavailable = await apiKeyRefusal(context);
  if (unavailable !== undefined) return unavailable;
  const before = await context.teams.fresh(account.teamName, { deadlineMs });
  if (before === undefined) {
    return { ok: false, reason: 'backend_refused', failure: { reason: 'team_not_shown' } };
  }
  if (!administers(context, before, collection.person)) return { ok: false, reason: 'not_admin' };
  // An account of Keysmith's own has the name only while another click creates it.
  if (isNameTaken(before, account.name)) {
    const current = await context.store.findCollection(collection.id);
    return { ok: false, reason: current?.state === 'open' ? 'name_taken' : 'not_open' };
  }
  const creation: Creation = {
    held: { operationId: context.newId('op'), leaseUntilMs: context.now() + OPERATION_LEASE_MS },
    account,
    person: collection.person,
    ...snapshotBefore(before),
    providerId: undefined,
    route,
    collectionId: collection.id,
    requestId,
    notice: undefined,
    deadlineMs,
  };
  const begun = await begin(context, creation, collection.id);
  if (!begun.ok) return begun;
  const result = await runCreation(context, creation);
  if (!result.ok) return result;
  if (result.issued === undefined) throw new Error('A collected account has no key.');
  return { ok: true, issued: result.issued };
}

async function apiKeyRefusal(
  context: WandbContext,
): Promise<Extract<IssueKeyResult, { ok: false }> | undefined> {
  const apiKeys = await apiKeyFeature(context);
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
