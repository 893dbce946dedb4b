import { and, asc, eq, gt, isNull, lte, or, type SQL, sql } from 'drizzle-orm';
import type { CollectionNotification, NotifiedCollection } from '../../application/ports/account-records.ts';
import { COLLECTION_LIFETIME_MS } from '../../application/ports/store.ts';
import { LONGEST_PAUSE_MS, notificationPauseMs } from '../../domain/backoff.ts';
import { CLOCK_TOLERANCE_MS } from '../../domain/stored-time.ts';
import {
  nowParameter,
  type OrganizationContext,
  organizationParameter,
  type SqliteConnection,
} from '../database/connection.ts';
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
  const misdated = db.once(firstOfferedInTheFuture).all({ organizationId, nowMs });
  return misdated.length > 0 ? misdated : readDue(db, context, nowMs, filter);
}

const firstOfferedInTheFuture = (db: SqliteConnection) =>
  db.select({ id: collections.id }).from(collections).where(isOfferedInTheFuture).limit(1).prepare();

const isOfferedInTheFuture = and(
  eq(collections.organizationId, organizationParameter),
  isOpen,
  gt(collections.createdAtMs, sql`${nowParameter} + ${CLOCK_TOLERANCE_MS}`),
);

const restartLifetimes = (db: SqliteConnection) =>
  db
    .update(collections)
    .set({ createdAtMs: sql`${nowParameter}`, expiresAtMs: sql`${nowParameter} + ${COLLECTION_LIFETIME_MS}` })
    .where(isOfferedInTheFuture)
    .prepare();

function dueWhere(db: SqliteConnection, which: SQL | undefined) {
  return (
    db
      .select({ collection: collections, account: accountColumns })
      .from(collections)
      .innerJoin(serviceAccounts, accountOfCollection)
      .innerJoin(teams, teamOfAccount)
      .where(
        and(
          isCollectable(organizationParameter, nowParameter),
          isNull(collections.toldAtMs),
          or(
            lte(collections.tellingFromMs, nowParameter),
            isFarAhead(collections.tellingFromMs, nowParameter, LONGEST_PAUSE_MS),
          ),
          which,
        ),
      )
      // People who can't be notified must not delay those who haven't been tried yet.
      .orderBy(asc(collections.tellingFromMs), asc(collections.createdAtMs), asc(collections.id))
      .limit(sql.placeholder('limit'))
      .prepare()
  );
}

const allDue = (db: SqliteConnection) => dueWhere(db, undefined);
const dueOfCollection = (db: SqliteConnection) =>
  dueWhere(db, eq(collections.id, sql.placeholder('collectionId')));

function readDue(
  db: SqliteConnection,
  { organizationId }: OrganizationContext,
  nowMs: number,
  filter: NotificationFilter,
) {
  return 'collectionId' in filter
    ? db.once(dueOfCollection).all({ organizationId, nowMs, limit: 1, ...filter })
    : db.once(allDue).all({ organizationId, nowMs, ...filter });
}

export function claimCollectionNotifications(
  tx: SqliteConnection,
  context: OrganizationContext,
  nowMs: number,
  filter: NotificationFilter,
): CollectionNotification[] {
  const { organizationId } = context;
  tx.once(restartLifetimes).run({ organizationId, nowMs });
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
