import { accountEvent, actorOf } from '../../../../application/accounts/account-event.ts';
import type { Collection, DeliveryRoute } from '../../../../application/ports/account-records.ts';
import type { IssueKeyResult } from '../../../../application/ports/backend.ts';
import type { HeldJob } from '../../../../application/ports/job-store.ts';
import type { ServiceAccount } from '../../../../domain/accounts/service-account.ts';
import { administers, roleIn } from '../team-members.ts';
import { OPERATION_TIMEOUT_MS, type WandbContext } from '../wandb-context.ts';
import { newAttempt } from './attempt.ts';
import { runAttempt } from './run-attempt.ts';

/**
 * Creates the account on the server again, with a new key. The previous server account is deleted, because its key wasn't delivered.
 *
 * @throws BackendUnavailableError, StoreUnavailableError when nothing was created
 */
export async function issueCollectedKey(
  context: WandbContext,
  collection: Collection,
  account: ServiceAccount,
  { route, requestId, notice }: { route: DeliveryRoute; requestId: string; notice: HeldJob },
): Promise<IssueKeyResult> {
  const { teams, store, now, monotonicMs } = context;
  const { id: collectionId, person, keyName: name, keyExpiry: expiry } = collection;
  const deadlineMs = monotonicMs() + OPERATION_TIMEOUT_MS;
  const team = await teams.fresh(account.teamName, { deadlineMs, email: person.email });
  if (team === undefined) {
    return { ok: false, reason: 'backend_refused', failure: { reason: 'team_not_shown' } };
  }
  // A member collects the key of an account that they requested.
  const mayCollect =
    administers(context, team, person) ||
    (collection.accessRequestId !== undefined && roleIn(team, person.email) === 'member');
  if (!mayCollect) return { ok: false, reason: 'not_admin' };
  const attempt = newAttempt(context, {
    account,
    person,
    providerId: undefined,
    key: { name, expiry, route, collectionId },
    requestId,
    notice,
    deadlineMs,
  });
  const nowMs = now();
  const begun = await store.beginRecreation({
    collectionId,
    server: attempt.server,
    nowMs,
    auditEvent: accountEvent(account, {
      action: 'api_key.collection_started',
      actor: actorOf(person),
      atMs: nowMs,
      requestId,
      details: { server_name: attempt.server.name },
    }),
  });
  if (!begun.ok) return begun;
  const result = await runAttempt(context, attempt);
  if (!result.ok) return { ok: false, reason: result.reason, failure: result.failure };
  return result.issued === undefined
    ? { ok: false, reason: 'no_key_shown', serverName: attempt.server.name }
    : { ok: true, issued: result.issued };
}
