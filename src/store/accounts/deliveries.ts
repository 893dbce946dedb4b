import { and, eq } from 'drizzle-orm';
import type {
  AccountDelivery,
  SettleDelivery,
  SettleDeliveryResult,
} from '../../application/ports/account-records.ts';
import type { OrganizationContext, SqliteConnection, WriteContext } from '../database/connection.ts';
import { finishJobOf } from '../jobs/job-scheduling.ts';
import { enqueueNotification } from '../jobs/notifications.ts';
import { endKey } from '../keys/ended-key.ts';
import { cancelUncollected, forgetNewKey, startOverlap } from '../keys/new-rotations.ts';
import { isSending } from '../schema/deliveries.ts';
import { apiKeys, deliveries, serverAccounts, serviceAccounts, teams } from '../schema/schema.ts';
import { scheduleServerAccount } from '../server-accounts/server-account-row.ts';
import {
  accountColumns,
  accountOfKey,
  deliveryOfKey,
  teamOfAccount,
  toServiceAccount,
} from './account-row.ts';
import { readAccountOfKey } from './api-keys.ts';
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
    .where(and(eq(deliveries.organizationId, organizationId), eq(deliveries.id, deliveryId), isSending))
    .returning()
    .get();
  if (settled === undefined) return { settled: false };
  const account = readAccountOfKey(tx, context, settled.keyId);
  appendAudit(settlement.auditEvent);
  finishJobOf(tx, context, { kind: 'delivery', subject: deliveryId, nowMs });
  if (outcome === 'accepted') {
    if (settled.collectionId !== null) finishCollection(tx, context, settled.collectionId, nowMs);
    startOverlap(tx, context, settled.keyId, nowMs);
    return { settled: true, collection: undefined, state: account.state };
  }
  // Before its key ends, so that the rotation goes on with a key that is collected.
  const rotationId = forgetNewKey(tx, context, settled.keyId)?.id ?? null;
  endKey(tx, context, settled.keyId, { nowMs, by: undefined });
  deleteFromServer(tx, context, account.id, settled, settlement);
  const { id: accountId, keyName } = account;
  const collection = offerCollection(tx, context, settled, { ...settlement, accountId, keyName, rotationId });
  if (collection === undefined) cancelUncollected(tx, context, rotationId, nowMs);
  if (collection === undefined && settlement.notification !== undefined) {
    enqueueNotification(tx, context, settlement.notification);
  }
  return { settled: true, collection, state: account.state };
}

/** On a W&B server, the account is deleted with the key; the next key gets an account of its own. */
function deleteFromServer(
  tx: SqliteConnection,
  context: WriteContext,
  accountId: string,
  { slackUserId, email }: typeof deliveries.$inferSelect,
  { nowMs, deletionEvent }: SettleDelivery,
): void {
  const abandoned = tx
    .update(serverAccounts)
    .set({ desired: 'absent' })
    .where(
      and(
        eq(serverAccounts.organizationId, context.organizationId),
        eq(serverAccounts.accountId, accountId),
        eq(serverAccounts.desired, 'present'),
      ),
    )
    .returning({ id: serverAccounts.id })
    .get();
  if (abandoned === undefined) return;
  const job = { serverAccountId: abandoned.id, person: { slackUserId, email } };
  scheduleServerAccount(tx, context, { ...job, requestId: deletionEvent.requestId }, nowMs);
  context.appendAudit(deletionEvent);
}

export function readOpenDelivery(
  db: SqliteConnection,
  { organizationId }: OrganizationContext,
  deliveryId: string,
): AccountDelivery | undefined {
  const open = db
    .select({ delivery: deliveries, account: accountColumns })
    .from(deliveries)
    .innerJoin(apiKeys, deliveryOfKey)
    .innerJoin(serviceAccounts, accountOfKey)
    .innerJoin(teams, teamOfAccount)
    .where(and(eq(deliveries.organizationId, organizationId), eq(deliveries.id, deliveryId), isSending))
    .get();
  return open && { delivery: toDelivery(open.delivery), account: toServiceAccount(open.account) };
}

function toDelivery(row: typeof deliveries.$inferSelect): AccountDelivery['delivery'] {
  return {
    id: row.id,
    keyId: row.keyId,
    person: { slackUserId: row.slackUserId, email: row.email },
    route: row.route,
    collectionId: row.collectionId ?? undefined,
  };
}
