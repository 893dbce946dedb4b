import { and, count, eq, gte, lt, sql } from 'drizzle-orm';
import type { LogPosition, RecordLogPage } from '../../application/outside-changes/outside-change-store.ts';
import {
  digestWindow,
  OUTSIDE_CHANGES_KEPT_MS,
  type OutsideChange,
  STORED_CHANGES_PER_DAY,
  utcDay,
} from '../../domain/accounts/outside-change.ts';
import type { OrganizationContext, SqliteConnection, WriteContext } from '../database/connection.ts';
import { insertJob } from '../jobs/job-scheduling.ts';
import { enqueueReminder } from '../jobs/notifications.ts';
import { auditLogPositions, outsideChanges, unstoredChanges } from '../schema/schema.ts';
import { recordKeyEvent } from './left-keys.ts';

const DAY_MS = 24 * 60 * 60 * 1000;

export function startAuditLog(tx: SqliteConnection, context: WriteContext, nowMs: number): void {
  // The entries of a server have whole seconds.
  const sinceMs = nowMs - (nowMs % 1000);
  tx.insert(auditLogPositions)
    .values({
      organizationId: context.organizationId,
      day: utcDay(nowMs),
      cursor: null,
      sinceMs,
      seenUntilMs: sinceMs - 1,
    })
    .onConflictDoNothing()
    .run();
  insertJob(tx, context, {
    id: context.newId('job'),
    kind: 'audit_log',
    subject: 'wandb',
    payload: {},
    start: { atMs: nowMs },
  });
}

function readRow(db: SqliteConnection, { organizationId }: OrganizationContext) {
  return db
    .select()
    .from(auditLogPositions)
    .where(eq(auditLogPositions.organizationId, organizationId))
    .get();
}

export function readAuditLogPosition(
  db: SqliteConnection,
  context: OrganizationContext,
): LogPosition | undefined {
  const row = readRow(db, context);
  return row && { day: row.day, cursor: row.cursor ?? undefined };
}

export function recordLogPage(
  tx: SqliteConnection,
  context: WriteContext,
  recorded: RecordLogPage,
): { recorded: number } {
  const { page, position, nowMs } = recorded;
  const earlier = readRow(tx, context);
  if (earlier === undefined) return { recorded: 0 };
  const oldestMs = Math.max(earlier.sinceMs, nowMs - OUTSIDE_CHANGES_KEPT_MS);
  // A time after tomorrow comes from a wrong clock on the server, and would be kept too long.
  const isCurrent = ({ atMs }: { atMs: number }) => atMs >= oldestMs && atMs <= nowMs + DAY_MS;
  const teams = new Set<string>();
  let stored = 0;
  for (const change of page.changes.filter(isCurrent)) {
    const outcome = storeChange(tx, context, change, { ...recorded, seenUntilMs: earlier.seenUntilMs });
    if (outcome !== 'known') teams.add(change.teamName);
    if (outcome === 'stored') stored += 1;
  }
  const positionMs = Date.parse(position.day);
  // After a longer time without Keysmith, days are left out.
  const isGap = positionMs - Date.parse(earlier.day) > DAY_MS;
  const sinceMs = isGap ? Math.max(earlier.sinceMs, positionMs) : earlier.sinceMs;
  for (const event of page.keyEvents.filter(isCurrent)) {
    recordKeyEvent(tx, context, event, { ...recorded, sinceMs });
  }
  for (const teamName of teams) {
    const { sinceMs, untilMs } = digestWindow(nowMs);
    enqueueReminder(tx, context, { message: 'team_changes', teamName, sinceMs }, untilMs);
  }
  const newestAtMs = isCurrent({ atMs: page.newestAtMs ?? 0 }) ? (page.newestAtMs ?? 0) : 0;
  tx.update(auditLogPositions)
    .set({
      day: position.day,
      cursor: position.cursor ?? null,
      sinceMs,
      seenUntilMs: Math.max(earlier.seenUntilMs, newestAtMs),
    })
    .where(eq(auditLogPositions.organizationId, context.organizationId))
    .run();
  deleteOld(tx, context, nowMs - OUTSIDE_CHANGES_KEPT_MS);
  return { recorded: stored };
}

function storeChange(
  tx: SqliteConnection,
  context: WriteContext,
  change: OutsideChange,
  recorded: Pick<RecordLogPage, 'nowMs' | 'eventOf'> & { seenUntilMs: number },
): 'stored' | 'counted' | 'known' {
  const { organizationId } = context;
  const { nowMs, eventOf, seenUntilMs } = recorded;
  const { entryId, teamName } = change;
  const isThis = and(
    eq(outsideChanges.organizationId, organizationId),
    eq(outsideChanges.entryId, entryId),
    eq(outsideChanges.teamName, teamName),
  );
  const known = tx.select({ kind: outsideChanges.kind }).from(outsideChanges).where(isThis).get();
  if (known !== undefined) return 'known';
  if (countOfDay(tx, context, change) >= STORED_CHANGES_PER_DAY) {
    // An entry that was counted before is read again.
    if (change.atMs <= seenUntilMs) return 'known';
    countUnstored(tx, context, change, recorded);
    return 'counted';
  }
  tx.insert(outsideChanges)
    .values({
      organizationId,
      ...change,
      actor: change.actor ?? null,
      userId: change.userId ?? null,
      subject: change.subject ?? null,
      recordedAtMs: nowMs,
    })
    .run();
  context.appendAudit(eventOf({ kind: 'change', change }));
  return 'stored';
}

function countOfDay(
  db: SqliteConnection,
  { organizationId }: OrganizationContext,
  { teamName, atMs }: OutsideChange,
): number {
  const startMs = Date.parse(utcDay(atMs));
  const ofDay = and(
    eq(outsideChanges.organizationId, organizationId),
    eq(outsideChanges.teamName, teamName),
    gte(outsideChanges.atMs, startMs),
    lt(outsideChanges.atMs, startMs + DAY_MS),
  );
  return db.select({ rows: count() }).from(outsideChanges).where(ofDay).get()?.rows ?? 0;
}

function countUnstored(
  tx: SqliteConnection,
  context: WriteContext,
  { teamName, atMs }: OutsideChange,
  { nowMs, eventOf }: Pick<RecordLogPage, 'nowMs' | 'eventOf'>,
): void {
  const day = utcDay(atMs);
  const row = tx
    .insert(unstoredChanges)
    .values({ organizationId: context.organizationId, teamName, day, count: 1, recordedAtMs: nowMs })
    .onConflictDoUpdate({
      target: [unstoredChanges.organizationId, unstoredChanges.teamName, unstoredChanges.day],
      set: { count: sql`${unstoredChanges.count} + 1`, recordedAtMs: nowMs },
    })
    .returning({ count: unstoredChanges.count })
    .get();
  if (row.count === 1) context.appendAudit(eventOf({ kind: 'limit_reached', teamName, day }));
}

function deleteOld(tx: SqliteConnection, { organizationId }: OrganizationContext, beforeMs: number): void {
  tx.delete(outsideChanges)
    .where(and(eq(outsideChanges.organizationId, organizationId), lt(outsideChanges.atMs, beforeMs)))
    .run();
  tx.delete(unstoredChanges)
    .where(
      and(eq(unstoredChanges.organizationId, organizationId), lt(unstoredChanges.recordedAtMs, beforeMs)),
    )
    .run();
}
