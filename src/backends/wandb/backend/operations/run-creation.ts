import { heldNotification } from '../../../../application/jobs/notification-jobs.ts';
import type { PendingDelivery } from '../../../../application/ports/account-records.ts';
import type {
  BackendFailure,
  IssuedKey,
  UnknownOutcomeCause,
} from '../../../../application/ports/backend.ts';
import { OPERATION_LEASE_MS, type ServerIdentity } from '../../../../application/ports/operation-store.ts';
import { DELIVERY_LEASE_MS } from '../../../../application/ports/store.ts';
import type { AuditAction } from '../../../../domain/audit/audit-actions.ts';
import type { AuditDetail } from '../../../../domain/audit/audit-event.ts';
import type { Secret } from '../../../../domain/keys/secret.ts';
import { accountEvent, actorOf } from '../../../account-event.ts';
import { readNewServiceAccountKey } from '../../client/queries/read-new-key.ts';
import { backendFailureOf } from '../backend-failure.ts';
import { operationNotRecorded, SYSTEM, type WandbContext } from '../wandb-context.ts';
import { type Creation, createOnServer } from './create-on-server.ts';
import { removeFromServer } from './remove-from-server.ts';

export type RunCreationResult =
  | { ok: true; issued: IssuedKey | undefined }
  | { ok: false; reason: 'backend_refused'; failure: BackendFailure; isConflict: boolean }
  | { ok: false; reason: 'no_key_shown'; removed: boolean }
  | { ok: false; reason: 'account_revoked' }
  | { ok: false; reason: 'outcome_unknown'; cause: UnknownOutcomeCause };

/**
 * Runs a stored creation: creates the account on the server, reads its key and stores the outcome. Never rejects. An unknown
 * outcome is settled by the process that claims the operation after its lease.
 */
export async function runCreation(context: WandbContext, creation: Creation): Promise<RunCreationResult> {
  try {
    return await run(context, creation);
  } catch (error) {
    return outcomeUnknown(await operationNotRecorded(context, creation.held.operationId, error));
  }
}

async function run(context: WandbContext, creation: Creation): Promise<RunCreationResult> {
  const created = await createOnServer(context, creation);
  if (created.kind === 'unknown') return outcomeUnknown(created.failure);
  if (created.kind === 'not_created') {
    const { failure, isConflict } = created;
    await storeFailure(context, creation, failure.reason);
    return { ok: false, reason: 'backend_refused', failure, isConflict };
  }
  const { server } = created;
  const leaseUntilMs = context.now() + OPERATION_LEASE_MS;
  const lateDeadlineMs = context.monotonicMs() + OPERATION_LEASE_MS / 2;
  const recorded = await context.store.recordServerIdentity({
    operationId: creation.held.operationId,
    server,
    nowMs: context.now(),
    leaseUntilMs,
  });
  if (recorded === 'completed') return outcomeUnknown({ reason: 'under_way' });
  if (recorded === 'reopened') {
    // The operation was given up before the server created the account, which must be removed now.
    const held = { ...creation.held, leaseUntilMs };
    const late: Creation = { ...creation, held, deadlineMs: lateDeadlineMs };
    await undo(context, late, server, 'too_late');
    return outcomeUnknown({ reason: 'too_slow' });
  }
  if (creation.route === undefined) return complete(context, creation, server, undefined);
  return readKey(context, creation, server);
}

/** The only place that reads a key: right after the creation, in the process that created the account. */
async function readKey(
  context: WandbContext,
  creation: Creation,
  server: ServerIdentity,
): Promise<RunCreationResult> {
  const { account, deadlineMs } = creation;
  const { client, store, now } = context;
  const { name, teamName } = account;
  const created = { memberId: server.memberId ?? '', name };
  const read = await readNewServiceAccountKey(client, teamName, created, { deadlineMs });
  if (!read.ok) {
    const failure = backendFailureOf(read.failure);
    const removed = await undo(context, creation, server, failure.reason);
    return removed
      ? { ok: false, reason: 'backend_refused', failure, isConflict: false }
      : outcomeUnknown(failure);
  }
  switch (read.value.kind) {
    case 'key':
      await store.recordKeysNotShown(undefined);
      return complete(context, creation, server, read.value.key);
    case 'no_key_shown':
      await store.recordKeysNotShown(now());
      return {
        ok: false,
        reason: 'no_key_shown',
        removed: await undo(context, creation, server, 'no_key_shown'),
      };
    case 'no_such_member':
      return outcomeUnknown({ reason: 'account_not_shown' });
  }
}

async function complete(
  context: WandbContext,
  creation: Creation,
  server: ServerIdentity,
  key: Secret | undefined,
): Promise<RunCreationResult> {
  const { account, collectionId } = creation;
  const nowMs = context.now();
  const delivery = newDelivery(context, creation, nowMs);
  const isNew = collectionId === undefined;
  const completed = await context.store.completeCreation({
    ...creation.held,
    server,
    key: delivery && { record: { keyId: delivery.keyId, createdAtMs: nowMs }, delivery },
    nowMs,
    auditEvent: event(context, creation, isNew ? 'service_account.created' : 'api_key.created', {
      method: account.method,
      key_id: delivery?.keyId,
      issuer: account.externalIdentity?.issuer,
      subject: account.externalIdentity?.subject,
      member: server.memberId,
    }),
    notification:
      creation.notice &&
      heldNotification(
        creation.notice,
        { message: 'federated_account_created', accountId: account.id },
        { ...creation.person, requestId: creation.requestId, nowMs },
      ),
  });
  if (completed === 'not_held') return outcomeUnknown({ reason: 'not_recorded' });
  if (completed === 'account_revoked') {
    await undo(context, creation, server, 'account_revoked');
    return { ok: false, reason: 'account_revoked' };
  }
  if (key === undefined || delivery === undefined) return { ok: true, issued: undefined };
  return { ok: true, issued: { account, delivery, key, expiresAtMs: undefined } };
}

function newDelivery(
  { newId }: WandbContext,
  { person, route, collectionId }: Creation,
  nowMs: number,
): PendingDelivery | undefined {
  if (route === undefined) return undefined;
  const leaseUntilMs = nowMs + DELIVERY_LEASE_MS;
  // The server doesn't return the key's own ID with it, so Keysmith assigns one.
  return { id: newId('dlv'), keyId: newId('key'), person, route, leaseUntilMs, collectionId };
}

/** Removes a created account. Returns false when it may still exist; settling then retries the removal. */
async function undo(
  context: WandbContext,
  creation: Creation,
  server: ServerIdentity,
  cause: string,
): Promise<boolean> {
  const { held, account, deadlineMs } = creation;
  const { store, now } = context;
  const abandoned = await store.abandonCreation({
    ...held,
    nowMs: now(),
    auditEvent: event(context, creation, 'service_account.creation_abandoned', { cause }),
  });
  // Another process holds the operation now, and removes the account.
  if (!abandoned) return false;
  const removal = await removeFromServer(context, { account, server }, deadlineMs);
  // An account that was never seen may exist under another ID than the server returned; settling looks for it.
  if (removal.kind === 'removed' && !removal.wasGone) return storeFailure(context, creation, cause);
  const { operationId } = held;
  context.logger.error({ operationId, cause, ...removal }, 'account not removed from the server');
  return false;
}

function storeFailure(context: WandbContext, creation: Creation, cause: string): Promise<boolean> {
  return context.store.failCreation({
    ...creation.held,
    state: 'failed',
    nowMs: context.now(),
    auditEvent: event(context, creation, 'service_account.creation_failed', { cause }),
  });
}

function event(
  { now }: WandbContext,
  { account, person, requestId }: Creation,
  action: AuditAction,
  details: Record<string, AuditDetail | undefined>,
) {
  const isByPerson = action === 'service_account.created' || action === 'api_key.created';
  const actor = isByPerson ? actorOf(person) : SYSTEM;
  return accountEvent(account, { action, actor, atMs: now(), requestId, details });
}

function outcomeUnknown(cause: UnknownOutcomeCause): RunCreationResult {
  return { ok: false, reason: 'outcome_unknown', cause };
}
