import { and, eq, isNull } from 'drizzle-orm';
import type { LateUse } from '../../application/keys/rotation.ts';
import type { RotationStore } from '../../application/keys/rotation-store.ts';
import { oldKeyExpiryMs } from '../../domain/keys/rotation.ts';
import type { Person } from '../../domain/organization/person.ts';
import { showRevokedInReview } from '../care/unused-reviews.ts';
import type { OrganizationContext, SqliteConnection, WriteContext } from '../database/connection.ts';
import { finishJobOf } from '../jobs/job-scheduling.ts';
import { enqueueNotification } from '../jobs/notifications.ts';
import { apiKeys, rotations, serviceAccounts } from '../schema/schema.ts';
import {
  cancelRotation,
  closeCollections,
  isOpenRotation,
  isRotation,
  type RotationRow,
  readKey,
  readOpenRotationOf,
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
  const { keyId, expiresAtMs, revokedAtMs } = rotation.oldKey;
  const hasEnded = revokedAtMs !== undefined || (expiresAtMs !== undefined && expiresAtMs <= nowMs);
  if (!hasEnded && !revokesOldKey) return false;
  if (!hasEnded) {
    tx.update(apiKeys)
      .set({ revokedAtMs: nowMs })
      .where(and(eq(apiKeys.organizationId, context.organizationId), eq(apiKeys.keyId, keyId)))
      .run();
    showRevokedInReview(tx, context, { accountId: rotation.account.id, keyIds: [keyId] }, nowMs);
  }
  endRotation(tx, context, rotationId, { nowMs, by });
  context.appendAudit(auditEvent);
  return true;
}

/** Marks an open rotation as finished. */
function endRotation(
  tx: SqliteConnection,
  context: WriteContext,
  rotationId: string,
  { nowMs, by }: { nowMs: number; by: Pick<Person, 'slackUserId'> | undefined },
): void {
  const row = tx
    .update(rotations)
    .set({ state: 'finished', finishedAtMs: nowMs, finishedBySlackUserId: by?.slackUserId ?? null })
    .where(and(isRotation(context, rotationId), isOpenRotation))
    .returning()
    .get();
  if (row === undefined) return;
  finishJobOf(tx, context, { kind: 'rotation', subject: rotationId, nowMs });
  closeCollections(tx, context, rotationId);
  if (row.newKeyId !== null) scheduleRotationCards(tx, context, row, nowMs);
}

export function extendRotation(
  tx: SqliteConnection,
  context: WriteContext,
  { rotationId, fromMs, byMs, nowMs, auditEvent }: Parameters<RotationStore['extendRotation']>[0],
): number | undefined {
  const rotation = readRotation(tx, context, rotationId);
  const row = rotation && readRow(tx, context, rotationId);
  if (row?.state !== 'open' || rotation?.newKey?.delivery !== 'delivered') return undefined;
  const { keyId, expiresAtMs, revokedAtMs } = rotation.oldKey;
  if (revokedAtMs !== undefined || expiresAtMs === undefined || expiresAtMs <= nowMs) return undefined;
  if (expiresAtMs !== fromMs) return expiresAtMs;
  const endsAtMs = oldKeyExpiryMs(expiresAtMs + byMs, row.oldExpiresAtMs ?? undefined);
  if (endsAtMs === expiresAtMs) return endsAtMs;
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

/** After a key was revoked: without its old key, a rotation is finished; without its new key, it is canceled. */
export function endRotationsOf(
  tx: SqliteConnection,
  context: WriteContext,
  keyId: string,
  { nowMs, by }: { nowMs: number; by: Person },
): void {
  const bySlackUserId = by.slackUserId;
  const replacing = readOpenRotationOf(tx, context, { oldKeyId: keyId });
  if (replacing?.newKeyId === null) cancelRotation(tx, context, replacing, { nowMs, bySlackUserId });
  else if (replacing !== undefined) endRotation(tx, context, replacing.id, { nowMs, by });
  const replaced = readOpenRotationOf(tx, context, { newKeyId: keyId });
  if (replaced === undefined) return;
  const oldExpiresAtMs = readKey(tx, context, replaced.oldKeyId)?.key.expiresAtMs;
  // A key that has expired never works again.
  if (oldExpiresAtMs !== undefined && oldExpiresAtMs <= nowMs)
    endRotation(tx, context, replaced.id, { nowMs, by: undefined });
  else cancelRotation(tx, context, replaced, { nowMs, bySlackUserId });
}
