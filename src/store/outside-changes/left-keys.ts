import { and, eq, inArray, isNotNull, isNull, or, type SQL } from 'drizzle-orm';
import type {
  LeftKeys,
  NativeKeyEvent,
  OutsideChangeStore,
  RecordLogPage,
} from '../../application/outside-changes/outside-change-store.ts';
import { reminderSubject } from '../../application/ports/notifications.ts';
import { accountColumns, teamOfAccount, toServiceAccount } from '../accounts/account-row.ts';
import type { OrganizationContext, SqliteConnection, WriteContext } from '../database/connection.ts';
import { finishJobOf } from '../jobs/job-scheduling.ts';
import { enqueueNotification, enqueueReminder } from '../jobs/notifications.ts';
import { serverAccounts, serviceAccounts, teams } from '../schema/schema.ts';
import {
  accountOfServerAccount,
  isServerAccount,
  type ServerAccountRow,
} from '../server-accounts/server-account-row.ts';

/** Matches the accounts that were on the server and are deleted, while their native keys may still work. */
const mayHaveKeys = and(
  isNotNull(serverAccounts.goneAtMs),
  isNull(serverAccounts.keysDeletedAtMs),
  // The server certainly had it.
  or(isNotNull(serverAccounts.memberId), isNotNull(serverAccounts.scimId)),
  eq(serviceAccounts.authenticationMethod, 'api_key'),
);

export function readLeftKeys(
  db: SqliteConnection,
  { organizationId }: OrganizationContext,
  serverAccountId: string,
): LeftKeys | undefined {
  return readMatching(db, isServerAccount(organizationId, serverAccountId))[0];
}

export function readLeftKeysOfTeams(
  db: SqliteConnection,
  { organizationId }: OrganizationContext,
  teamNames: readonly string[],
  { limit }: { limit: number },
): { accounts: LeftKeys[]; total: number } {
  const ofTeams = and(eq(serverAccounts.organizationId, organizationId), inArray(teams.name, [...teamNames]));
  const left = readMatching(db, ofTeams).sort((one, other) => other.goneAtMs - one.goneAtMs);
  return { accounts: left.slice(0, limit), total: left.length };
}

function readMatching(db: SqliteConnection, condition: SQL | undefined): LeftKeys[] {
  return db
    .select({ server: serverAccounts, account: accountColumns })
    .from(serverAccounts)
    .innerJoin(serviceAccounts, accountOfServerAccount)
    .innerJoin(teams, teamOfAccount)
    .where(and(condition, mayHaveKeys))
    .all()
    .map(({ server, account }) => ({
      serverAccountId: server.id,
      account: toServiceAccount(account),
      serverName: server.name,
      goneAtMs: server.goneAtMs ?? 0,
    }));
}

/** Queues the reminder to delete the native keys of an account that the server doesn't show anymore, if it may have some. */
export function remindOfKeys(
  tx: SqliteConnection,
  context: WriteContext,
  serverAccountId: string,
  nowMs: number,
): void {
  const left = readLeftKeys(tx, context, serverAccountId);
  if (left !== undefined) enqueueReminder(tx, context, reminderOf(left.account.id, serverAccountId), nowMs);
}

function reminderOf(accountId: string, serverAccountId: string) {
  return { message: 'keys_to_delete', accountId, serverAccountId } as const;
}

export function confirmKeysDeleted(
  tx: SqliteConnection,
  context: WriteContext,
  { serverAccountId, nowMs, auditEvent }: Parameters<OutsideChangeStore['confirmKeysDeleted']>[0],
): boolean {
  const left = readLeftKeys(tx, context, serverAccountId);
  if (left === undefined) return false;
  setKeysDeleted(tx, context, { serverAccountId, accountId: left.account.id, nowMs });
  context.appendAudit(auditEvent);
  return true;
}

function setKeysDeleted(
  tx: SqliteConnection,
  context: WriteContext,
  { serverAccountId, accountId, nowMs }: { serverAccountId: string; accountId: string; nowMs: number },
): void {
  tx.update(serverAccounts)
    .set({ keysDeletedAtMs: nowMs })
    .where(isServerAccount(context.organizationId, serverAccountId))
    .run();
  const subject = reminderSubject(reminderOf(accountId, serverAccountId));
  finishJobOf(tx, context, { kind: 'reminder', subject, nowMs });
}

/** A key that Keysmith's credential created this soon after the account is the one that the server created with it. */
const OWN_KEY_MS = 3 * 60_000;

/** Counts the keys of managed accounts, and closes the reminder of a deleted account whose only key was deleted. */
export function recordKeyEvent(
  tx: SqliteConnection,
  context: WriteContext,
  event: NativeKeyEvent,
  { nowMs, eventOf, sinceMs }: Pick<RecordLogPage, 'nowMs' | 'eventOf'> & { sinceMs: number },
): void {
  // Two reads, as SQLite uses one index for each.
  const owners = [serverAccounts.memberId, serverAccounts.scimId].flatMap((column) =>
    tx
      .select()
      .from(serverAccounts)
      .where(and(eq(serverAccounts.organizationId, context.organizationId), eq(column, event.userId)))
      .all(),
  );
  for (const server of new Map(owners.map((one) => [one.id, one])).values()) {
    if (event.kind === 'created') countKey(tx, server, event);
    // The log shows all keys only of an account that was created since Keysmith follows it.
    else if (server.knownKeys === 1 && server.keysDeletedAtMs === null && server.createdAtMs >= sinceMs) {
      const { id: serverAccountId, accountId } = server;
      const left = readLeftKeys(tx, context, serverAccountId);
      setKeysDeleted(tx, context, { serverAccountId, accountId, nowMs });
      if (left === undefined) continue;
      context.appendAudit(eventOf({ kind: 'keys_deleted', account: left.account, serverAccountId }));
    }
  }
}

function countKey(tx: SqliteConnection, server: ServerAccountRow, { isOwn, atMs }: NativeKeyEvent): void {
  if (isOwn && atMs <= server.createdAtMs + OWN_KEY_MS) return;
  tx.update(serverAccounts)
    // From 2 on, deleting one key proves nothing about the others.
    .set({ knownKeys: 2, ...(server.goneAtMs === null && { keysDeletedAtMs: null }) })
    .where(isServerAccount(server.organizationId, server.id))
    .run();
}

export function sendReminder(
  tx: SqliteConnection,
  context: WriteContext,
  { jobId, round, message, to, nowMs }: Parameters<OutsideChangeStore['sendReminder']>[0],
): void {
  for (const recipient of to) {
    enqueueNotification(tx, context, {
      // The same for the same reminder: a finished job with this ID remains for some days.
      id: `${jobId}_${round}_${'email' in recipient ? recipient.email : recipient.slackUserId}`,
      payload: { ...message, to: recipient, requestId: null },
      start: { atMs: nowMs },
    });
  }
}
