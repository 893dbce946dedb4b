import type { ServerAccountJob } from '../../application/ports/job-store.ts';
import type { SqliteConnection, WriteContext } from '../database/connection.ts';
import { scheduleJob } from '../jobs/job-scheduling.ts';

/** Makes the job of a server account due at a time, with this payload; queues it if it has ended. */
export function scheduleServerAccount(
  tx: SqliteConnection,
  context: WriteContext,
  job: ServerAccountJob,
  runAtMs: number,
): void {
  scheduleJob(tx, context, {
    kind: 'server_account',
    subject: job.serverAccountId,
    payload: job,
    runAtMs,
  });
}
