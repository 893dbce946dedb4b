import { and, asc, eq, inArray } from 'drizzle-orm';
import type {
  AccountDelivery,
  PendingDelivery,
  SettleDelivery,
  SettleDeliveryResult,
} from '../../application/ports/account-records.ts';
import { DELIVERY_LEASE_MS } from '../../application/ports/store.ts';
import {
  nowParameter,
  type OrganizationContext,
  organizationParameter,
  type SqliteConnection,
  type WriteContext,
} from '../database/connection.ts';
import { isLeaseOver } from '../database/far-ahead.ts';
import { enqueueNotification } from '../jobs/notifications.ts';
import { isSending } from '../schema/deliveries.ts';
import { apiKeys, deliveries, serviceAccounts, teams } from '../schema/schema.ts';
import {
  accountColumns,
  accountOfKey,
  deliveryOfKey,
  teamOfAccount,
  toServiceAccount,
} from './account-row.ts';
import { revokeKey } from './api-keys.ts';
import { finishCollection, offerCollection } from './collections.ts';

export function settleDelivery(
  tx: SqliteConnection,
  context: WriteContext,
  settlement: SettleDelivery,
): SettleDeliveryResult {
  const { organizationId, appendAudit } = context;
  const { deliveryId, outcome, nowMs } = settlement;
  const settled = tx
    .update(deliveries)
    .set({
      state: outcome === 'accepted' ? 'delivered' : 'failed',
      settledAtMs: nowMs,
    })
    .where(
      and(
        eq(deliveries.organizationId, organizationId),
        eq(deliveries.id, deliveryId),
        isSending,
        // Once revoking the key has begun, a late acceptance no longer counts.
        outcome === 'accepted' ? eq(deliveries.revokeAttempts, 0) : undefined,
      ),
    )
    .returning()
    .get();
  if (settled === undefined) return { settled: false };
  appendAudit(settlement.auditEvent);
  if (outcome === 'accepted') {
    if (settled.collectionId !== null) finishCollection(tx, context, settled.collectionId);
    return { settled: true, collection: undefined };
  }
  revokeKey(tx, context, settled.keyId, nowMs);
  forgetServerAccount(tx, context, settled.keyId);
  const offered = offerCollection(tx, settled, settlement);
  const isOver = offered.collection === undefined && offered.isBeingRevoked !== true;
  if (isOver && settlement.notification !== undefined) {
    enqueueNotification(tx, context, settlement.notification);
  }
  return { settled: true, ...offered };
}

/** On a W&B server, revoking a key deletes the account, and the next key recreates it. */
function forgetServerAccount(
  tx: SqliteConnection,
  { organizationId }: OrganizationContext,
  keyId: string,
): void {
  const ofKey = tx
    .select({ accountId: apiKeys.accountId })
    .from(apiKeys)
    .where(and(eq(apiKeys.organizationId, organizationId), eq(apiKeys.keyId, keyId)));
  tx.update(serviceAccounts)
    .set({ backendMemberId: null, backendClientId: null })
    .where(and(eq(serviceAccounts.organizationId, organizationId), inArray(serviceAccounts.id, ofKey)))
    .run();
}

const lapsedDeliveries = (db: SqliteConnection) =>
  db
    .select({ delivery: deliveries, account: accountColumns })
    .from(deliveries)
    .innerJoin(apiKeys, deliveryOfKey)
    .innerJoin(serviceAccounts, accountOfKey)
    .innerJoin(teams, teamOfAccount)
    .where(
      and(
        eq(deliveries.organizationId, organizationParameter),
        isSending,
        isLeaseOver(
          { leaseUntilMs: deliveries.leaseUntilMs, attempts: deliveries.revokeAttempts },
          nowParameter,
          DELIVERY_LEASE_MS,
        ),
      ),
    )
    .orderBy(asc(deliveries.leaseUntilMs), asc(deliveries.id))
    .prepare();

export function readLapsedDeliveries(
  db: SqliteConnection,
  { organizationId }: OrganizationContext,
  nowMs: number,
): AccountDelivery[] {
  return db
    .once(lapsedDeliveries)
    .all({ organizationId, nowMs })
    .map(({ delivery, account }) => ({
      delivery: toPendingDelivery(delivery),
      account: toServiceAccount(account),
    }));
}

function toPendingDelivery(row: typeof deliveries.$inferSelect): PendingDelivery {
  return {
    id: row.id,
    keyId: row.keyId,
    person: { slackUserId: row.slackUserId, email: row.email },
    route: row.route,
    leaseUntilMs: row.leaseUntilMs,
    collectionId: row.collectionId ?? undefined,
  };
}
