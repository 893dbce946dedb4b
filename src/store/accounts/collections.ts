import { and, asc, eq, gt, isNull, lte, not, type Placeholder, type SQL, sql } from 'drizzle-orm';
import type {
  BeginCollectionResult,
  Collection,
  PendingDelivery,
  SettleDelivery,
} from '../../application/ports/account-records.ts';
import type { ApiKeyRecord } from '../../domain/accounts/service-account.ts';
import type { AuditEvent } from '../../domain/audit/audit-event.ts';
import { CLOCK_TOLERANCE_MS, storedAgeMs } from '../../domain/stored-time.ts';
import type { OrganizationContext, SqliteConnection, WriteContext } from '../database/connection.ts';
import { isActiveTeam } from '../organization/teams.ts';
import { isOpen } from '../schema/deliveries.ts';
import { collections, type deliveries, serviceAccounts, teams } from '../schema/schema.ts';
import { isBeingRemoved, teamOfAccount } from './account-row.ts';
import { insertSendingKey, readAccountOfKey } from './api-keys.ts';

type CollectionRow = typeof collections.$inferSelect;

type DeliveryRow = typeof deliveries.$inferSelect;

export const accountOfCollection = and(
  eq(serviceAccounts.organizationId, collections.organizationId),
  eq(serviceAccounts.id, collections.accountId),
);

/**
 * After a delivery's key was revoked: opens a collection, or reopens the one that the delivery came from with its old expiry.
 * Returns no collection if the account is revoked or the collection has expired. While the account is being revoked, the collection
 * stays hidden in case the revocation fails.
 */
export function offerCollection(
  tx: SqliteConnection,
  delivery: DeliveryRow,
  { nowMs, newCollection }: SettleDelivery,
): { collection: Collection | undefined; isBeingRevoked?: true } {
  const { keyId, collectionId } = delivery;
  const account = readAccountOfKey(tx, delivery, keyId);
  const isActive = account.revokedAtMs === null;
  if (!isActive && collectionId === null) return { collection: undefined };
  const { slackUserId, email, keyLifetimeDays } = delivery;
  const collection =
    collectionId === null
      ? openCollection(tx, delivery, {
          ...newCollection,
          accountId: account.id,
          person: { slackUserId, email },
          keyLifetimeDays,
          revokedKeyId: keyId,
          createdAtMs: nowMs,
        })
      : reopenCollection(tx, delivery, collectionId, { revokedKeyId: keyId, nowMs, isActive });
  return isActive && account.isBeingRemoved === 1
    ? { collection: undefined, isBeingRevoked: true }
    : { collection };
}

export function openCollection(
  tx: SqliteConnection,
  { organizationId }: OrganizationContext,
  opened: Omit<Collection, 'state'> & { revokedKeyId: string | null; createdAtMs: number },
): Collection {
  const { person, ...columns } = opened;
  const row = tx
    .insert(collections)
    .values({ organizationId, ...columns, ...person, state: 'open' })
    .returning()
    .get();
  return toCollection(row);
}

/** Reopens a collection whose key was revoked or couldn't be created. Its expiry stays. */
export function reopenCollection(
  tx: SqliteConnection,
  { organizationId }: OrganizationContext,
  collectionId: string,
  reopened: { revokedKeyId: string | null; nowMs: number; isActive: boolean },
): Collection | undefined {
  const { revokedKeyId, nowMs, isActive } = reopened;
  const row = tx
    .update(collections)
    .set({
      revokedKeyId,
      // The person was notified of the previous key, not of this one.
      toldAtMs: null,
      tellingTries: 0,
      tellingFromMs: 0,
      state: isActive
        ? sql`case when ${collections.expiresAtMs} > ${nowMs} and ${collections.createdAtMs} <= ${nowMs + CLOCK_TOLERANCE_MS} then 'open' else 'closed' end`
        : 'closed',
    })
    .where(isCollection(organizationId, collectionId))
    .returning()
    .get();
  return row?.state === 'open' ? toCollection(row) : undefined;
}

export function finishCollection(
  tx: SqliteConnection,
  { organizationId }: OrganizationContext,
  collectionId: string,
): void {
  tx.update(collections).set({ state: 'collected' }).where(isCollection(organizationId, collectionId)).run();
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
  const { accountId, keyLifetimeDays } = taken.collection;
  insertSendingKey(tx, context, accountId, {
    record: key.record,
    lifetimeDays: keyLifetimeDays,
    delivery: { ...key.delivery, collectionId },
  });
  context.appendAudit(auditEvent);
  return { ok: true };
}

/** Claims an open collection for one click. */
export function takeCollection(
  tx: SqliteConnection,
  { organizationId }: OrganizationContext,
  collectionId: string,
  nowMs: number,
): Exclude<BeginCollectionResult, { ok: true }> | { ok: true; collection: CollectionRow } {
  const found = tx
    .select({
      collection: collections,
      revokedAtMs: serviceAccounts.revokedAtMs,
      archivedAtMs: teams.archivedAtMs,
      isBeingRemoved,
    })
    .from(collections)
    .innerJoin(serviceAccounts, accountOfCollection)
    .innerJoin(teams, teamOfAccount)
    .where(isCollection(organizationId, collectionId))
    .get();
  if (found === undefined) return { ok: false, reason: 'not_open' };
  const { collection, revokedAtMs, archivedAtMs } = found;
  if (revokedAtMs !== null || archivedAtMs !== null) return { ok: false, reason: 'account_revoked' };
  if (found.isBeingRemoved === 1) return { ok: false, reason: 'being_revoked' };
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

export function isCollection(organizationId: string, collectionId: string): SQL | undefined {
  return and(eq(collections.organizationId, organizationId), eq(collections.id, collectionId));
}

/** Matches collections whose person may collect now. The query must join the account and its team. */
export function isCollectable(
  organizationId: string | Placeholder,
  nowMs: number | Placeholder,
): SQL | undefined {
  return and(
    eq(collections.organizationId, organizationId),
    isOpen,
    gt(collections.expiresAtMs, nowMs),
    // Offered before the clock was set back, it would otherwise stay open far longer than a day.
    lte(collections.createdAtMs, sql`${nowMs} + ${CLOCK_TOLERANCE_MS}`),
    isNull(serviceAccounts.revokedAtMs),
    not(isBeingRemoved),
    isActiveTeam(organizationId),
  );
}

export function toCollection(row: CollectionRow): Collection {
  return {
    id: row.id,
    accountId: row.accountId,
    person: { slackUserId: row.slackUserId, email: row.email },
    keyLifetimeDays: row.keyLifetimeDays,
    expiresAtMs: row.expiresAtMs,
    state: row.state,
  };
}
