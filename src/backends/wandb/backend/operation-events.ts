import type { AuditAction, AuditActor, AuditDetail, AuditEvent } from '../../../domain/audit-event.ts';
import type { Person } from '../../../domain/person.ts';
import type { ServiceAccount } from '../../../domain/service-account.ts';

export const SYSTEM: AuditActor = { type: 'system', name: 'wandb' };

export function actorOf({ slackUserId, email }: Person): AuditActor {
  return { type: 'person', slackUserId, email };
}

/** One line of the record about an account of the server. */
export function accountEvent(
  account: ServiceAccount,
  happened: {
    action: AuditAction;
    actor: AuditActor;
    atMs: number;
    requestId: string | null;
    details?: Record<string, AuditDetail | undefined>;
  },
): AuditEvent {
  const { details = {}, ...rest } = happened;
  const known = Object.entries(details).filter(
    (entry): entry is [string, AuditDetail] => entry[1] !== undefined,
  );
  return {
    ...rest,
    subject: `service_account:${account.id}`,
    details: { team: account.teamName, name: account.name, ...Object.fromEntries(known) },
  };
}
