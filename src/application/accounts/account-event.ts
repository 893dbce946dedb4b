import type { ServiceAccount } from '../../domain/accounts/service-account.ts';
import type { AuditAction } from '../../domain/audit/audit-actions.ts';
import type { AuditActor, AuditDetail, AuditEvent } from '../../domain/audit/audit-event.ts';
import type { Person } from '../../domain/organization/person.ts';

export function actorOf({ slackUserId, email }: Person): AuditActor {
  return { type: 'person', slackUserId, email };
}

/** Creates an audit event about an account, with its team and name. Leaves out details that are undefined. */
export function accountEvent(
  account: ServiceAccount,
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
    subject: `service_account:${account.id}`,
    details: { team: account.teamName, name: account.name, ...Object.fromEntries(known) },
  };
}
