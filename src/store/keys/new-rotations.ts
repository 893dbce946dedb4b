import { and, eq, gt, isNull, or } from 'drizzle-orm';
import { isLive } from '../../application/keys/account-key.ts';
import type { NewRotation } from '../../application/keys/rotation.ts';
import type { PendingDelivery } from '../../application/ports/account-records.ts';
import { oldKeyExpiryMs } from '../../domain/keys/rotation.ts';
import type { OrganizationContext, SqliteConnection, WriteContext } from '../database/connection.ts';
import { apiKeys, rotations } from '../schema/schema.ts';
import {
  cancelRotation,
  isOpenRotation,
  isRotation,
  type RotationRow,
  readKey,
  readOpenRotationOf,
  readOpenRows,
  scheduleRotation,
  scheduleRotationCards,
} from './rotation-rows.ts';

/** Returns why a rotation can't replace its old key. The result holds until the transaction ends. */
export function rotationConflict(
  tx: SqliteConnection,
  context: OrganizationContext,
  { accountId, rotation, nowMs }: { accountId: string; rotation: NewRotation; nowMs: number },
): 'key_not_found' | 'being_rotated' | undefined {
  const { oldKeyId } = rotation;
  const old = readKey(tx, context, oldKeyId);
  if (old?.accountId !== accountId || !isLive(old.key, nowMs)) return 'key_not_found';
  const open = readOpenRotationOf(tx, context, { oldKeyId });
  return open === undefined || open.newKeyId === null ? undefined : 'being_rotated';
}

export function insertRotation(
  tx: SqliteConnection,
  context: WriteContext,
  { id, oldKeyId, overlapMs, revokesUnused }: NewRotation,
  { newKeyId, delivery, nowMs }: { newKeyId: string; delivery: PendingDelivery; nowMs: number },
): void {
  // Its key reached nobody, so nobody has to wait until it can't be collected anymore.
  const uncollected = readOpenRotationOf(tx, context, { oldKeyId });
  if (uncollected !== undefined) {
    cancelRotation(tx, context, uncollected, { nowMs, bySlackUserId: delivery.person.slackUserId });
  }
  const oldExpiresAtMs = readKey(tx, context, oldKeyId)?.key.expiresAtMs ?? null;
  tx.insert(rotations)
    .values({
      organizationId: context.organizationId,
      id,
      oldKeyId,
      oldExpiresAtMs,
      newKeyId,
      startedBySlackUserId: delivery.person.slackUserId,
      startedByEmail: delivery.person.email,
      startedAtMs: nowMs,
      overlapUntilMs: nowMs + overlapMs,
      revokesUnused,
      state: 'open',
    })
    .run();
}

/** The new key reached its person: from now on both keys work, and the old one expires at the end of the overlap. */
export function startOverlap(
  tx: SqliteConnection,
  context: WriteContext,
  newKeyId: string,
  nowMs: number,
): void {
  const row = readOpenRotationOf(tx, context, { newKeyId });
  if (row === undefined) return;
  const replacement = readKey(tx, context, newKeyId)?.key;
  if (replacement === undefined || !isLive(replacement, nowMs)) {
    cancelRotation(tx, context, row, { nowMs, bySlackUserId: null });
    return;
  }
  const { organizationId } = context;
  const isOld = and(eq(apiKeys.organizationId, organizationId), eq(apiKeys.keyId, row.oldKeyId));
  const old = tx.select().from(apiKeys).where(isOld).get();
  if (old === undefined) return;
  const overlapUntilMs = nowMs + row.overlapUntilMs - row.startedAtMs;
  const oldExpiresAtMs = old.expiresAtMs;
  const started = tx
    .update(rotations)
    .set({ startedAtMs: nowMs, overlapUntilMs, oldExpiresAtMs })
    .where(isRotation(context, row.id))
    .returning()
    .get();
  tx.update(apiKeys)
    .set({ expiresAtMs: oldKeyExpiryMs(overlapUntilMs, oldExpiresAtMs ?? undefined) })
    .where(isOld)
    .run();
  if (started === undefined) return;
  scheduleRotation(tx, context, row.id, nowMs);
  scheduleRotationCards(tx, context, started, nowMs);
}

/** The new key didn't reach anyone: the old one was never touched, and the person can collect another new one. */
export function forgetNewKey(
  tx: SqliteConnection,
  context: OrganizationContext,
  newKeyId: string,
): RotationRow | undefined {
  const row = readOpenRotationOf(tx, context, { newKeyId });
  if (row === undefined) return undefined;
  tx.update(rotations).set({ newKeyId: null }).where(isRotation(context, row.id)).run();
  return { ...row, newKeyId: null };
}

/** The key of a collection was created for a rotation. */
export function setNewKey(
  tx: SqliteConnection,
  context: OrganizationContext,
  rotationId: string,
  newKeyId: string,
): void {
  const isThis = and(isRotation(context, rotationId), isOpenRotation);
  tx.update(rotations).set({ newKeyId }).where(isThis).run();
}

/** Gives a key another expiry of its own. While both keys of its rotation work, it still ends with the overlap. */
export function setOwnExpiry(
  tx: SqliteConnection,
  context: WriteContext,
  keyId: string,
  { expiresAtMs, nowMs }: { expiresAtMs: number | undefined; nowMs: number },
): void {
  const row = readOpenRotationOf(tx, context, { oldKeyId: keyId });
  if (row !== undefined) {
    tx.update(rotations)
      .set({ oldExpiresAtMs: expiresAtMs ?? null })
      .where(isRotation(context, row.id))
      .run();
  }
  const hasOverlap = readKey(tx, context, row?.newKeyId ?? '')?.key.delivery === 'delivered';
  const endsAtMs =
    row !== undefined && hasOverlap ? oldKeyExpiryMs(row.overlapUntilMs, expiresAtMs) : (expiresAtMs ?? null);
  tx.update(apiKeys)
    .set({ expiresAtMs: endsAtMs, noticedDaysBefore: null })
    .where(
      and(
        eq(apiKeys.organizationId, context.organizationId),
        eq(apiKeys.keyId, keyId),
        isNull(apiKeys.revokedAtMs),
        // A key that has expired never works again.
        or(isNull(apiKeys.expiresAtMs), gt(apiKeys.expiresAtMs, nowMs)),
      ),
    )
    .run();
  if (row !== undefined && hasOverlap) {
    scheduleRotation(tx, context, row.id, nowMs);
    scheduleRotationCards(tx, context, row, nowMs);
  }
}

/** The collection of a rotation ended without a key. */
export function cancelUncollected(
  tx: SqliteConnection,
  context: WriteContext,
  rotationId: string | null,
  nowMs: number,
): void {
  if (rotationId === null) return;
  const isThis = and(isRotation(context, rotationId), isOpenRotation);
  const row = tx.select().from(rotations).where(isThis).get();
  if (row?.newKeyId === null) cancelRotation(tx, context, row, { nowMs, bySlackUserId: null });
}

/** Cancels the open rotations of a revoked account. */
export function cancelRotationsOf(
  tx: SqliteConnection,
  context: WriteContext,
  accountId: string,
  nowMs: number,
): void {
  for (const row of readOpenRows(tx, context, accountId)) {
    cancelRotation(tx, context, row, { nowMs, bySlackUserId: null });
  }
}
