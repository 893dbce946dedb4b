import type { NewNotification } from '../../application/ports/job-store.ts';
import {
  notificationSubject,
  type Reminder,
  reminderSubject,
} from '../../application/ports/notifications.ts';
import type { SqliteConnection, WriteContext } from '../database/connection.ts';
import { insertJob } from './job-scheduling.ts';

/**
 * Queues a direct message in the transaction of the effect that it reports, so that neither exists without the other. It is
 * sent at least once; while it is pending, the same message about the same thing to the same person isn't queued again.
 *
 * @example
 * enqueueNotification(tx, context, {
 *   payload: { message: 'account_revoked', accountId, to: { slackUserId }, requestId },
 *   start: { atMs: nowMs },
 * });
 */
export function enqueueNotification(
  tx: SqliteConnection,
  context: WriteContext,
  { id, payload, start }: NewNotification,
): void {
  const subject = notificationSubject(payload);
  insertJob(tx, context, { id: id ?? context.newId('job'), kind: 'notification', subject, payload, start });
}

/** Queues a reminder, once while it is pending. */
export function enqueueReminder(
  tx: SqliteConnection,
  context: WriteContext,
  reminder: Reminder,
  atMs: number,
): void {
  insertReminder(tx, context, { id: context.newId('job'), reminder, atMs });
}

/** Like {@link enqueueReminder}, under an ID of its own. */
export function insertReminder(
  tx: SqliteConnection,
  context: WriteContext,
  { id, reminder, atMs }: { id: string; reminder: Reminder; atMs: number },
): void {
  insertJob(tx, context, {
    id,
    kind: 'reminder',
    subject: reminderSubject(reminder),
    payload: reminder,
    start: { atMs },
  });
}
