import type { ServiceAccount } from '../../domain/accounts/service-account.ts';
import { LONGEST_PAUSE_MS, NOTIFICATION_ATTEMPTS, notificationPauseMs } from '../../domain/backoff.ts';
import { identifyPerson } from '../../domain/organization/person.ts';
import { decideManageTeam } from '../../domain/organization/team.ts';
import type { Ports } from '../ports/account-ports.ts';
import type { HeldJob, NewNotification } from '../ports/job-store.ts';
import type { NotificationMessage, Recipient } from '../ports/notifications.ts';
import type { JobHandler } from './job-worker.ts';

type HandlerPorts = Pick<Ports, 'store' | 'directory' | 'notifications'>;

/** Returns the handler that sends notifications as direct messages, each at least once. */
export function notificationHandler(ports: HandlerPorts): JobHandler<'notification'> {
  return {
    concurrency: 10,
    longestDelayMs: LONGEST_PAUSE_MS,
    maxAttempts: NOTIFICATION_ATTEMPTS,
    pauseMs: notificationPauseMs,
    async run({ payload }) {
      const account = await ports.store.findAccount(payload.accountId);
      // Nothing is left to report about an account that doesn't exist.
      if (account === undefined) return 'done';
      const recipient = await recipientOf(ports, payload.to, account);
      if (recipient === 'nobody') return 'done';
      if (recipient === 'unknown') return 'retry';
      const { slackUserId } = recipient;
      const isSent = await ports.notifications.send(slackUserId, { ...payload, account });
      return isSent ? 'done' : 'retry';
    },
  };
}

/**
 * Returns whom to notify now. An address stands for an admin of the account's team when the notification was queued, which may be
 * days ago: the message is theirs only while they are one, and only with a confirmed address.
 */
async function recipientOf(
  { store, directory }: HandlerPorts,
  to: Recipient,
  { teamName }: ServiceAccount,
): Promise<{ slackUserId: string } | 'nobody' | 'unknown'> {
  if ('slackUserId' in to) return to;
  const access = await store.teamAccess(to.email, teamName);
  if (access === undefined || !decideManageTeam(access).allowed) return 'nobody';
  const slackUserId = await directory.findByEmail(to.email);
  const profile = slackUserId === undefined ? undefined : await directory.profile(slackUserId);
  const identified = profile && identifyPerson(profile, directory.workspace);
  return identified?.ok && identified.person.email === to.email ? identified.person : 'unknown';
}

/** How long a request may take to notify a person of its effect: longer than its calls to Slack may take together. */
const REQUEST_LEASE_MS = 60_000;

/**
 * Returns a claim on the notification that an effect's transaction inserts. The request ends it once it has notified the
 * person itself.
 */
export function holdNotification({ newId }: Pick<Ports, 'newId'>): HeldJob {
  return { id: newId('job'), leaseToken: newId('lease') };
}

/** Returns a notification for the person whose request holds it. */
export function heldNotification(
  { id, leaseToken }: HeldJob,
  message: NotificationMessage,
  request: { slackUserId: string; requestId: string; nowMs: number },
): NewNotification {
  const { slackUserId, requestId, nowMs } = request;
  return {
    id,
    payload: { ...message, to: { slackUserId }, requestId },
    start: { heldUntilMs: nowMs + REQUEST_LEASE_MS, leaseToken },
  };
}

/**
 * Ends a notification whose request has notified the person; otherwise lets the worker send it at once. Never throws: if this
 * fails, the worker sends the notification after the lease.
 */
export async function endNotification(
  { store, now, logger }: Pick<Ports, 'store' | 'now' | 'logger'>,
  { id, leaseToken }: HeldJob,
  { wasNotified }: { wasNotified: boolean },
): Promise<void> {
  try {
    if (wasNotified) await store.finishJob({ id, leaseToken, outcome: 'done', nowMs: now() });
    else await store.retryJob({ id, leaseToken, runAtMs: now() });
  } catch (error) {
    logger.error({ err: error, jobId: id }, 'held notification not ended');
  }
}
