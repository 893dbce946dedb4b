import { and, asc, eq, gt, lte, type SQL, sql } from 'drizzle-orm';
import type {
  BeginCollectionResult,
  Collection,
  CollectionOffer,
  PendingDelivery,
  SettleDelivery,
} from '../../application/ports/account-records.ts';
import { COLLECTION_LIFETIME_MS, DELIVERY_LEASE_MS } from '../../application/ports/store.ts';
import type { ApiKeyRecord } from '../../domain/accounts/service-account.ts';
import type { AuditEvent } from '../../domain/audit/audit-event.ts';
import { CLOCK_TOLERANCE_MS, storedAgeMs } from '../../domain/stored-time.ts';
import type { OrganizationContext, SqliteConnection, WriteContext } from '../database/connection.ts';
import { finishJobOf, insertJob } from '../jobs/job-scheduling.ts';
import { enqueueNotification } from '../jobs/notifications.ts';
import { cancelUncollected, setNewKey } from '../keys/new-rotations.ts';
import { isActiveTeam } from '../organization/teams.ts';
import { isAccountGranted } from '../requests/access-request-row.ts';
import { showRequest } from '../requests/request-cards.ts';
import { isOpen } from '../schema/deliveries.ts';
import { collections, type deliveries, serviceAccounts, teams } from '../schema/schema.ts';
import { teamOfAccount } from './account-row.ts';
import { readState } from './accounts.ts';
import { insertSendingKey } from './api-keys.ts';

type CollectionRow = typeof collections.$inferSelect;

type DeliveryRow = typeof deliveries.$inferSelect;

const accountOfCollection = and(
  eq(serviceAccounts.organizationId, collections.organizationId),
  eq(serviceAccounts.id, collections.accountId),
);

/**
 * After a delivery's key was revoked: opens a collection, or reopens the one that the delivery came from with its old expiry.
 * Returns undefined if the account isn't active or the collection has expired.
 */
export function offerCollection(
  tx: SqliteConnection,
  context: WriteContext,
  { keyId, collectionId, slackUserId, email, keyExpiry }: DeliveryRow,
  {
    accountId,
    keyName,
    rotationId,
    nowMs,
    newCollection,
    offer,
  }: SettleDelivery & { accountId: string; keyName: string; rotationId: string | null },
): Collection | undefined {
  if (collectionId !== null) {
    return reopenCollection(tx, context, collectionId, { revokedKeyId: keyId, nowMs, offer });
  }
  if (readState(tx, context, accountId) !== 'active') return undefined;
  return openCollection(tx, context, {
    ...newCollection,
    accountId,
    person: { slackUserId, email },
    keyName,
    keyExpiry,
    rotationId,
    revokedKeyId: keyId,
    createdAtMs: nowMs,
    offer,
  });
}

interface OpenedCollection extends Omit<Collection, 'state' | 'rotationId' | 'accessRequestId'> {
  rotationId?: string | null;
  accessRequestId?: string;
  revokedKeyId: string | null;
  createdAtMs: number;
  offer: CollectionOffer | undefined;
}

/** Opens a collection, queues its notification, and the job that ends it. */
export function openCollection(
  tx: SqliteConnection,
  context: WriteContext,
  { person, offer, ...columns }: OpenedCollection,
): Collection {
  const { organizationId } = context;
  const row = tx
    .insert(collections)
    .values({ organizationId, ...columns, ...person, state: 'open' })
    .returning()
    .get();
  insertJob(tx, context, {
    id: context.newId('job'),
    kind: 'collection',
    subject: row.id,
    payload: { collectionId: row.id },
    start: { atMs: row.expiresAtMs },
  });
  enqueueOffer(tx, context, row, offer);
  return toCollection(row);
}

function enqueueOffer(
  tx: SqliteConnection,
  context: WriteContext,
  { id: collectionId, accountId, revokedKeyId: keyId, slackUserId }: CollectionRow,
  offer: CollectionOffer | undefined,
): void {
  if (offer === undefined) return;
  const { requestId, ...job } = offer;
  enqueueNotification(tx, context, {
    ...job,
    payload: { message: 'key_collectable', accountId, collectionId, keyId, to: { slackUserId }, requestId },
  });
}

/** Reopens a collection whose key was revoked or couldn't be created. Its expiry stays. */
export function reopenCollection(
  tx: SqliteConnection,
  context: WriteContext,
  collectionId: string,
  reopened: { revokedKeyId: string | null; nowMs: number; offer: CollectionOffer | undefined },
): Collection | undefined {
  const { revokedKeyId, nowMs, offer } = reopened;
  const isThis = isCollection(context.organizationId, collectionId);
  const current = tx.select().from(collections).where(isThis).get();
  if (current?.state !== 'collecting') return undefined;
  const isActive = readState(tx, context, current.accountId) === 'active';
  const isOver = current.expiresAtMs <= nowMs || storedAgeMs(current.createdAtMs, nowMs) === undefined;
  const state = isActive && !isOver ? 'open' : 'closed';
  const row = tx.update(collections).set({ revokedKeyId, state }).where(isThis).returning().get();
  if (row?.state !== 'open') return undefined;
  enqueueOffer(tx, context, row, offer);
  return toCollection(row);
}

/** Closes an open collection that has expired. Returns when to call it again, if ever. */
export function expireCollection(
  tx: SqliteConnection,
  context: WriteContext,
  collectionId: string,
  nowMs: number,
): number | undefined {
  const { organizationId } = context;
  const isThis = isCollection(organizationId, collectionId);
  const row = tx.select().from(collections).where(isThis).get();
  if (row === undefined || row.state === 'collected' || row.state === 'closed') return undefined;
  if (storedAgeMs(row.createdAtMs, nowMs) === undefined) {
    // Opened before the clock was set back: nobody could collect it until the clock catches up.
    const expiresAtMs = nowMs + COLLECTION_LIFETIME_MS;
    tx.update(collections).set({ createdAtMs: nowMs, expiresAtMs }).where(isThis).run();
    return expiresAtMs;
  }
  if (row.expiresAtMs > nowMs) return row.expiresAtMs;
  // While its key is being sent, the delivery decides.
  if (row.state === 'collecting') return nowMs + DELIVERY_LEASE_MS;
  tx.update(collections).set({ state: 'closed' }).where(isThis).run();
  cancelUncollected(tx, context, row.rotationId, nowMs);
  return undefined;
}

export function finishCollection(
  tx: SqliteConnection,
  context: WriteContext,
  collectionId: string,
  nowMs: number,
): void {
  const isThis = isCollection(context.organizationId, collectionId);
  const collected = tx.update(collections).set({ state: 'collected' }).where(isThis).returning().get();
  finishJobOf(tx, context, { kind: 'collection', subject: collectionId, nowMs });
  const requestId = collected?.accessRequestId ?? undefined;
  if (requestId !== undefined) showRequest(tx, context, requestId, [], nowMs);
}

export function beginCollection(
  tx: SqliteConnection,
  context: WriteContext,
  collectionId: string,
  key: { record: ApiKeyRecord; delivery: PendingDelivery },
  nowMs: number,
  auditEvent: AuditEvent,
): BeginCollectionResult {
  const taken = takeCollection(tx, context, collectionId, nowMs);
  if (!taken.ok) return taken;
  const { accountId, keyExpiry, rotationId } = taken.collection;
  insertSendingKey(tx, context, accountId, {
    record: key.record,
    expiry: keyExpiry,
    delivery: { ...key.delivery, collectionId },
  });
  if (rotationId !== null) setNewKey(tx, context, rotationId, key.record.keyId);
  context.appendAudit(auditEvent);
  return { ok: true };
}

/** Claims an open collection for one click. */
export function takeCollection(
  tx: SqliteConnection,
  context: OrganizationContext,
  collectionId: string,
  nowMs: number,
): Exclude<BeginCollectionResult, { ok: true }> | { ok: true; collection: CollectionRow } {
  const { organizationId } = context;
  const found = tx
    .select({
      collection: collections,
      state: serviceAccounts.state,
      archivedAtMs: teams.archivedAtMs,
    })
    .from(collections)
    .innerJoin(serviceAccounts, accountOfCollection)
    .innerJoin(teams, teamOfAccount)
    .where(isCollection(organizationId, collectionId))
    .get();
  if (found === undefined) return { ok: false, reason: 'not_open' };
  const { collection, state, archivedAtMs } = found;
  const { accessRequestId } = collection;
  if (state === 'revoking') return { ok: false, reason: 'being_revoked' };
  if (state !== 'active' || archivedAtMs !== null) return { ok: false, reason: 'account_revoked' };
  // The request may have ended a moment ago, before its job ends the account.
  if (accessRequestId !== null && !isAccountGranted(tx, context, accessRequestId, nowMs)) {
    return { ok: false, reason: 'account_revoked' };
  }
  if (collection.state !== 'open') return { ok: false, reason: 'not_open' };
  const isKnownAge = storedAgeMs(collection.createdAtMs, nowMs) !== undefined;
  if (collection.expiresAtMs <= nowMs || !isKnownAge) return { ok: false, reason: 'expired' };

  tx.update(collections).set({ state: 'collecting' }).where(isCollection(organizationId, collectionId)).run();
  return { ok: true, collection };
}

export function readCollection(
  db: SqliteConnection,
  { organizationId }: OrganizationContext,
  collectionId: string,
): Collection | undefined {
  const row = db.select().from(collections).where(isCollection(organizationId, collectionId)).get();
  return row && toCollection(row);
}

export function readOpenCollections(
  db: SqliteConnection,
  { organizationId }: OrganizationContext,
  slackUserId: string,
  nowMs: number,
): Collection[] {
  return db
    .select({ collection: collections })
    .from(collections)
    .innerJoin(serviceAccounts, accountOfCollection)
    .innerJoin(teams, teamOfAccount)
    .where(and(isCollectable(organizationId, nowMs), eq(collections.slackUserId, slackUserId)))
    .orderBy(asc(collections.createdAtMs), asc(collections.id))
    .all()
    .map(({ collection }) => toCollection(collection));
}

function isCollection(organizationId: string, collectionId: string): SQL | undefined {
  return and(eq(collections.organizationId, organizationId), eq(collections.id, collectionId));
}

/** Matches collections whose person may collect now. The query must join the account and its team. */
function isCollectable(organizationId: string, nowMs: number): SQL | undefined {
  return and(
    eq(collections.organizationId, organizationId),
    isOpen,
    gt(collections.expiresAtMs, nowMs),
    // Offered before the clock was set back, it would otherwise stay open far longer than a day.
    lte(collections.createdAtMs, sql`${nowMs} + ${CLOCK_TOLERANCE_MS}`),
    eq(serviceAccounts.state, 'active'),
    isActiveTeam(organizationId),
  );
}

function toCollection(row: CollectionRow): Collection {
  return {
    id: row.id,
    accountId: row.accountId,
    person: { slackUserId: row.slackUserId, email: row.email },
    keyName: row.keyName,
    keyExpiry: row.keyExpiry,
    rotationId: row.rotationId ?? undefined,
    expiresAtMs: row.expiresAtMs,
    state: row.state,
    accessRequestId: row.accessRequestId ?? undefined,
  };
}
