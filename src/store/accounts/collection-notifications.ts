import { and, asc, eq, isNull, lte } from 'drizzle-orm';
import type { CollectionNotification, NotifiedCollection } from '../../application/ports/account-records.ts';
import { notificationPauseMs } from '../../domain/backoff.ts';
import type { OrganizationContext, SqliteConnection } from '../database/connection.ts';
import { collections, serviceAccounts, teams } from '../schema/schema.ts';
import { accountColumns, teamOfAccount, toServiceAccount } from './account-row.ts';
import { accountOfCollection, isCollectable, isCollection, toCollection } from './collections.ts';

type NotificationFilter = { limit: number } | { collectionId: string };

export function readDueCollectionNotifications(
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
          lte(collections.tellingFromMs, nowMs),
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
  const due = readDueCollectionNotifications(tx, context, nowMs, filter);
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
