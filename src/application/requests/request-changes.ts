import type { AuditAction } from '../../domain/audit/audit-actions.ts';
import type { AuditActor, AuditDetail, AuditEvent } from '../../domain/audit/audit-event.ts';
import type { NewNotification } from '../ports/job-store.ts';
import type { RequestMessage } from '../ports/notifications.ts';
import type { AccessRequest } from './access-request.ts';
import type { NewAccessRequest } from './request-store.ts';

/** What happened to requests as such: no person did it. */
export const REQUESTS_SYSTEM: AuditActor = { type: 'system', name: 'requests' };

/** Creates an audit event about a request, with its team and the account's name. Leaves out details that are undefined. */
export function requestEvent(
  request: Pick<NewAccessRequest, 'id' | 'requested'> & { teamName: string },
  event: {
    action: AuditAction;
    actor: AuditActor;
    atMs: number;
    requestId: string | null;
    details?: Record<string, AuditDetail | undefined>;
  },
): AuditEvent {
  const { details = {}, ...rest } = event;
  const known = Object.entries(details).filter(
    (entry): entry is [string, AuditDetail] => entry[1] !== undefined,
  );
  return {
    ...rest,
    subject: `access_request:${request.id}`,
    details: { team: request.teamName, name: request.requested.name, ...Object.fromEntries(known) },
  };
}

/** Returns the direct message with which the requester learns of a change. */
export function requesterNotification(
  { id, person }: Pick<AccessRequest, 'id' | 'person'>,
  change: RequestMessage['change'],
  { requestId, nowMs }: { requestId: string | null; nowMs: number },
): NewNotification {
  const to = { slackUserId: person.slackUserId };
  return {
    payload: { message: 'request_changed', accessRequestId: id, change, to, requestId },
    start: { atMs: nowMs },
  };
}
