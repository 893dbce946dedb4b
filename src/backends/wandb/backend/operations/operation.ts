import type { UnknownOutcomeCause } from '../../../../application/ports/backend.ts';
import type { ServiceAccount } from '../../../../domain/accounts/service-account.ts';
import type { AuditAction } from '../../../../domain/audit/audit-actions.ts';
import type { AuditActor, AuditDetail, AuditEvent } from '../../../../domain/audit/audit-event.ts';
import type { Person } from '../../../../domain/organization/person.ts';
import type { WandbContext } from '../wandb-context.ts';

/** Time for all calls of one operation to the server; well within the lease of the operation. */
export const OPERATION_TIMEOUT_MS = 45_000;

/** The actor of what Keysmith does on the server without a person's request. */
export const SYSTEM: AuditActor = { type: 'system', name: 'wandb' };

export function actorOf({ slackUserId, email }: Person): AuditActor {
  return { type: 'person', slackUserId, email };
}

/** Creates an audit event about an account on the server. Leaves out details that are undefined. */
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
 * Handles a failed write about what the server has done. The operation is settled after its lease. The database may still
 * have committed and only its answer been lost; then nothing would be left to settle, so the notification is queued here.
 */
export async function operationNotRecorded(
  { store, logger }: WandbContext,
  operationId: string,
  err: unknown,
): Promise<UnknownOutcomeCause> {
  logger.error({ err, operationId }, 'operation not recorded');
  await store.queueEndingNotification(operationId).catch((error: unknown) => {
    logger.error({ err: error, operationId }, 'notification about the operation not queued');
  });
  return { reason: 'not_recorded' };
}
