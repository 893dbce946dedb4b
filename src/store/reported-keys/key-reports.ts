import { and, eq } from 'drizzle-orm';
import type { KeyReport } from '../../application/reported-keys/key-report-store.ts';
import { readApiKey } from '../authority/credentials.ts';
import type { SqliteConnection, WriteContext } from '../database/connection.ts';
import { insertReminder } from '../jobs/notifications.ts';
import { jobs } from '../schema/schema.ts';

const DAY_MS = 24 * 60 * 60 * 1000;

export function recordKeyReport(
  tx: SqliteConnection,
  context: WriteContext,
  { keyId, reportedBy, channelId, messageUrl, nowMs, eventOf }: KeyReport,
): 'recorded' | 'repeated' | 'nothing' {
  const key = readApiKey(tx, context, keyId);
  const isWorking =
    key !== undefined &&
    key.revokedAtMs === undefined &&
    key.isDelivered &&
    key.account.state === 'active' &&
    (key.expiresAtMs ?? Number.POSITIVE_INFINITY) > nowMs;
  if (!isWorking) return 'nothing';
  // The job remains for some days after it has ended, so the same report of the same day finds it.
  const id = `job_report_${keyId}_${Math.floor(nowMs / DAY_MS)}`;
  const { organizationId } = context;
  const earlier = tx
    .select({ id: jobs.id })
    .from(jobs)
    .where(and(eq(jobs.organizationId, organizationId), eq(jobs.id, id)))
    .get();
  if (earlier !== undefined) return 'repeated';
  context.appendAudit(eventOf(key.account));
  const reminder = {
    message: 'key_reported',
    accountId: key.account.id,
    keyId,
    reportedBy,
    ...(channelId !== undefined && { channelId }),
    ...(messageUrl !== undefined && { messageUrl }),
  } as const;
  insertReminder(tx, context, { id, reminder, atMs: nowMs });
  return 'recorded';
}
