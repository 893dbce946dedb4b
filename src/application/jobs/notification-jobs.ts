import { digestWindow } from '../../domain/accounts/outside-change.ts';
import { LONGEST_PAUSE_MS, NOTIFICATION_ATTEMPTS, notificationPauseMs } from '../../domain/backoff.ts';
import { identifyPerson } from '../../domain/organization/person.ts';
import { decideManageAccount, decideManageTeam, type TeamAccess } from '../../domain/organization/team.ts';
import { canRotate, isMember } from '../care/people-to-notify.ts';
import { isMuted } from '../home/direct-messages.ts';
import type { Ports } from '../ports/account-ports.ts';
import type { Collection } from '../ports/account-records.ts';
import type { HeldJob, HeldNotification } from '../ports/job-store.ts';
import type {
  AccountMessage,
  DueNotification,
  NotificationPayload,
  Recipient,
} from '../ports/notifications.ts';
import { collectableKey } from '../requests/requested-key.ts';
import type { JobHandler } from './job-worker.ts';

type HandlerPorts = Pick<Ports, 'store' | 'directory' | 'notifications' | 'now'> & {
  backend: Pick<Ports['backend'], 'teamPage' | 'teamAccess'>;
};

/** Returns the handler that sends notifications as direct messages, each at least once. */
export function notificationHandler(ports: HandlerPorts): JobHandler<'notification'> {
  return {
    concurrency: 10,
    longestDelayMs: LONGEST_PAUSE_MS,
    maxAttempts: NOTIFICATION_ATTEMPTS,
    pauseMs: notificationPauseMs,
    async run({ payload }) {
      // A fallback only: the write that ends the revocation makes its notifications due.
      if (await isBeingRevoked(ports, payload)) return { again: ports.now() + LONGEST_PAUSE_MS };
      const due = await dueNotification(ports, payload);
      if (due === undefined) return 'done';
      const recipient = await recipientOf(ports, payload.to, due);
      if (recipient === 'contact_left') {
        await ports.store.forwardToAdmins(payload, ports.now());
        return 'done';
      }
      if (recipient === 'nobody') return 'done';
      if (recipient === 'unknown') return { retry: 'recipient_unknown' };
      if (await isMuted(ports.store, recipient.slackUserId, due.message)) {
        // Otherwise, a contact who turned it off would be the only one to know.
        const isOnlyForContact = due.message === 'key_expiring' && 'slackUserId' in payload.to;
        if (isOnlyForContact) await ports.store.forwardToAdmins(payload, ports.now());
        return 'done';
      }
      if (!(await ports.notifications.send(recipient.slackUserId, due))) return { retry: 'not_accepted' };
      return (await isOutdated(ports, payload, due)) ? { retry: 'more_teams_rejected' } : 'done';
    },
  };
}

async function isBeingRevoked({ store }: HandlerPorts, payload: NotificationPayload): Promise<boolean> {
  if (payload.message !== 'account_revoked') return false;
  return (await store.findAnyAccount(payload.accountId))?.state === 'revoking';
}

/**
 * Returns undefined if nothing is left to report: the account doesn't exist, W&B accepts the credential again, the key was collected,
 * the admin has acted, or someone else is the contact.
 */
async function dueNotification(
  { store, backend, now }: Pick<HandlerPorts, 'store' | 'backend' | 'now'>,
  payload: NotificationPayload,
): Promise<DueNotification | undefined> {
  if (payload.message === 'upstream_rejected') {
    const { message, kind } = payload;
    const { rejections, teamKeys } = await store.upstreamState();
    // It is used instead of an identity token.
    const hasKey = (name: string) => teamKeys.some((one) => one.teamName === name && !one.isTeamArchived);
    const [first, ...others] = rejections.filter(
      (one) =>
        one.kind === kind &&
        (payload.kind === 'access_token' ? !hasKey(one.teamName) : one.teamName === payload.teamName),
    );
    return first && { message, kind, teams: [first, ...others] };
  }
  if (payload.message === 'team_changes') {
    const { message, teamName, sinceMs } = payload;
    const { untilMs } = digestWindow(sinceMs);
    const found = await store.changesOfTeam(teamName, { sinceMs, untilMs, limit: MAX_LISTED_CHANGES });
    if (found.changes.length + found.more === 0) return undefined;
    return { message, teamName, sinceMs, ...found, link: backend.teamPage(teamName) };
  }
  if (payload.message === 'request_changed') return dueRequestNotification({ store, backend, now }, payload);
  const account = await store.findAnyAccount(payload.accountId);
  if (account === undefined) return undefined;
  const about = { account, link: backend.teamPage(account.teamName) };
  if (payload.message === 'key_collectable') {
    const slackUserId = 'slackUserId' in payload.to ? payload.to.slackUserId : '';
    const open = await store.openCollections(slackUserId, now());
    const collection = open.find(({ id }) => id === payload.collectionId);
    if (collection !== undefined) return { ...payload, ...about, collection };
    const over = await store.findCollection(payload.collectionId);
    return over !== undefined && isOver(over, now())
      ? { ...payload, ...about, message: 'key_not_collectable', collection: over }
      : undefined;
  }
  if (payload.message === 'key_not_collectable') {
    const { collectionId } = payload;
    const collection = collectionId === undefined ? undefined : await store.findCollection(collectionId);
    return { ...payload, ...about, collection };
  }
  if (payload.message === 'server_account_problem') {
    const server = await store.serverAccount(payload.serverAccountId);
    return server?.problem === payload.problem
      ? { ...payload, ...about, serverName: server.name }
      : undefined;
  }
  if (payload.message === 'account_without_key_created') {
    const server = await store.serverAccount(payload.serverAccountId);
    return server && { ...payload, ...about, serverName: server.name };
  }
  if (payload.message === 'keys_to_delete') {
    const left = await store.leftKeys(payload.serverAccountId);
    return left && { ...payload, ...about, serverName: left.serverName };
  }
  if (payload.message === 'rotation_ending' || payload.message === 'old_key_used') {
    const rotation = await store.rotation(payload.rotationId);
    return rotation && { ...payload, ...about, rotation };
  }
  if (payload.message === 'key_expiring') {
    const key = await store.expiringKey(payload.keyId);
    if (key === undefined || key.isBeingRotated || key.isLetExpire || key.expiresAtMs <= now())
      return undefined;
    return { ...payload, ...about, keyName: key.keyName, expiresAtMs: key.expiresAtMs };
  }
  if (payload.message === 'contact_assigned') {
    const isContact = 'slackUserId' in payload.to && payload.to.slackUserId === account.contact;
    if (!isContact || account.state !== 'active') return undefined;
  }
  if (payload.message === 'review_due' && account.state !== 'active') return undefined;
  return { ...payload, ...about };
}

async function dueRequestNotification(
  { store, backend, now }: Pick<HandlerPorts, 'store' | 'backend' | 'now'>,
  { message, accessRequestId, change }: Extract<NotificationPayload, { message: 'request_changed' }>,
): Promise<DueNotification | undefined> {
  const request = await store.accessRequest(accessRequestId);
  if (request === undefined) return undefined;
  const collection = await collectableKey({ store, now }, accessRequestId);
  const account = await store.findAnyAccount(request.accountId ?? '');
  const isAccountActive = account?.state === 'active';
  const link = backend.teamPage(request.teamName);
  return { message, accessRequestId, change, request, collection, isAccountActive, link };
}

/** Few enough for a message. */
const MAX_LISTED_CHANGES = 20;

/** Returns whether a collection has ended without a key. One that was collected, or that of an archived team, needs no message. */
function isOver({ state, expiresAtMs }: Collection, nowMs: number): boolean {
  return state === 'closed' || (state === 'open' && expiresAtMs <= nowMs);
}

/** While the message was sent, a team may have joined those that it is about, and queued no message of its own. */
async function isOutdated(
  ports: HandlerPorts,
  payload: NotificationPayload,
  sent: DueNotification,
): Promise<boolean> {
  if (payload.message !== 'upstream_rejected' || sent.message !== 'upstream_rejected') return false;
  const due = await dueNotification(ports, payload);
  if (due?.message !== 'upstream_rejected') return false;
  return due.teams.some(({ teamName }) => sent.teams.every((one) => one.teamName !== teamName));
}

/**
 * Returns whom to notify now. An address stands for an admin of the team or the organization when the notification was queued,
 * which may be days ago: the message is theirs only while they are one, and only with a confirmed address.
 */
async function recipientOf(
  { store, directory, backend }: HandlerPorts,
  to: Recipient,
  due: DueNotification,
): Promise<{ slackUserId: string } | 'contact_left' | 'nobody' | 'unknown'> {
  if ('slackUserId' in to) {
    const isForContact =
      due.message === 'runs_interrupted' ||
      due.message === 'key_expiring' ||
      due.message === 'key_revoked' ||
      due.message === 'rotation_ending' ||
      due.message === 'old_key_used' ||
      due.message === 'review_due' ||
      due.message === 'contact_assigned' ||
      due.message === 'key_leaked' ||
      due.message === 'key_reported';
    if (!isForContact) return to;
    const ports = { directory, backend };
    const canAct =
      due.message === 'key_expiring'
        ? await canRotate(ports, to.slackUserId, due.account)
        : await isMember(ports, to.slackUserId, due.account.teamName);
    if (canAct) return to;
    // The admins get these anyway.
    const isForOthersToo =
      due.message === 'key_leaked' || due.message === 'key_reported' || due.message === 'review_due';
    return isForOthersToo || due.message === 'contact_assigned' ? 'nobody' : 'contact_left';
  }
  const teamName = reminderTeam(due);
  if (teamName === undefined && !(await mayLearn(store, to.email, due))) return 'nobody';
  const slackUserId = await directory.findByEmail(to.email);
  const profile = slackUserId === undefined ? undefined : await directory.profile(slackUserId);
  const identified = profile && identifyPerson(profile, directory.workspace);
  if (!identified?.ok || identified.person.email !== to.email) return 'unknown';
  if (teamName === undefined) return identified.person;
  const access = await backend.teamAccess(identified.person, teamName);
  return manages(access, due) ? identified.person : 'nobody';
}

/** Returns the team of a reminder, whose admins the backend knows. */
function reminderTeam(due: DueNotification): string | undefined {
  switch (due.message) {
    case 'team_changes':
      return due.teamName;
    case 'review_due':
    case 'keys_to_delete':
    case 'key_leaked':
    case 'key_reported':
      return due.account.teamName;
    default:
      return undefined;
  }
}

async function mayLearn(store: HandlerPorts['store'], email: string, due: DueNotification): Promise<boolean> {
  if ('request' in due) return false;
  if (!('account' in due)) return (await store.organizationAdmins()).includes(email);
  return manages(await store.teamAccess(email, due.account.teamName), due);
}

/** An account for all teams concerns the organization's admins alone: they are the ones who can act. */
function manages(access: TeamAccess | undefined, due: DueNotification): boolean {
  if (access === undefined) return false;
  const decision = 'account' in due ? decideManageAccount(access, due.account) : decideManageTeam(access);
  return decision.allowed;
}

/** How long a request may take to notify a person of its effect: longer than its calls to Slack may take together. */
export const REQUEST_LEASE_MS = 60_000;

/**
 * Returns a claim on the notification that an effect's transaction inserts. The request ends it once it has notified the
 * person itself.
 */
export function holdNotification({ newId }: Pick<Ports, 'newId'>): HeldJob {
  return { id: newId('job'), leaseToken: newId('lease') };
}

/** Returns a notification for the person whose request holds it. */
export function heldNotification(
  notice: HeldJob,
  message: AccountMessage,
  request: { slackUserId: string; requestId: string | null; nowMs: number },
): HeldNotification {
  const { slackUserId, requestId, nowMs } = request;
  return { payload: { ...message, to: { slackUserId }, requestId }, ...heldStart(notice, nowMs) };
}

/** Returns the ID of a notification that a request holds, and when the worker sends it if the request doesn't. */
export function heldStart(
  { id, leaseToken }: HeldJob,
  nowMs: number,
): Pick<HeldNotification, 'id' | 'start'> {
  return { id, start: { heldUntilMs: nowMs + REQUEST_LEASE_MS, leaseToken } };
}

/**
 * Ends a notification whose request has notified the person; otherwise lets the worker send it. Never throws: if this fails, the worker
 * sends the notification after the lease.
 *
 * @param ended.wasTried whether the request has sent the same message, which Slack didn't accept: then the worker waits first
 */
export async function endNotification(
  { store, now, logger }: Pick<Ports, 'store' | 'now' | 'logger'>,
  { id, leaseToken }: HeldJob,
  { wasNotified, wasTried = false }: { wasNotified: boolean; wasTried?: boolean },
): Promise<void> {
  const nowMs = now();
  try {
    if (wasNotified) await store.finishJob({ id, leaseToken, outcome: 'done', nowMs });
    else {
      const runAtMs = nowMs + (wasTried ? notificationPauseMs(0) : 0);
      await store.retryJob({ id, leaseToken, runAtMs, failure: 'not_accepted', nowMs });
    }
  } catch (error) {
    logger.error({ err: error, jobId: id }, 'held notification not ended');
  }
}
