import { and, asc, eq, gt, isNull, lte, or } from 'drizzle-orm';
import type { CollectionNotification, NotifiedCollection } from '../../application/ports/account-records.ts';
import { COLLECTION_LIFETIME_MS } from '../../application/ports/store.ts';
import { LONGEST_PAUSE_MS, notificationPauseMs } from '../../domain/backoff.ts';
import { CLOCK_TOLERANCE_MS } from '../../domain/stored-time.ts';
import type { OrganizationContext, SqliteConnection } from '../database/connection.ts';
import { isFarAhead } from '../database/far-ahead.ts';
import { isOpen } from '../schema/deliveries.ts';
import { collections, serviceAccounts, teams } from '../schema/schema.ts';
import { accountColumns, teamOfAccount, toServiceAccount } from './account-row.ts';
import { accountOfCollection, isCollectable, isCollection, toCollection } from './collections.ts';

type NotificationFilter = { limit: number } | { collectionId: string };

/**
 * Reads what a claim has to write: due notifications, or collections offered before the clock was set back, which nobody could
 * collect or be notified of until it catches up.
 */
export function readDueCollectionNotifications(
  db: SqliteConnection,
  context: OrganizationContext,
  nowMs: number,
  filter: NotificationFilter,
): readonly unknown[] {
  const { organizationId } = context;
  const fromTheFuture = db.select({ id: collections.id }).from(collections);
  const misdated = fromTheFuture.where(isOfferedInTheFuture(organizationId, nowMs)).limit(1).all();
  return misdated.length > 0 ? misdated : readDue(db, context, nowMs, filter);
}

function isOfferedInTheFuture(organizationId: string, nowMs: number) {
  return and(
    eq(collections.organizationId, organizationId),
    isOpen,
    gt(collections.createdAtMs, nowMs + CLOCK_TOLERANCE_MS),
  );
}

function readDue(
  db: SqliteConnection,
  { organizationId }: OrganizationContext,
  nowMs: number,
  filter: NotificationFilter,
) {
  const isSelected = 'collectionId' in filter ? isCollection(organizationId, filter.collectionId) : undefined;
  return (
    db
      .select({ collection: collections, account: accountColumns })
      .from(collections)
      .innerJoin(serviceAccounts, accountOfCollection)
      .innerJoin(teams, teamOfAccount)
      .where(
        and(
          isCollectable(organizationId, nowMs),
          isNull(collections.toldAtMs),
          or(
            lte(collections.tellingFromMs, nowMs),
            isFarAhead(collections.tellingFromMs, nowMs, LONGEST_PAUSE_MS),
          ),
          isSelected,
        ),
      )
      // People who can't be notified must not delay those who haven't been tried yet.
      .orderBy(asc(collections.tellingFromMs), asc(collections.createdAtMs), asc(collections.id))
      .limit('limit' in filter ? filter.limit : 1)
      .all()
  );
}

export function claimCollectionNotifications(
  tx: SqliteConnection,
  context: OrganizationContext,
  nowMs: number,
  filter: NotificationFilter,
): CollectionNotification[] {
  const { organizationId } = context;
  tx.update(collections)
    .set({ createdAtMs: nowMs, expiresAtMs: nowMs + COLLECTION_LIFETIME_MS })
    .where(isOfferedInTheFuture(organizationId, nowMs))
    .run();
  const due = readDue(tx, context, nowMs, filter);
  for (const { collection } of due) {
    const { id, tellingTries } = collection;
    tx.update(collections)
      .set({ tellingTries: tellingTries + 1, tellingFromMs: nowMs + notificationPauseMs(tellingTries) })
      .where(isCollection(organizationId, id))
      .run();
  }
  return due.map(({ collection, account }) => ({
    collection: toCollection(collection),
    account: toServiceAccount(account),
    revokedKeyId: collection.revokedKeyId ?? undefined,
  }));
}

/** Leaves a collection that was reopened for another key to be notified next. */
export function markCollectionNotified(
  tx: SqliteConnection,
  { organizationId }: OrganizationContext,
  { collectionId, revokedKeyId, nowMs }: NotifiedCollection,
): void {
  tx.update(collections)
    .set({ toldAtMs: nowMs })
    .where(
      and(
        isCollection(organizationId, collectionId),
        revokedKeyId === undefined
          ? isNull(collections.revokedKeyId)
          : eq(collections.revokedKeyId, revokedKeyId),
        isNull(collections.toldAtMs),
      ),
    )
    .run();
}
