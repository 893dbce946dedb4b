import type { BackendFailure } from '../../../application/ports/backend-failure.ts';
import type { BackendOperation } from '../../../application/ports/operation-store.ts';
import type { AuditAction, AuditDetail } from '../../../domain/audit-event.ts';
import { accountEvent, actorOf, SYSTEM } from './operation-events.ts';
import { removeFromServer } from './remove-from-server.ts';
import type { WandbContext } from './wandb-context.ts';

/** Goes on with a revocation until the server has an answer. */
export async function settleRemoval(
  context: WandbContext,
  operation: BackendOperation,
  deadlineMs: number,
): Promise<boolean> {
  const { id: operationId, leaseUntilMs, account, memberId, clientId, person, requestId } = operation;
  const { store, organizationId, now } = context;
  const server = { memberId, clientId };
  const removal = await removeFromServer(context, { account, server }, deadlineMs);
  const event = (action: AuditAction, details: Record<string, AuditDetail> = {}) => {
    const actor = action === 'service_account.revoked' ? actorOf(person) : SYSTEM;
    return accountEvent(account, { action, actor, atMs: now(), requestId, details });
  };
  switch (removal.kind) {
    case 'removed': {
      const completed = await store.completeRemoval(organizationId, {
        operationId,
        server,
        ending: 'revoked_late',
        nowMs: now(),
        auditEvent: event('service_account.revoked'),
      });
      return completed !== 'made_anew';
    }
    case 'refused':
      if (isPassing(removal.failure.reason)) return false;
      return store.failRemoval(organizationId, {
        operationId,
        leaseUntilMs,
        ending: 'not_revoked',
        nowMs: now(),
        auditEvent: event('service_account.removal_failed', { cause: removal.failure.reason }),
      });
    case 'unclear':
      return false;
  }
}

/** The person was told that it is tried until it is cut off: only a real no ends that. */
function isPassing(reason: BackendFailure['reason']): boolean {
  return PASSING.includes(reason);
}

const PASSING: readonly BackendFailure['reason'][] = [
  'not_reached',
  'broken_off',
  'too_slow',
  'under_way',
  'server_error',
  'rate_limited',
];
