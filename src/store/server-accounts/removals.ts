import { and, isNull, sql } from 'drizzle-orm';
import { notificationSubject } from '../../application/ports/notifications.ts';
import {
  type BeginRemoval,
  type BeginRemovalResult,
  type RecordGone,
  SERVER_REQUEST_MS,
  type ServerAccountStore,
} from '../../application/ports/server-account-store.ts';
import { endAccount, readState, setState } from '../accounts/accounts.ts';
import type { OrganizationContext, SqliteConnection, WriteContext } from '../database/connection.ts';
import { finishJobOf, makeDue } from '../jobs/job-scheduling.ts';
import { enqueueNotification } from '../jobs/notifications.ts';
import { remindOfKeys } from '../outside-changes/left-keys.ts';
import { serverAccounts } from '../schema/schema.ts';
import { isLeft, isServerAccount, scheduleServerAccount } from './server-account-row.ts';

/** The server may still be working on its creation. */
const hasNoId = and(
  isNull(serverAccounts.memberId),
  isNull(serverAccounts.clientId),
  isNull(serverAccounts.scimId),
);

export function beginRemoval(
  tx: SqliteConnection,
  context: WriteContext,
  { accountId, job, nowMs, auditEvent, revokedEvent, notification, alsoNotify = [] }: BeginRemoval,
): BeginRemovalResult {
  const { organizationId } = context;
  const state = readState(tx, context, accountId);
  if (state === undefined || state === 'provisioning' || state === 'failed') return { kind: 'not_found' };
  if (state === 'revoked') return { kind: 'already_revoked' };
  const subject = notificationSubject(notification.payload);
  // Of an earlier request of the same person.
  finishJobOf(tx, context, { kind: 'notification', subject, nowMs });
  enqueueNotification(tx, context, notification);
  for (const other of alsoNotify) enqueueNotification(tx, context, other);
  const left = isLeft(organizationId, accountId);
  tx.update(serverAccounts)
    .set({
      desired: 'absent',
      ...(state === 'active' && { problem: null }),
      abandonedAtMs: sql`case when ${hasNoId} then ${nowMs} else ${serverAccounts.abandonedAtMs} end`,
    })
    .where(left)
    .run();
  const ids = tx
    .select({ id: serverAccounts.id })
    .from(serverAccounts)
    .where(left)
    .all()
    .map(({ id }) => id);
  if (ids.length === 0) {
    revoke(tx, context, accountId, { nowMs, revokedEvent });
    return { kind: 'revoked' };
  }
  if (state === 'active') setState(tx, context, accountId, 'revoking', nowMs);
  endAccount(tx, context, accountId, nowMs);
  for (const serverAccountId of ids) {
    scheduleServerAccount(tx, context, { serverAccountId, ...job }, nowMs + SERVER_REQUEST_MS);
  }
  context.appendAudit(auditEvent);
  return { kind: 'begun', serverAccountIds: ids };
}

function revoke(
  tx: SqliteConnection,
  context: WriteContext,
  accountId: string,
  { nowMs, revokedEvent }: Pick<RecordGone, 'nowMs' | 'revokedEvent'>,
): void {
  endAccount(tx, context, accountId, nowMs);
  setState(tx, context, accountId, 'revoked', nowMs);
  context.appendAudit(revokedEvent);
  makeDue(tx, context, { kind: 'notification', subjectPrefix: `account_revoked:${accountId}:`, nowMs });
}

export function recordGone(
  tx: SqliteConnection,
  context: WriteContext,
  gone: RecordGone,
): 'revoked' | 'recorded' {
  const { serverAccountId, nowMs, isFinal, recheckedFromMs, deletedEvent } = gone;
  const isThis = isServerAccount(context.organizationId, serverAccountId);
  const server = tx.select().from(serverAccounts).where(isThis).get();
  if (server?.desired !== 'absent') return 'recorded';
  if (isFinal) finishJobOf(tx, context, { kind: 'server_account', subject: serverAccountId, nowMs });
  if (server.goneAtMs === null) {
    const abandonedAtMs = server.abandonedAtMs ?? recheckedFromMs ?? null;
    tx.update(serverAccounts).set({ goneAtMs: nowMs, problem: null, abandonedAtMs }).where(isThis).run();
    remindOfKeys(tx, context, serverAccountId, nowMs);
  }
  if (deletedEvent !== undefined) context.appendAudit(deletedEvent);
  const { accountId } = server;
  const isLast = readState(tx, context, accountId) === 'revoking' && !isAnyLeft(tx, context, accountId);
  if (!isLast) return 'recorded';
  revoke(tx, context, accountId, gone);
  return 'revoked';
}

function isAnyLeft(
  db: SqliteConnection,
  { organizationId }: OrganizationContext,
  accountId: string,
): boolean {
  const left = isLeft(organizationId, accountId);
  return db.select({ id: serverAccounts.id }).from(serverAccounts).where(left).limit(1).get() !== undefined;
}

type Problem = Parameters<ServerAccountStore['recordProblem']>[0];

export function recordProblem(
  tx: SqliteConnection,
  context: WriteContext,
  { serverAccountId, problem, notifications, auditEvent }: Problem,
): boolean {
  const recorded = tx
    .update(serverAccounts)
    .set({ problem })
    .where(and(isServerAccount(context.organizationId, serverAccountId), isNull(serverAccounts.problem)))
    .run();
  if (recorded.changes === 0) return false;
  context.appendAudit(auditEvent);
  for (const notification of notifications) enqueueNotification(tx, context, notification);
  return true;
}
