import { and, eq, gt, isNotNull, isNull, or, type SQL } from 'drizzle-orm';
import type { CareStore, ExpiringKey } from '../../application/care/care-store.ts';
import type { ApiKeyRecord, ExternalKeyRecord } from '../../domain/accounts/service-account.ts';
import { LONGEST_WAIT_MS, NOTICE_DAYS, noticeAtMs } from '../../domain/care/expiry-notice.ts';
import {
  accountColumns,
  accountOfKey,
  deliveryOfKey,
  teamOfAccount,
  toServiceAccount,
} from '../accounts/account-row.ts';
import type { OrganizationContext, SqliteConnection, WriteContext } from '../database/connection.ts';
import { insertJob } from '../jobs/job-scheduling.ts';
import { enqueueNotification } from '../jobs/notifications.ts';
import { apiKeys, deliveries, rotations, serviceAccounts, teams } from '../schema/schema.ts';

/** Stored instead of the last notice once someone has decided that the key needs no more of them. */
const LET_EXPIRE = -1;

/** Queues the job that sends the notices of a key, in the transaction that sets its expiry. */
export function scheduleExpiryNotices(
  tx: SqliteConnection,
  context: WriteContext,
  key: Pick<ApiKeyRecord, 'keyId' | 'expiresAtMs' | 'createdAtMs'> | ExternalKeyRecord,
): void {
  const { keyId } = key;
  if (!('expiresAtMs' in key) || key.expiresAtMs === undefined) return;
  insertJob(tx, context, {
    id: context.newId('job'),
    kind: 'expiry_notice',
    subject: keyId,
    payload: { keyId },
    start: {
      atMs: Math.min(noticeAtMs(key.expiresAtMs, NOTICE_DAYS[0]), key.createdAtMs + LONGEST_WAIT_MS),
    },
  });
}

export function readExpiringKey(
  db: SqliteConnection,
  { organizationId }: OrganizationContext,
  keyId: string,
): ExpiringKey | undefined {
  const row = db
    .select({
      account: accountColumns,
      keyName: apiKeys.name,
      expiresAtMs: apiKeys.expiresAtMs,
      noticedDaysBefore: apiKeys.noticedDaysBefore,
      delivery: deliveries.state,
      rotation: rotations.id,
    })
    .from(apiKeys)
    .innerJoin(serviceAccounts, accountOfKey)
    .innerJoin(teams, teamOfAccount)
    .leftJoin(deliveries, deliveryOfKey)
    .leftJoin(
      rotations,
      and(
        eq(rotations.organizationId, apiKeys.organizationId),
        eq(rotations.oldKeyId, apiKeys.keyId),
        eq(rotations.state, 'open'),
        // A key that reached nobody replaces none.
        isNotNull(rotations.newKeyId),
      ),
    )
    .where(
      and(
        isActiveKey(organizationId, keyId),
        isNotNull(apiKeys.expiresAtMs),
        eq(serviceAccounts.state, 'active'),
        isNull(teams.archivedAtMs),
      ),
    )
    .get();
  if (row === undefined || row.expiresAtMs === null) return undefined;
  const { account, keyName, expiresAtMs, noticedDaysBefore, delivery, rotation } = row;
  return {
    keyId,
    keyName,
    account: toServiceAccount(account),
    expiresAtMs,
    noticedDaysBefore: noticedDaysBefore ?? undefined,
    isLetExpire: noticedDaysBefore === LET_EXPIRE,
    // A key from before deliveries were recorded has none.
    isDelivered: delivery === null || delivery === 'delivered',
    isBeingRotated: rotation !== null,
  };
}

export function queueExpiryNotice(
  tx: SqliteConnection,
  context: WriteContext,
  { keyId, daysBefore, to, nowMs }: Parameters<CareStore['queueExpiryNotice']>[0],
): boolean {
  const key = readExpiringKey(tx, context, keyId);
  if (key === undefined || key.isBeingRotated || !setNoticed(tx, context, keyId, daysBefore)) return false;
  const accountId = key.account.id;
  for (const recipient of to) {
    enqueueNotification(tx, context, {
      payload: { message: 'key_expiring', accountId, keyId, daysBefore, to: recipient, requestId: null },
      start: { atMs: nowMs },
    });
  }
  return true;
}

export function letKeyExpire(
  tx: SqliteConnection,
  context: WriteContext,
  { keyId, auditEvent }: Parameters<CareStore['letKeyExpire']>[0],
): boolean {
  const key = readExpiringKey(tx, context, keyId);
  if (key === undefined || key.isBeingRotated || key.isLetExpire) return false;
  tx.update(apiKeys)
    .set({ noticedDaysBefore: LET_EXPIRE })
    .where(isActiveKey(context.organizationId, keyId))
    .run();
  context.appendAudit(auditEvent);
  return true;
}

/** Returns false if this notice or a later one was sent. */
function setNoticed(
  tx: SqliteConnection,
  { organizationId }: OrganizationContext,
  keyId: string,
  daysBefore: number,
): boolean {
  const changed = tx
    .update(apiKeys)
    .set({ noticedDaysBefore: daysBefore })
    .where(
      and(
        isActiveKey(organizationId, keyId),
        or(isNull(apiKeys.noticedDaysBefore), gt(apiKeys.noticedDaysBefore, daysBefore)),
      ),
    )
    .run();
  return changed.changes === 1;
}

function isActiveKey(organizationId: string, keyId: string): SQL | undefined {
  return and(
    eq(apiKeys.organizationId, organizationId),
    eq(apiKeys.keyId, keyId),
    isNull(apiKeys.revokedAtMs),
  );
}
