import { nextKeyReminderMs } from '../../domain/accounts/outside-change.ts';
import { retryPauseMs } from '../../domain/backoff.ts';
import { type AboutTeam, adminsToNotify } from '../care/people-to-notify.ts';
import type { JobHandler } from '../jobs/job-worker.ts';
import type { Ports } from '../ports/account-ports.ts';
import type { ClaimedJob, JobResult } from '../ports/job-store.ts';
import type { Recipient, Reminder } from '../ports/notifications.ts';

type ReminderPorts = Pick<Ports, 'store' | 'backend' | 'directory' | 'now'>;

/** Returns the handler that finds out whom a due reminder concerns, and queues a message for each of them. */
export function reminderHandler(ports: ReminderPorts): JobHandler<'reminder'> {
  return {
    concurrency: 5,
    // At absolute times, some in a year.
    longestDelayMs: undefined,
    maxAttempts: Number.POSITIVE_INFINITY,
    pauseMs: retryPauseMs,
    run: (job) => remind(ports, job),
  };
}

async function remind(ports: ReminderPorts, { id, payload }: ClaimedJob<'reminder'>): Promise<JobResult> {
  const { store, now } = ports;
  const send = (message: Reminder, to: readonly Recipient[], round = 0) =>
    store.sendReminder({ jobId: id, round, message, to, nowMs: now() });
  switch (payload.message) {
    case 'team_changes': {
      await send(payload, await adminsOf(ports, payload));
      return 'done';
    }
    case 'review_due': {
      const account = await store.findAccount(payload.accountId);
      if (account?.state !== 'active') return 'done';
      const admins = await adminsOf(ports, account, account.contact);
      await send(payload, [{ slackUserId: account.contact }, ...admins]);
      return 'done';
    }
    case 'key_reported': {
      const account = await store.findAccount(payload.accountId);
      if (account?.state !== 'active') return 'done';
      const admins = await adminsOf(ports, account, account.contact);
      await send(payload, [{ slackUserId: account.contact }, ...admins]);
      return 'done';
    }
    case 'key_leaked': {
      const account = await store.findAnyAccount(payload.accountId);
      if (account === undefined) return 'done';
      const admins = await adminsOf(ports, account, account.contact);
      await send(payload, [{ slackUserId: account.contact }, ...admins]);
      return 'done';
    }
    case 'keys_to_delete': {
      const left = await store.leftKeys(payload.serverAccountId);
      if (left === undefined) return 'done';
      const { account, goneAtMs } = left;
      const nextMs = nextKeyReminderMs(goneAtMs, now());
      await send(payload, await adminsOf(ports, account), nextMs ?? 0);
      return nextMs === undefined ? 'done' : { again: nextMs };
    }
  }
}

/** Returns the admins that Slack knows, else those of the organization, without the `contact`, who is notified anyway. */
async function adminsOf(
  { backend, directory }: Pick<ReminderPorts, 'backend' | 'directory'>,
  about: AboutTeam,
  contact?: string,
): Promise<Recipient[]> {
  const inSlack = async (admins: readonly Recipient[]) => {
    const emails = admins.flatMap((one) => ('email' in one ? [one.email] : []));
    const found = await Promise.all(
      emails.map(async (email) => ({ email, slackUserId: await directory.findByEmail(email) })),
    );
    return found.filter(({ slackUserId }) => slackUserId !== undefined);
  };
  const ofTeam = await inSlack(await adminsToNotify({ backend }, about));
  const known =
    ofTeam.length > 0
      ? ofTeam
      : await inSlack(await adminsToNotify({ backend }, { ...about, scope: 'organization' }));
  return known.filter(({ slackUserId }) => slackUserId !== contact).map(({ email }) => ({ email }));
}
