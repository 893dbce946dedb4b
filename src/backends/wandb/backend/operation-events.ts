import type { UnknownOutcomeCause } from '../../../application/ports/backend.ts';
import type { ServiceAccount } from '../../../domain/accounts/service-account.ts';
import type { AuditAction } from '../../../domain/audit/audit-actions.ts';
import type { AuditActor, AuditDetail, AuditEvent } from '../../../domain/audit/audit-event.ts';
import type { Person } from '../../../domain/organization/person.ts';
import type { WandbContext } from './wandb-context.ts';

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

/**
 * After a write that failed, of what the server had done. The operation is settled when its lease is over; but the database
 * may have written and only its answer be lost, and then nobody would tell the person any more.
 */
export async function notRecorded(
  { store, logger }: WandbContext,
  operationId: string,
  err: unknown,
): Promise<UnknownOutcomeCause> {
  logger.error({ err, operationId }, 'what was done on the server is not recorded');
  await store.queueEndingNotification(operationId).catch((error: unknown) => {
    logger.error({ err: error, operationId }, 'nor can it be seen whether it is');
  });
  return { reason: 'not_recorded' };
}
