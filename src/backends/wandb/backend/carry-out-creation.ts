import type { PendingDelivery } from '../../../application/ports/account-records.ts';
import type { BackendFailure, IssuedKey, UnknownOutcomeCause } from '../../../application/ports/backend.ts';
import { OPERATION_LEASE_MS, type ServerIdentity } from '../../../application/ports/operation-store.ts';
import { DELIVERY_LEASE_MS } from '../../../application/ports/store.ts';
import type { AuditAction } from '../../../domain/audit/audit-actions.ts';
import type { AuditDetail } from '../../../domain/audit/audit-event.ts';
import type { Secret } from '../../../domain/keys/secret.ts';
import { readNewServiceAccountKey } from '../client/queries/read-new-key.ts';
import { backendFailureOf } from './backend-failure-of.ts';
import { type Creation, makeOnServer } from './make-on-server.ts';
import { accountEvent, actorOf, notRecorded, SYSTEM } from './operation-events.ts';
import { removeFromServer } from './revoke-account.ts';
import type { WandbContext } from './wandb-context.ts';

export type CarriedOut =
  | { ok: true; issued: IssuedKey | undefined }
  | { ok: false; reason: 'backend_refused'; failure: BackendFailure; isConflict: boolean }
  | { ok: false; reason: 'no_key_shown'; removed: boolean }
  | { ok: false; reason: 'account_revoked' }
  | { ok: false; reason: 'outcome_unknown'; cause: UnknownOutcomeCause };

/**
 * From the written intent to the written outcome. Whatever is left unclear on the way, and whatever fails here, is put in
 * order by who finds the operation when its lease is over.
 */
export async function carryOutCreation(context: WandbContext, creation: Creation): Promise<CarriedOut> {
  try {
    return await carryOut(context, creation);
  } catch (error) {
    return unclear(await notRecorded(context, creation.held.operationId, error));
  }
}

async function carryOut(context: WandbContext, creation: Creation): Promise<CarriedOut> {
  const made = await makeOnServer(context, creation);
  if (made.kind === 'unclear') return unclear(made.failure);
  if (made.kind === 'not_made') {
    const { failure, isConflict } = made;
    await writeFailure(context, creation, failure.reason);
    return { ok: false, reason: 'backend_refused', failure, isConflict };
  }
  const { server } = made;
  const leaseUntilMs = context.now() + OPERATION_LEASE_MS;
  const noted = await context.store.recordServerIdentity({
    operationId: creation.held.operationId,
    server,
    nowMs: context.now(),
    leaseUntilMs,
  });
  if (noted === 'completed') return unclear({ reason: 'under_way' });
  if (noted === 'reopened') {
    // It was given up meanwhile: what came late must go.
    const held = { ...creation.held, leaseUntilMs };
    const late: Creation = { ...creation, held, deadlineMs: leaseUntilMs - OPERATION_LEASE_MS / 2 };
    await undo(context, late, server, 'too_late');
    return unclear({ reason: 'too_slow' });
  }
  if (creation.route === undefined) return complete(context, creation, server, undefined);
  return takeKey(context, creation, server);
}

/** The key is read here and nowhere else: right after the account was made, by the process that made it. */
async function takeKey(
  context: WandbContext,
  creation: Creation,
  server: ServerIdentity,
): Promise<CarriedOut> {
  const { account, deadlineMs } = creation;
  const { client, store, now } = context;
  const { name, teamName } = account;
  const made = { memberId: server.memberId ?? '', name };
  const read = await readNewServiceAccountKey(client, teamName, made, { deadlineMs });
  if (!read.ok) {
    const failure = backendFailureOf(read.failure);
    const removed = await undo(context, creation, server, failure.reason);
    return removed ? { ok: false, reason: 'backend_refused', failure, isConflict: false } : unclear(failure);
  }
  switch (read.value.kind) {
    case 'key':
      await store.recordKeysNotShown(undefined);
      return complete(context, creation, server, read.value.key);
    case 'not_shown':
      await store.recordKeysNotShown(now());
      return {
        ok: false,
        reason: 'no_key_shown',
        removed: await undo(context, creation, server, 'no_key_shown'),
      };
    case 'no_such_member':
      return unclear({ reason: 'account_not_shown' });
  }
}

async function complete(
  context: WandbContext,
  creation: Creation,
  server: ServerIdentity,
  key: Secret | undefined,
): Promise<CarriedOut> {
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
  });
  if (completed === 'not_held') return unclear({ reason: 'not_recorded' });
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
  // The server's own name for the key is not told with it: this one is Keysmith's.
  return { id: newId('dlv'), keyId: newId('key'), person, route, leaseUntilMs, collectionId };
}

/** Takes back what was made. False where it still stands: then it is tried again until it does not. */
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
  // Somebody else has it, and does the same.
  if (!abandoned) return false;
  const removal = await removeFromServer(context, { account, server }, deadlineMs);
  // What nobody has seen there may stand under another ID than the answer had: that is looked for later.
  if (removal.kind === 'removed' && !removal.wasGone) return writeFailure(context, creation, cause);
  const { operationId } = held;
  context.logger.error({ operationId, cause, ...removal }, 'what was made on the server still stands there');
  return false;
}

function writeFailure(context: WandbContext, creation: Creation, cause: string): Promise<boolean> {
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
  const isOurs = action === 'service_account.created' || action === 'api_key.created';
  const actor = isOurs ? actorOf(person) : SYSTEM;
  return accountEvent(account, { action, actor, atMs: now(), requestId, details });
}

function unclear(cause: UnknownOutcomeCause): CarriedOut {
  return { ok: false, reason: 'outcome_unknown', cause };
}
