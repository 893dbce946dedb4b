import { accountEvent, actorOf } from '../../../../application/accounts/account-event.ts';
import { heldStart } from '../../../../application/jobs/notification-jobs.ts';
import type { Collection, PendingDelivery } from '../../../../application/ports/account-records.ts';
import type {
  BackendFailure,
  IssuedKey,
  UnknownOutcomeCause,
} from '../../../../application/ports/backend.ts';
import type { HeldJob, NewNotification } from '../../../../application/ports/job-store.ts';
import type { AccountMessage } from '../../../../application/ports/notifications.ts';
import { COLLECTION_LIFETIME_MS, DELIVERY_LEASE_MS } from '../../../../application/ports/store.ts';
import { FIRST_KEY_NAME } from '../../../../domain/keys/key-name.ts';
import type { Secret } from '../../../../domain/keys/secret.ts';
import { readNewServiceAccountKey } from '../../client/queries/read-new-key.ts';
import { backendFailureOf } from '../backend-failure.ts';
import { SYSTEM, type WandbContext } from '../wandb-context.ts';
import { type Attempt, jobOf, type StoredAttempt } from './attempt.ts';
import { createOnServer } from './create-on-server.ts';

export type AttemptResult =
  /** `issued` is undefined if Keysmith has no key for the account. */
  | { ok: true; issued: IssuedKey | undefined }
  | { ok: false; reason: 'backend_refused'; failure: BackendFailure; isConflict: boolean }
  /** `collection`: opened in place of the key. */
  | {
      ok: false;
      reason: 'outcome_unknown';
      failure: UnknownOutcomeCause;
      collection: Collection | undefined;
    };

/**
 * Runs a stored attempt: creates the account on the server, reads its key and stores the outcome. Never rejects. The
 * job of its server account completes what this leaves open.
 */
export async function runAttempt(context: WandbContext, attempt: Attempt): Promise<AttemptResult> {
  try {
    return await run(context, attempt);
  } catch (error) {
    context.logger.error({ err: error, serverAccountId: attempt.server.id }, 'creation not recorded');
    return outcomeUnknown({ reason: 'not_recorded' });
  }
}

async function run(context: WandbContext, attempt: Attempt): Promise<AttemptResult> {
  const { store, now, client } = context;
  const { account, server, key, deadlineMs } = attempt;
  const created = await createOnServer(context, attempt);
  if (created.kind === 'unknown') return settleUnknown(context, attempt, created.failure);
  if (created.kind === 'not_created') {
    const { failure, isConflict, mayAppear } = created;
    const options = { isCertain: !mayAppear, cause: failure.reason };
    const abandon = () => abandonAttempt(context, attempt, options);
    // Repeated on failure: if only the response of the write was lost, no job is left to report the outcome.
    await abandon().catch(abandon);
    return { ok: false, reason: 'backend_refused', failure, isConflict };
  }
  const { key: _, ...deletion } = jobOf(attempt);
  const identity = {
    serverAccountId: server.id,
    ...created.identity,
    ifAbandoned: { deletion, nowMs: now() },
  };
  if ((await store.recordServerIdentity(identity)) === 'abandoned')
    return outcomeUnknown({ reason: 'too_slow' });
  if (key === undefined) return complete(context, attempt, undefined);
  // The only place that reads a key: right after the creation, in the process that created the account.
  const read = await readNewServiceAccountKey(client, account.teamName, server.name, { deadlineMs });
  if (!read.ok) return settleUnknown(context, attempt, backendFailureOf(read.failure));
  if (read.value.kind === 'no_such_member')
    return settleUnknown(context, attempt, { reason: 'account_not_shown' });
  await store.recordKeysNotShown(read.value.kind === 'key' ? undefined : now());
  return complete(context, attempt, read.value.kind === 'key' ? read.value.key : undefined);
}

const RETRY_PAUSE_MS = 60_000;

/** Without a key to read, the job completes the account later. A key that wasn't read now is never read. */
async function settleUnknown(
  context: WandbContext,
  attempt: Attempt,
  failure: BackendFailure,
): Promise<AttemptResult> {
  if (attempt.key === undefined) {
    const nowMs = context.now();
    // The longer it has failed, the longer the pause: each retry asks the server for another account.
    const { notice, account } = attempt;
    const pauseMs = notice === undefined ? Math.max(RETRY_PAUSE_MS, nowMs - account.createdAtMs) : 0;
    await context.store.scheduleServerAccount(jobOf(attempt), nowMs + pauseMs);
    return outcomeUnknown(failure);
  }
  const { collection } = await abandonAttempt(context, attempt, {
    isCertain: false,
    cause: failure.reason,
    opensCollection: true,
  });
  return outcomeUnknown(failure, collection);
}

async function complete(
  context: WandbContext,
  attempt: Attempt,
  key: Secret | undefined,
): Promise<AttemptResult> {
  const delivery = key && newDelivery(context, attempt);
  const completed = await completeAttempt(context, attempt, delivery);
  // What gave it up has also scheduled its deletion.
  if (completed === 'abandoned') return outcomeUnknown({ reason: 'too_slow' });
  if (completed === 'already') return outcomeUnknown({ reason: 'under_way' });
  if (key === undefined || delivery === undefined) return { ok: true, issued: undefined };
  const { account, server } = attempt;
  const issued = {
    account,
    delivery,
    keyName: attempt.key?.name ?? FIRST_KEY_NAME,
    isRevokedAlone: false,
    key,
    expiresAtMs: undefined,
    serverName: server.name,
  };
  return { ok: true, issued };
}

/** Activates the account, and queues the notification of one whose key the person didn't get. */
export function completeAttempt(
  { store, now }: WandbContext,
  attempt: StoredAttempt & { key?: Attempt['key'] },
  delivery: PendingDelivery | undefined,
) {
  const { account, server, person, requestId, key } = attempt;
  const nowMs = now();
  const collectionId = key?.collectionId;
  const action = collectionId === undefined ? 'service_account.created' : 'api_key.created';
  return store.completeCreation({
    serverAccountId: server.id,
    key: delivery &&
      key && {
        record: { keyId: delivery.keyId, name: key.name, createdAtMs: nowMs },
        expiry: key.expiry,
        delivery,
      },
    collectionId,
    nowMs,
    auditEvent: accountEvent(account, {
      action,
      actor: actorOf(person),
      atMs: nowMs,
      requestId,
      details: {
        method: account.method,
        key_id: delivery?.keyId,
        issuer: account.externalIdentity?.issuer,
        subject: account.externalIdentity?.subject,
        server_name: server.name,
      },
    }),
    notification: delivery === undefined ? createdNotification(attempt, nowMs) : undefined,
  });
}

function createdNotification(
  { account, server, person, requestId, notice }: StoredAttempt,
  nowMs: number,
): NewNotification {
  const accountId = account.id;
  const content: AccountMessage =
    account.method === 'federated'
      ? { message: 'federated_account_created', accountId }
      : { message: 'account_without_key_created', accountId, serverAccountId: server.id };
  // Without a key, a direct message has the steps, too.
  const held = account.method === 'federated' ? notice : undefined;
  const { slackUserId } = person;
  return { payload: { ...content, to: { slackUserId }, requestId }, ...startOf(held, nowMs) };
}

/** Returns when a notification is sent: when the request that holds it hasn't notified the person in time, else now. */
function startOf(notice: HeldJob | undefined, nowMs: number): Pick<NewNotification, 'id' | 'start'> {
  return notice === undefined ? { start: { atMs: nowMs } } : heldStart(notice, nowMs);
}

function newDelivery({ newId, now }: WandbContext, { person, key }: Attempt): PendingDelivery | undefined {
  if (key === undefined) return undefined;
  const { route, collectionId } = key;
  // The server doesn't return the key's own ID with it, so Keysmith assigns one.
  const leaseUntilMs = now() + DELIVERY_LEASE_MS;
  return { id: newId('dlv'), keyId: newId('key'), person, route, leaseUntilMs, collectionId };
}

/** Why an attempt is abandoned whose person knows that it ended: they read what became of their request. */
export const REQUEST_ENDED = 'request_ended';

/**
 * Abandons an attempt. Its job deletes what appears on the server under its tag.
 *
 * @param options.opensCollection whether a new account becomes active and its key can be collected; otherwise it fails
 */
export function abandonAttempt(
  { store, now, newId }: WandbContext,
  attempt: StoredAttempt,
  options: { isCertain: boolean; cause: string; opensCollection?: boolean },
) {
  const { account, server, person, requestId, notice } = attempt;
  const { isCertain, cause, opensCollection = false } = options;
  const nowMs = now();
  const { key, ...job } = server.job;
  const to = { slackUserId: person.slackUserId };
  const collectionId = key?.collectionId ?? undefined;
  const message: AccountMessage =
    collectionId === undefined
      ? { message: 'account_not_created', accountId: account.id, cause }
      : { message: 'key_not_collectable', accountId: account.id, keyId: null };
  return store.abandonCreation({
    serverAccountId: server.id,
    isCertain,
    nowMs,
    collectionId,
    newCollection:
      key !== undefined && opensCollection
        ? {
            id: newId('col'),
            expiresAtMs: nowMs + COLLECTION_LIFETIME_MS,
            person,
            keyName: key.name,
            keyExpiry: key.expiry,
          }
        : undefined,
    // The request of *Collect key* shows the outcome itself. For a new account, only the direct message has the button.
    offer: { requestId, ...startOf(collectionId === undefined ? undefined : notice, nowMs) },
    job,
    auditEvent: accountEvent(account, {
      action: isCertain ? 'service_account.creation_failed' : 'service_account.creation_abandoned',
      actor: SYSTEM,
      atMs: nowMs,
      requestId,
      details: { cause, server_name: server.name },
    }),
    notification:
      cause === REQUEST_ENDED
        ? undefined
        : { payload: { ...message, to, requestId }, ...startOf(notice, nowMs) },
  });
}

function outcomeUnknown(failure: UnknownOutcomeCause, collection?: Collection): AttemptResult {
  return { ok: false, reason: 'outcome_unknown', failure, collection };
}
