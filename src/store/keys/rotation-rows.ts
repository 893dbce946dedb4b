import { and, eq, gte, inArray, type SQL, sql } from 'drizzle-orm';
import { alias } from 'drizzle-orm/sqlite-core';
import type { CardPlace } from '../../application/cards/card.ts';
import type { Rotation } from '../../application/keys/rotation.ts';
import { latestEndMs, PAUSE_KEPT_MS } from '../../domain/keys/rotation.ts';
import { accountColumns, teamOfAccount, toServiceAccount } from '../accounts/account-row.ts';
import { scheduleCards } from '../cards/cards.ts';
import type { OrganizationContext, SqliteConnection, WriteContext } from '../database/connection.ts';
import { finishJobOf, scheduleJob } from '../jobs/job-scheduling.ts';
import {
  apiKeys,
  collections,
  deliveries,
  keyPauses,
  rotations,
  serviceAccounts,
  teams,
} from '../schema/schema.ts';
import { toAccountKey } from './account-key-row.ts';

export type RotationRow = typeof rotations.$inferSelect;

const oldKeys = alias(apiKeys, 'old_keys');

export function isRotation({ organizationId }: OrganizationContext, id: string): SQL | undefined {
  return and(eq(rotations.organizationId, organizationId), eq(rotations.id, id));
}

/** Matches open rotations. A constant, so that SQLite uses the index with this condition. */
export const isOpenRotation = eq(rotations.state, 'open').inlineParams();

export function readOpenRotationOf(
  db: SqliteConnection,
  { organizationId }: OrganizationContext,
  key: { oldKeyId: string } | { newKeyId: string },
): RotationRow | undefined {
  const isKey =
    'oldKeyId' in key ? eq(rotations.oldKeyId, key.oldKeyId) : eq(rotations.newKeyId, key.newKeyId);
  return db
    .select()
    .from(rotations)
    .where(and(eq(rotations.organizationId, organizationId), isKey, isOpenRotation))
    .get();
}

function toRotation(
  db: SqliteConnection,
  context: OrganizationContext,
  row: RotationRow,
): Rotation | undefined {
  const old = readKey(db, context, row.oldKeyId);
  const account = old && readAccountOf(db, context, old.accountId);
  if (old === undefined || account === undefined) return undefined;
  return {
    id: row.id,
    account,
    oldKey: old.key,
    newKey: row.newKeyId === null ? undefined : readKey(db, context, row.newKeyId)?.key,
    startedBy: { slackUserId: row.startedBySlackUserId, email: row.startedByEmail },
    startedAtMs: row.startedAtMs,
    overlapUntilMs: row.overlapUntilMs,
    latestEndMs: latestEndMs(row.startedAtMs, row.oldExpiresAtMs ?? undefined),
    revokesUnused: row.revokesUnused,
    state: row.state,
    finishedAtMs: row.finishedAtMs ?? undefined,
    finishedBySlackUserId: row.finishedBySlackUserId ?? undefined,
    askedAtMs: row.askedAtMs ?? undefined,
    oldLongestPauseMs: readLongestPause(db, context, old.key.keyId),
  };
}

function readAccountOf(db: SqliteConnection, { organizationId }: OrganizationContext, accountId: string) {
  const row = db
    .select(accountColumns)
    .from(serviceAccounts)
    .innerJoin(teams, teamOfAccount)
    .where(and(eq(serviceAccounts.organizationId, organizationId), eq(serviceAccounts.id, accountId)))
    .get();
  return row && toServiceAccount(row);
}

export function readKey(db: SqliteConnection, { organizationId }: OrganizationContext, keyId: string) {
  const row = db
    .select({ key: apiKeys, delivery: deliveries.state })
    .from(apiKeys)
    .leftJoin(
      deliveries,
      and(eq(deliveries.organizationId, apiKeys.organizationId), eq(deliveries.keyId, apiKeys.keyId)),
    )
    .where(and(eq(apiKeys.organizationId, organizationId), eq(apiKeys.keyId, keyId)))
    .get();
  return row && { accountId: row.key.accountId, key: toAccountKey(row.key, row.delivery) };
}

/** Pauses that ended before the newest 90 days before the last use don't count. */
function readLongestPause(
  db: SqliteConnection,
  { organizationId }: OrganizationContext,
  keyId: string,
): number | undefined {
  const found = db
    .select({ longest: sql<number | null>`max(${keyPauses.endedAtMs} - ${keyPauses.startedAtMs})` })
    .from(keyPauses)
    .innerJoin(
      apiKeys,
      and(eq(apiKeys.organizationId, keyPauses.organizationId), eq(apiKeys.keyId, keyPauses.keyId)),
    )
    .where(
      and(
        eq(keyPauses.organizationId, organizationId),
        eq(keyPauses.keyId, keyId),
        gte(keyPauses.endedAtMs, sql`${apiKeys.lastUsedAtMs} - ${PAUSE_KEPT_MS}`),
      ),
    )
    .get();
  return found?.longest ?? undefined;
}

export function readRotation(
  db: SqliteConnection,
  context: OrganizationContext,
  rotationId: string,
): Rotation | undefined {
  const row = db.select().from(rotations).where(isRotation(context, rotationId)).get();
  return row && toRotation(db, context, row);
}

export function readOpenRotations(
  db: SqliteConnection,
  context: OrganizationContext,
  accountId: string,
): Rotation[] {
  return readOpenRows(db, context, accountId).flatMap((row) => toRotation(db, context, row) ?? []);
}

/** Newest first. An account has few. */
export function readOpenRows(
  db: SqliteConnection,
  { organizationId }: OrganizationContext,
  accountId: string,
): RotationRow[] {
  return db
    .select({ rotation: rotations })
    .from(oldKeys)
    .innerJoin(
      rotations,
      and(
        eq(rotations.organizationId, oldKeys.organizationId),
        eq(rotations.oldKeyId, oldKeys.keyId),
        isOpenRotation,
      ),
    )
    .where(and(eq(oldKeys.organizationId, organizationId), eq(oldKeys.accountId, accountId)))
    .all()
    .map(({ rotation }) => rotation)
    .toSorted((one, other) => other.startedAtMs - one.startedAtMs);
}

/** Posts or changes the cards of a rotation: in direct messages to the person who started it and to the account's contact. */
export function scheduleRotationCards(
  tx: SqliteConnection,
  context: WriteContext,
  { id, oldKeyId, startedBySlackUserId }: RotationRow,
  nowMs: number,
): void {
  const { organizationId } = context;
  const account = tx
    .select({ contact: serviceAccounts.contact })
    .from(apiKeys)
    .innerJoin(
      serviceAccounts,
      and(
        eq(serviceAccounts.organizationId, apiKeys.organizationId),
        eq(serviceAccounts.id, apiKeys.accountId),
      ),
    )
    .where(and(eq(apiKeys.organizationId, organizationId), eq(apiKeys.keyId, oldKeyId)))
    .get();
  const people = new Set([startedBySlackUserId, account?.contact ?? startedBySlackUserId]);
  const places: CardPlace[] = [...people].map((slackUserId) => ({ slackUserId }));
  scheduleCards(tx, context, { card: 'rotation', id }, places, nowMs);
}

export function scheduleRotation(
  tx: SqliteConnection,
  context: WriteContext,
  rotationId: string,
  runAtMs: number,
): void {
  scheduleJob(tx, context, { kind: 'rotation', subject: rotationId, payload: { rotationId }, runAtMs });
}

/** Ends a rotation without effect: the old key gets its own expiry back. */
export function cancelRotation(
  tx: SqliteConnection,
  context: WriteContext,
  row: RotationRow,
  { nowMs, bySlackUserId }: { nowMs: number; bySlackUserId: string | null },
): void {
  const { organizationId } = context;
  const canceled = tx
    .update(rotations)
    .set({ state: 'canceled', finishedAtMs: nowMs, finishedBySlackUserId: bySlackUserId })
    .where(and(isRotation(context, row.id), isOpenRotation))
    .returning()
    .get();
  if (canceled === undefined) return;
  finishJobOf(tx, context, { kind: 'rotation', subject: row.id, nowMs });
  closeCollections(tx, context, row.id);
  // Without a new key, the overlap never started.
  if (canceled.newKeyId === null) return;
  tx.update(apiKeys)
    .set({ expiresAtMs: canceled.oldExpiresAtMs })
    .where(and(eq(apiKeys.organizationId, organizationId), eq(apiKeys.keyId, row.oldKeyId)))
    .run();
  scheduleRotationCards(tx, context, canceled, nowMs);
}

/** A key that could be collected for a rotation would have nothing to replace, also one that is being created. */
export function closeCollections(
  tx: SqliteConnection,
  { organizationId }: OrganizationContext,
  rotationId: string,
): void {
  tx.update(collections)
    .set({ state: 'closed' })
    .where(
      and(
        eq(collections.organizationId, organizationId),
        eq(collections.rotationId, rotationId),
        inArray(collections.state, ['open', 'collecting']),
      ),
    )
    .run();
}
