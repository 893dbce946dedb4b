import { and, eq, isNull } from 'drizzle-orm';
import { isLive } from '../../application/keys/account-key.ts';
import type { Person } from '../../domain/organization/person.ts';
import { showRevokedInReview } from '../care/unused-reviews.ts';
import type { SqliteConnection, WriteContext } from '../database/connection.ts';
import { finishJobOf } from '../jobs/job-scheduling.ts';
import { apiKeys, rotations } from '../schema/schema.ts';
import {
  cancelRotation,
  closeCollections,
  isOpenRotation,
  isRotation,
  readKey,
  readOpenRotationOf,
  scheduleRotationCards,
} from './rotation-rows.ts';

interface Ending {
  nowMs: number;
  /** Undefined if Keysmith ends it. */
  by: Pick<Person, 'slackUserId'> | undefined;
}

/** Revokes a key, with what depends on it: its rotations, and the message about unused keys. False if it was revoked before. */
export function endKey(tx: SqliteConnection, context: WriteContext, keyId: string, ending: Ending): boolean {
  const ended = tx
    .update(apiKeys)
    .set({ revokedAtMs: ending.nowMs })
    .where(
      and(
        eq(apiKeys.organizationId, context.organizationId),
        eq(apiKeys.keyId, keyId),
        isNull(apiKeys.revokedAtMs),
      ),
    )
    .returning({ accountId: apiKeys.accountId })
    .get();
  if (ended === undefined) return false;
  endRotationsOf(tx, context, keyId, ending);
  showRevokedInReview(tx, context, { accountId: ended.accountId, keyIds: [keyId] }, ending.nowMs);
  return true;
}

/** After a key was revoked: without its old key, a rotation is finished; without its new key, it is canceled. */
function endRotationsOf(tx: SqliteConnection, context: WriteContext, keyId: string, ending: Ending): void {
  const { nowMs, by } = ending;
  const bySlackUserId = by?.slackUserId ?? null;
  const replacing = readOpenRotationOf(tx, context, { oldKeyId: keyId });
  const successor = readKey(tx, context, replacing?.newKeyId ?? '')?.key;
  if (replacing?.newKeyId === null) cancelRotation(tx, context, replacing, { nowMs, bySlackUserId });
  else if (replacing !== undefined) endRotation(tx, context, replacing.id, ending);
  const replaced = readOpenRotationOf(tx, context, { newKeyId: keyId });
  if (replaced === undefined) return;
  const oldExpiresAtMs = readKey(tx, context, replaced.oldKeyId)?.key.expiresAtMs;
  // A key that has expired never works again.
  if (oldExpiresAtMs !== undefined && oldExpiresAtMs <= nowMs)
    endRotation(tx, context, replaced.id, { nowMs, by: undefined });
  // The next key replaces both, so the oldest one doesn't get its longer life back.
  else if (successor !== undefined && isLive(successor, nowMs))
    scheduleRotationCards(tx, context, replaced, nowMs);
  else cancelRotation(tx, context, replaced, { nowMs, bySlackUserId });
}

/** Marks an open rotation as finished. */
export function endRotation(
  tx: SqliteConnection,
  context: WriteContext,
  rotationId: string,
  { nowMs, by }: Ending,
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
