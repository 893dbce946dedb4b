import { retryPauseMs } from '../../domain/backoff.ts';
import { LAPSES_AFTER_MS, requestStep, URGENT_LIFE_MS } from '../../domain/requests/request-state.ts';
import type { JobHandler } from '../jobs/job-worker.ts';
import { endNotification, holdNotification } from '../jobs/notification-jobs.ts';
import type { Ports } from '../ports/account-ports.ts';
import type { JobResult } from '../ports/job-store.ts';
import type { AccessRequest } from './access-request.ts';
import { approversFor, isStillMember, requestPlaces } from './approvers.ts';
import { REQUESTS_SYSTEM, requestEvent, requesterNotification } from './request-changes.ts';

/** Returns the handler that does what becomes due after a request was made. Never given up: it ends accounts. */
export function requestHandler(ports: Ports): JobHandler<'access_request'> {
  return {
    concurrency: 5,
    revokes: true,
    longestDelayMs: LONGEST_WAIT_MS,
    maxAttempts: Number.POSITIVE_INFINITY,
    pauseMs: retryPauseMs,
    async run({ payload }) {
      const request = await ports.store.accessRequest(payload.accessRequestId);
      return request === undefined ? 'done' : waitingBriefly(ports, await advance(ports, request));
    },
  };
}

/** After a longer wait, a clock that was set back would let the account of an urgent request exist for days. */
const LONGEST_WAIT_MS = URGENT_LIFE_MS;

function waitingBriefly({ now }: Ports, result: JobResult): JobResult {
  if (typeof result === 'string' || !('again' in result)) return result;
  return { ...result, again: Math.min(result.again, now() + LONGEST_WAIT_MS) };
}

async function advance(ports: Ports, request: AccessRequest): Promise<JobResult> {
  const step = requestStep(request, ports.now());
  switch (step.kind) {
    case 'wait':
      return { again: step.untilMs };
    case 'remind':
      if (request.isTeamArchived || !(await isStillMember(ports, request))) {
        await lapse(ports, request);
        return 'done';
      }
      await remind(ports, request);
      return { again: request.createdAtMs + LAPSES_AFTER_MS };
    case 'lapse':
      await lapse(ports, request);
      return 'done';
    case 'none':
      return endOrWatch(ports, request);
  }
}

/** Reminds those who can approve it now, who may be others than when it was made. */
async function remind(ports: Ports, request: AccessRequest): Promise<void> {
  const { teamName, person } = request;
  const policy = await ports.store.policyOf(teamName);
  const places = await requestPlaces(ports, teamName, await approversFor(ports, teamName, policy, person));
  const nowMs = ports.now();
  await ports.store.remindApprovers({
    id: request.id,
    nowMs,
    auditEvent: systemEvent(request, 'access_request.reminded', nowMs),
    notifications: [requesterNotification(request, 'reminded', { requestId: null, nowMs })],
    places,
  });
}

/** Ends a request that nobody decided. The write schedules this job again where an account has to end. */
async function lapse(ports: Ports, request: AccessRequest): Promise<void> {
  const nowMs = ports.now();
  await ports.store.endAccessRequest({
    id: request.id,
    state: 'lapsed',
    nowMs,
    auditEvent: systemEvent(request, 'access_request.lapsed', nowMs),
    notifications: [requesterNotification(request, 'lapsed', { requestId: null, nowMs })],
  });
}

function systemEvent(
  request: AccessRequest,
  action: 'access_request.reminded' | 'access_request.lapsed',
  atMs: number,
) {
  return requestEvent(request, { action, actor: REQUESTS_SYSTEM, atMs, requestId: null });
}

/** Revokes the account of a request that ended, or whose key wasn't collected in time. */
async function endOrWatch(ports: Ports, request: AccessRequest): Promise<JobResult> {
  if (request.accountId === undefined) return 'done';
  if (request.state !== 'approved') return revoke(ports, request);
  if (request.requested.authentication.method !== 'api_key') return 'done';
  const key = await ports.store.requestedKey(request.id);
  switch (key.state) {
    case 'open':
      // The job of the collection closes it.
      return { again: Math.max(key.untilMs, ports.now() + COLLECTION_PAUSE_MS) };
    case 'being_sent':
      return { again: ports.now() + COLLECTION_PAUSE_MS };
    case 'closed':
      return revoke(ports, request, 'not_collected');
    default:
      return 'done';
  }
}

/** The collection closes at the same time, and a key may be on its way. */
const COLLECTION_PAUSE_MS = 60_000;

async function revoke(ports: Ports, request: AccessRequest, change?: 'not_collected'): Promise<JobResult> {
  const account = await ports.store.findAnyAccount(request.accountId ?? '');
  const requestId = `request:${request.id}`;
  const { id, person } = request;
  if (account?.state === 'provisioning') {
    // If it was completed in between, the next run revokes it.
    const isAbandoned = await ports.backend.abandonCreation(account, person, requestId);
    if (!isAbandoned) return { retry: 'under_way' };
    await ports.store.showRequest(id, [], ports.now());
    ports.wakeJobs();
    return 'done';
  }
  if (account?.state !== 'active') return 'done';
  const notice = holdNotification(ports);
  const nowMs = ports.now();
  const notifications = change && [requesterNotification({ id, person }, change, { requestId: null, nowMs })];
  const outcome = await ports.backend.revokeAccount(account, person, {
    requestId,
    notice,
    runs: undefined,
    actor: REQUESTS_SYSTEM,
    notifications,
    // An admin may have given the account another key since. Where its request wasn't approved, it ends with all of its keys.
    onlyKeyId: change === 'not_collected' ? null : undefined,
  });
  // The requester knows already, or learns it from the other notification.
  if (outcome === 'revoked') await endNotification(ports, notice, { wasNotified: true });
  await ports.store.showRequest(id, [], nowMs, outcome === 'has_other_keys' ? notifications : []);
  ports.wakeJobs();
  return 'done';
}
