import { and, eq, inArray, isNull } from 'drizzle-orm';
import type {
  ConfirmAccessRequest,
  EndAccessRequest,
  NewAccessRequest,
  RequestConflict,
  RequestStore,
} from '../../application/requests/request-store.ts';
import { expiryMs, type KeyExpiry } from '../../domain/accounts/key-expiry.ts';
import { REMINDED_AFTER_MS } from '../../domain/requests/request-state.ts';
import { deliveryOfKey } from '../accounts/account-row.ts';
import { insertConflict } from '../accounts/new-accounts.ts';
import { scheduleExpiryNotices } from '../care/expiry-notices.ts';
import type { SqliteConnection, WriteContext } from '../database/connection.ts';
import { setOwnExpiry } from '../keys/new-rotations.ts';
import { accessRequests, apiKeys, collections, deliveries } from '../schema/schema.ts';
import { isRequest, readAccessRequest } from './access-request-row.ts';
import {
  finishRequestJob,
  insertDecision,
  insertRequest,
  recordChange,
  scheduleRequestJob,
  tooMany,
} from './account-of-request.ts';

export function openAccessRequest(
  tx: SqliteConnection,
  context: WriteContext,
  request: Parameters<RequestStore['openAccessRequest']>[0],
): Awaited<ReturnType<RequestStore['openAccessRequest']>> {
  const conflict = requestConflict(tx, context, request);
  if (conflict !== undefined) return { ok: false, reason: conflict };
  insertRequest(tx, context, request, { state: 'open', accountId: null });
  scheduleRequestJob(tx, context, request.id, request.createdAtMs + REMINDED_AFTER_MS);
  recordChange(tx, context, request.id, request);
  return { ok: true };
}

function requestConflict(
  tx: SqliteConnection,
  context: WriteContext,
  { id, teamId, person, requested }: NewAccessRequest,
): RequestConflict | undefined {
  if (readAccessRequest(tx, context, id) !== undefined) return 'already_submitted';
  const { authentication, name } = requested;
  const externalIdentity = authentication.method === 'federated' ? authentication.identity : undefined;
  const account = { teamId, name, externalIdentity };
  const conflict = insertConflict(tx, context, { account, submissionId: id });
  return conflict?.reason ?? tooMany(tx, context, { teamId, person });
}

export function recordApproval(
  tx: SqliteConnection,
  context: WriteContext,
  { id, decision, seenDecisions, ...change }: Parameters<RequestStore['recordApproval']>[0],
): boolean {
  const request = readAccessRequest(tx, context, id);
  // Two people who approve at the same moment would otherwise both wait for another one.
  if (request?.state !== 'open' || request.decisions.length !== seenDecisions) return false;
  if (!insertDecision(tx, context, id, decision)) return false;
  recordChange(tx, context, id, change);
  return true;
}

export function confirmAccessRequest(
  tx: SqliteConnection,
  context: WriteContext,
  { id, decision, seenDecisions, isEnough, ...change }: ConfirmAccessRequest,
): boolean {
  const request = readAccessRequest(tx, context, id);
  const { nowMs } = change;
  if (request?.state !== 'granted' || (request.confirmUntilMs ?? 0) <= nowMs) return false;
  if (request.decisions.length !== seenDecisions) return false;
  // Someone who has confirmed it may confirm it again, once that is enough.
  if (!insertDecision(tx, context, id, decision) && !isEnough) return false;
  if (isEnough) {
    tx.update(accessRequests)
      .set({ state: 'approved', decidedAtMs: nowMs })
      .where(isRequest(context.organizationId, id))
      .run();
    const { authentication } = request.requested;
    const { accountId } = request;
    if (authentication.method === 'api_key' && accountId !== undefined) {
      extendKey(tx, context, { id, accountId, nowMs }, authentication.keyExpiry);
    }
    // What is left to watch is whether the key is collected.
    scheduleRequestJob(tx, context, id, nowMs);
  }
  recordChange(tx, context, id, change);
  return true;
}

/** Gives the key of a confirmed request, which ended with the request's time, the expiry that was requested. */
function extendKey(
  tx: SqliteConnection,
  context: WriteContext,
  { id, accountId, nowMs }: { id: string; accountId: string; nowMs: number },
  keyExpiry: KeyExpiry,
): void {
  const { organizationId } = context;
  const ofRequest = and(eq(collections.organizationId, organizationId), eq(collections.accessRequestId, id));
  const collection = tx.update(collections).set({ keyExpiry }).where(ofRequest).returning().get();
  const keys = tx
    .select({ keyId: apiKeys.keyId, createdAtMs: apiKeys.createdAtMs, secretHash: apiKeys.secretHash })
    .from(apiKeys)
    .innerJoin(deliveries, deliveryOfKey)
    .where(
      and(
        eq(apiKeys.organizationId, organizationId),
        eq(apiKeys.accountId, accountId),
        eq(deliveries.collectionId, collection?.id ?? ''),
      ),
    )
    .all();
  for (const { keyId, createdAtMs, secretHash } of keys) {
    const isDelivery = and(eq(deliveries.organizationId, organizationId), eq(deliveries.keyId, keyId));
    tx.update(deliveries).set({ keyExpiry }).where(isDelivery).run();
    // A key that the W&B server verifies doesn't expire.
    if (secretHash === null) continue;
    const expiresAtMs = expiryMs(createdAtMs, keyExpiry);
    // The notice of the earlier expiry was the last one.
    scheduleExpiryNotices(tx, context, { keyId, createdAtMs, expiresAtMs });
    setOwnExpiry(tx, context, keyId, { expiresAtMs, nowMs });
  }
}

export function endAccessRequest(
  tx: SqliteConnection,
  context: WriteContext,
  { id, state, decision, denialReason, ...change }: EndAccessRequest,
): boolean {
  const { nowMs } = change;
  const ended = tx
    .update(accessRequests)
    .set({ state, decidedAtMs: nowMs, denialReason: denialReason ?? null })
    .where(and(isRequest(context.organizationId, id), inArray(accessRequests.state, ['open', 'granted'])))
    .returning({ accountId: accessRequests.accountId })
    .get();
  if (ended === undefined) return false;
  if (decision !== undefined) insertDecision(tx, context, id, decision);
  if (ended.accountId === null) finishRequestJob(tx, context, id, nowMs);
  // The job revokes the account, and tries again until it is revoked.
  else scheduleRequestJob(tx, context, id, nowMs);
  recordChange(tx, context, id, change);
  return true;
}

export function remindApprovers(
  tx: SqliteConnection,
  context: WriteContext,
  { id, ...change }: Parameters<RequestStore['remindApprovers']>[0],
): boolean {
  const reminded = tx
    .update(accessRequests)
    .set({ remindedAtMs: change.nowMs })
    .where(
      and(
        isRequest(context.organizationId, id),
        eq(accessRequests.state, 'open'),
        isNull(accessRequests.remindedAtMs),
      ),
    )
    .run();
  if (reminded.changes === 0) return false;
  recordChange(tx, context, id, change);
  return true;
}
