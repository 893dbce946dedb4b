import type {
  BeginCollectionResult,
  Collection,
  InsertAccountResult,
} from '../../application/ports/account-records.ts';
import {
  type AbandonCreation,
  type BeginCreation,
  type BeginRecreation,
  type CompleteCreation,
  type CompleteCreationResult,
  type NewServerAccount,
  SERVER_REQUEST_MS,
  type ServerAccountStore,
} from '../../application/ports/server-account-store.ts';
import { readState, setState } from '../accounts/accounts.ts';
import { insertSendingKey } from '../accounts/api-keys.ts';
import {
  finishCollection,
  openCollection,
  reopenCollection,
  takeCollection,
} from '../accounts/collections.ts';
import {
  deleteSubmission,
  insertConflict,
  insertSubmission,
  setSubmittedKey,
  toAccountRow,
} from '../accounts/new-accounts.ts';
import type { OrganizationContext, SqliteConnection, WriteContext } from '../database/connection.ts';
import { finishJobOf, hasUnfinishedJob } from '../jobs/job-scheduling.ts';
import { enqueueNotification } from '../jobs/notifications.ts';
import { ensureIssuer } from '../organization/issuers.ts';
import { readRequestOfAccount } from '../requests/access-request-row.ts';
import { accountOfRequestConflict, completeRequest } from '../requests/account-of-request.ts';
import { showRequest } from '../requests/request-cards.ts';
import { serverAccounts, serviceAccounts } from '../schema/schema.ts';
import { isServerAccount, type ServerAccountRow, scheduleServerAccount } from './server-account-row.ts';

export function beginCreation(
  tx: SqliteConnection,
  context: WriteContext,
  { account, submissionId, server, nowMs, auditEvent, ofRequest }: BeginCreation,
): InsertAccountResult {
  const { organizationId, appendAudit } = context;
  const conflict =
    (ofRequest && accountOfRequestConflict(tx, context, ofRequest)) ??
    insertConflict(tx, context, { account, submissionId });
  if (conflict !== undefined) return conflict;
  ensureIssuer(tx, context, account.externalIdentity?.issuer, account.createdAtMs);
  tx.insert(serviceAccounts).values(toAccountRow(organizationId, account)).run();
  insertSubmission(tx, context, { submissionId, account, keyId: undefined });
  insertServerAccount(tx, context, account.id, server, nowMs);
  appendAudit(auditEvent);
  if (ofRequest !== undefined) completeRequest(tx, context, account, ofRequest);
  return { ok: true };
}

export function beginRecreation(
  tx: SqliteConnection,
  context: WriteContext,
  { collectionId, server, nowMs, auditEvent }: BeginRecreation,
): BeginCollectionResult {
  const taken = takeCollection(tx, context, collectionId, nowMs);
  if (!taken.ok) return taken;
  insertServerAccount(tx, context, taken.collection.accountId, server, nowMs);
  context.appendAudit(auditEvent);
  return { ok: true };
}

function insertServerAccount(
  tx: SqliteConnection,
  context: WriteContext,
  accountId: string,
  { job, tag, ...server }: NewServerAccount,
  nowMs: number,
): void {
  const { organizationId } = context;
  tx.insert(serverAccounts)
    .values({
      organizationId,
      accountId,
      ...server,
      tag: tag ?? null,
      desired: 'present',
      createdAtMs: nowMs,
    })
    .run();
  scheduleServerAccount(tx, context, { serverAccountId: server.id, ...job }, nowMs + SERVER_REQUEST_MS);
}

export function recordServerIdentity(
  tx: SqliteConnection,
  context: WriteContext,
  recorded: Parameters<ServerAccountStore['recordServerIdentity']>[0],
): 'recorded' | 'abandoned' {
  const { serverAccountId, memberId, clientId, scimId, ifAbandoned } = recorded;
  const row = tx
    .update(serverAccounts)
    .set({ memberId: memberId ?? null, clientId: clientId ?? null, scimId: scimId ?? null })
    .where(isServerAccount(context.organizationId, serverAccountId))
    .returning()
    .get();
  if (row === undefined) throw new Error(`The server account ${serverAccountId} doesn't exist.`);
  if (row.desired === 'present') return 'recorded';
  // The account exists, even if an earlier read didn't show it.
  tx.update(serverAccounts)
    .set({ goneAtMs: null })
    .where(isServerAccount(context.organizationId, serverAccountId))
    .run();
  if (ifAbandoned !== undefined) scheduleServerAccount(tx, context, ifAbandoned.deletion, ifAbandoned.nowMs);
  return 'abandoned';
}

export function completeCreation(
  tx: SqliteConnection,
  context: WriteContext,
  completion: CompleteCreation,
): CompleteCreationResult {
  const { serverAccountId, key, collectionId, nowMs, auditEvent, notification } = completion;
  const server = readRow(tx, context, serverAccountId);
  if (server?.desired !== 'present') return 'abandoned';
  const { accountId } = server;
  const state = readState(tx, context, accountId);
  const isFirst = state === 'provisioning';
  if (!isFirst && collectionId === undefined) return 'already';
  if (isFirst) endProvisioning(tx, context, accountId, 'active', nowMs);
  const knownKeys = key === undefined ? server.knownKeys : Math.max(server.knownKeys, 1);
  tx.update(serverAccounts)
    .set({ problem: null, knownKeys })
    .where(isServerAccount(context.organizationId, serverAccountId))
    .run();
  if (key !== undefined) {
    const delivery = { ...key.delivery, collectionId };
    insertSendingKey(tx, context, accountId, {
      record: key.record,
      expiry: key.expiry,
      delivery,
    });
    if (isFirst) setSubmittedKey(tx, context, accountId, key.record.keyId);
  } else if (collectionId !== undefined) {
    finishCollection(tx, context, collectionId, nowMs);
  }
  finishJobOf(tx, context, { kind: 'server_account', subject: serverAccountId, nowMs });
  context.appendAudit(auditEvent);
  if (notification !== undefined) enqueueNotification(tx, context, notification);
  return 'completed';
}

export function abandonCreation(
  tx: SqliteConnection,
  context: WriteContext,
  abandoned: AbandonCreation,
): { abandoned: boolean; collection: Collection | undefined } {
  const { serverAccountId, isCertain, nowMs, auditEvent } = abandoned;
  const server = readRow(tx, context, serverAccountId);
  // Completing an attempt ends its job.
  const isOpen = hasUnfinishedJob(tx, context, { kind: 'server_account', subject: serverAccountId });
  if (server?.desired !== 'present' || !isOpen) return { abandoned: false, collection: undefined };
  setAbandoned(tx, server, { isCertain, nowMs });
  if (isCertain) finishJobOf(tx, context, { kind: 'server_account', subject: serverAccountId, nowMs });
  else scheduleServerAccount(tx, context, { serverAccountId, ...abandoned.job }, nowMs);
  context.appendAudit(auditEvent);
  const collection = collectionAfter(tx, context, server.accountId, abandoned);
  if (collection === undefined && abandoned.notification !== undefined) {
    enqueueNotification(tx, context, abandoned.notification);
  }
  return { abandoned: true, collection };
}

function setAbandoned(
  tx: SqliteConnection,
  { organizationId, id }: ServerAccountRow,
  { isCertain, nowMs }: { isCertain: boolean; nowMs: number },
): void {
  tx.update(serverAccounts)
    .set({
      desired: 'absent',
      ...(isCertain ? { goneAtMs: nowMs } : { abandonedAtMs: nowMs }),
    })
    .where(isServerAccount(organizationId, id))
    .run();
}

function collectionAfter(
  tx: SqliteConnection,
  context: WriteContext,
  accountId: string,
  { collectionId, newCollection, offer, nowMs }: AbandonCreation,
): Collection | undefined {
  if (collectionId !== undefined) {
    return reopenCollection(tx, context, collectionId, { revokedKeyId: null, nowMs, offer });
  }
  if (readState(tx, context, accountId) !== 'provisioning') return undefined;
  if (newCollection === undefined) {
    endProvisioning(tx, context, accountId, 'failed', nowMs);
    deleteSubmission(tx, context, accountId);
    return undefined;
  }
  endProvisioning(tx, context, accountId, 'active', nowMs);
  return openCollection(tx, context, {
    ...newCollection,
    accountId,
    revokedKeyId: null,
    createdAtMs: nowMs,
    offer,
  });
}

/** The card of the account's request shows whether the server created the account. */
function endProvisioning(
  tx: SqliteConnection,
  context: WriteContext,
  accountId: string,
  state: 'active' | 'failed',
  nowMs: number,
): void {
  setState(tx, context, accountId, state, nowMs);
  const request = readRequestOfAccount(tx, context, accountId);
  if (request !== undefined) showRequest(tx, context, request.id, [], nowMs);
}

function readRow(
  db: SqliteConnection,
  { organizationId }: OrganizationContext,
  id: string,
): ServerAccountRow | undefined {
  return db.select().from(serverAccounts).where(isServerAccount(organizationId, id)).get();
}

export function renewTag(
  tx: SqliteConnection,
  context: WriteContext,
  { serverAccountId, server, nowMs }: Parameters<ServerAccountStore['renewTag']>[0],
): boolean {
  const earlier = readRow(tx, context, serverAccountId);
  if (earlier?.desired !== 'present') return false;
  setAbandoned(tx, earlier, { isCertain: false, nowMs });
  const { key: _, ...job } = server.job;
  scheduleServerAccount(tx, context, { serverAccountId, ...job }, nowMs);
  insertServerAccount(tx, context, earlier.accountId, server, nowMs);
  return true;
}
