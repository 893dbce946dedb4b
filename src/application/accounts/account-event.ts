import type { ServiceAccount } from '../../domain/accounts/service-account.ts';
import type { AuditAction } from '../../domain/audit/audit-actions.ts';
import type { AuditActor, AuditDetail, AuditEvent } from '../../domain/audit/audit-event.ts';
import { withoutCredentials } from '../../domain/keys/pasted-credential.ts';
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
  const known: Record<string, AuditDetail> = {};
  for (const [key, detail] of Object.entries(details)) {
    if (detail === undefined) continue;
    // Anyone in W&B chooses it.
    const isServerName = key === 'server_name' && typeof detail === 'string';
    known[key] = isServerName ? withoutCredentials(detail) : detail;
  }
  return {
    ...rest,
    subject: `service_account:${account.id}`,
    details: { team: account.teamName, name: account.name, ...known },
  };
}
