import { and, eq, isNull } from 'drizzle-orm';
import { isLive } from '../../application/keys/account-key.ts';
import type { LateUse } from '../../application/keys/rotation.ts';
import type { RotationStore } from '../../application/keys/rotation-store.ts';
import type { OrganizationContext, SqliteConnection, WriteContext } from '../database/connection.ts';
import { enqueueNotification } from '../jobs/notifications.ts';
import { apiKeys, rotations, serviceAccounts } from '../schema/schema.ts';
import { endKey, endRotation } from './ended-key.ts';
import {
  isOpenRotation,
  isRotation,
  type RotationRow,
  readRotation,
  scheduleRotation,
  scheduleRotationCards,
} from './rotation-rows.ts';

export function finishRotation(
  tx: SqliteConnection,
  context: WriteContext,
  finished: Parameters<RotationStore['finishRotation']>[0],
): boolean {
  const { rotationId, revokesOldKey, by, nowMs, auditEvent } = finished;
  const rotation = readRotation(tx, context, rotationId);
  if (rotation?.state !== 'open' || rotation.newKey?.delivery !== 'delivered') return false;
  const { oldKey, newKey } = rotation;
  const { keyId, expiresAtMs, revokedAtMs } = oldKey;
  const hasEnded = revokedAtMs !== undefined || (expiresAtMs !== undefined && expiresAtMs <= nowMs);
  if (hasEnded) endRotation(tx, context, rotationId, { nowMs, by });
  // Otherwise the account might be left without a key that works.
  else if (revokesOldKey && isLive(newKey, nowMs)) endKey(tx, context, keyId, { nowMs, by });
  else return false;
  context.appendAudit(auditEvent);
  return true;
}

export function extendRotation(
  tx: SqliteConnection,
  context: WriteContext,
  { rotationId, fromMs, byMs, nowMs, auditEvent }: Parameters<RotationStore['extendRotation']>[0],
): number | undefined {
  const rotation = readRotation(tx, context, rotationId);
  if (rotation?.state !== 'open' || rotation.newKey?.delivery !== 'delivered') return undefined;
  const { keyId, expiresAtMs, revokedAtMs } = rotation.oldKey;
  if (revokedAtMs !== undefined || expiresAtMs === undefined || expiresAtMs <= nowMs) return undefined;
  if (expiresAtMs !== fromMs) return expiresAtMs;
  const endsAtMs = Math.min(expiresAtMs + byMs, rotation.latestEndMs);
  if (endsAtMs <= expiresAtMs) return expiresAtMs;
  const extended = tx
    .update(rotations)
    .set({ overlapUntilMs: endsAtMs, askedAtMs: null })
    .where(isRotation(context, rotationId))
    .returning()
    .get();
  tx.update(apiKeys)
    .set({ expiresAtMs: endsAtMs })
    .where(and(eq(apiKeys.organizationId, context.organizationId), eq(apiKeys.keyId, keyId)))
    .run();
  context.appendAudit(auditEvent);
  scheduleRotation(tx, context, rotationId, nowMs);
  if (extended !== undefined) scheduleRotationCards(tx, context, extended, nowMs);
  return endsAtMs;
}

export function askAboutOldKey(
  tx: SqliteConnection,
  context: WriteContext,
  { rotationId, nowMs, notifications }: Parameters<RotationStore['askAboutOldKey']>[0],
): boolean {
  const asked = tx
    .update(rotations)
    .set({ askedAtMs: nowMs })
    .where(and(isRotation(context, rotationId), isOpenRotation, isNull(rotations.askedAtMs)))
    .run();
  if (asked.changes !== 1) return false;
  for (const notification of notifications) enqueueNotification(tx, context, notification);
  return true;
}

export function refreshRotation(
  tx: SqliteConnection,
  context: WriteContext,
  rotationId: string,
  nowMs: number,
): void {
  const row = readRow(tx, context, rotationId);
  if (row !== undefined && row.newKeyId !== null) scheduleRotationCards(tx, context, row, nowMs);
}

function readRow(
  db: SqliteConnection,
  context: OrganizationContext,
  rotationId: string,
): RotationRow | undefined {
  return db.select().from(rotations).where(isRotation(context, rotationId)).get();
}

/** Finds the finished rotation whose old key this is, unless its contact was notified of a late use. */
export function readUnreportedRotation(
  db: SqliteConnection,
  { organizationId }: OrganizationContext,
  { keyId }: LateUse,
): { id: string; accountId: string; contact: string }[] {
  const found = db
    .select({ id: rotations.id, accountId: serviceAccounts.id, contact: serviceAccounts.contact })
    .from(rotations)
    .innerJoin(
      apiKeys,
      and(eq(apiKeys.organizationId, rotations.organizationId), eq(apiKeys.keyId, rotations.oldKeyId)),
    )
    .innerJoin(
      serviceAccounts,
      and(
        eq(serviceAccounts.organizationId, apiKeys.organizationId),
        eq(serviceAccounts.id, apiKeys.accountId),
        eq(serviceAccounts.state, 'active'),
      ),
    )
    .where(
      and(
        eq(rotations.organizationId, organizationId),
        eq(rotations.oldKeyId, keyId),
        eq(rotations.state, 'finished'),
        isNull(rotations.lateUseAtMs),
      ),
    )
    .get();
  return found === undefined ? [] : [found];
}

export function queueLateUse(tx: SqliteConnection, context: WriteContext, use: LateUse): string[] {
  return readUnreportedRotation(tx, context, use).map(({ id, accountId, contact }) => {
    tx.update(rotations).set({ lateUseAtMs: use.atMs }).where(isRotation(context, id)).run();
    const { atMs, address = null, userAgent = null } = use;
    enqueueNotification(tx, context, {
      payload: {
        message: 'old_key_used',
        accountId,
        rotationId: id,
        use: { atMs, address, userAgent },
        to: { slackUserId: contact },
        requestId: null,
      },
      start: { atMs },
    });
    return contact;
  });
}
