import { actorOf } from '../accounts/account-event.ts';
import { type Attempt, authorize } from '../accounts/authorize.ts';
import type { Ports } from '../ports/account-ports.ts';
import type { AccessRequest } from './access-request.ts';
import type { DecideAccessRequest } from './decide-access-request.ts';
import { requestEvent } from './request-changes.ts';

export type WithdrawResult =
  | { kind: 'withdrawn' | 'already_decided'; request: AccessRequest }
  | { kind: 'not_found' };

/** Withdraws a person's own request. The account of an urgent one is revoked. */
export async function withdrawAccessRequest(
  ports: Ports,
  { slackUserId, accessRequestId, requestId }: Omit<DecideAccessRequest, 'choice' | 'denialReason'>,
): Promise<WithdrawResult> {
  const attempt: Attempt = {
    slackUserId,
    action: 'access_request.decide_refused',
    subject: `access_request:${accessRequestId.slice(0, 64)}`,
    requestId,
  };
  const authorized = await authorize(ports, attempt, async (person) => {
    const request = await ports.store.accessRequest(accessRequestId);
    return request !== undefined && request.person.slackUserId === person.slackUserId
      ? { ok: true, granted: request }
      : { ok: false, refusal: { reason: 'request_unknown' } as const };
  });
  if (!authorized.ok) return { kind: 'not_found' };
  const { person, granted: request } = authorized;
  const nowMs = ports.now();
  const isWithdrawn = await ports.store.endAccessRequest({
    id: request.id,
    state: 'withdrawn',
    nowMs,
    auditEvent: requestEvent(request, {
      action: 'access_request.withdrawn',
      actor: actorOf(person),
      atMs: nowMs,
      requestId,
    }),
    notifications: [],
  });
  ports.wakeJobs();
  return {
    kind: isWithdrawn ? 'withdrawn' : 'already_decided',
    request: (await ports.store.accessRequest(request.id)) ?? request,
  };
}
