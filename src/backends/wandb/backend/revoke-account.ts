import type { RevokeAccountResult } from '../../../application/ports/backend.ts';
import {
  type HeldOperation,
  OPERATION_LEASE_MS,
  type ServerIdentity,
} from '../../../application/ports/operation-store.ts';
import type { AuditAction } from '../../../domain/audit-event.ts';
import type { Person } from '../../../domain/person.ts';
import type { ServiceAccount } from '../../../domain/service-account.ts';
import { notRecorded } from './not-recorded.ts';
import { accountEvent, actorOf, SYSTEM } from './operation-events.ts';
import { type Removal, removeFromServer } from './remove-from-server.ts';
import { CALLS_MS, type WandbContext } from './wandb-context.ts';

export async function revokeAccount(
  context: WandbContext,
  account: ServiceAccount,
  by: Person,
  requestId: string,
): Promise<RevokeAccountResult> {
  const { store, organizationId, now, newId } = context;
  const nowMs = now();
  const event = (action: AuditAction) =>
    accountEvent(account, { action, actor: actorOf(by), atMs: now(), requestId });
  const begun = await store.beginRemoval(organizationId, {
    operationId: newId('op'),
    accountId: account.id,
    person: by,
    leaseUntilMs: nowMs + OPERATION_LEASE_MS,
    requestId,
    nowMs,
    auditEvent: event('service_account.removal_started'),
    revokedEvent: event('service_account.revoked'),
  });
  if (begun.kind !== 'begun') return begun.kind;
  const { operation, server } = begun;
  const removal = await removeFromServer(context, { account, server }, nowMs + CALLS_MS);
  try {
    return await write(context, account, { operation, server, removal }, event('service_account.revoked'));
  } catch (error) {
    return { unclear: await notRecorded(context, operation.operationId, error) };
  }
}

async function write(
  { store, organizationId, now }: WandbContext,
  account: ServiceAccount,
  { operation, server, removal }: { operation: HeldOperation; server: ServerIdentity; removal: Removal },
  revokedEvent: ReturnType<typeof accountEvent>,
): Promise<RevokeAccountResult> {
  const { requestId } = revokedEvent;
  switch (removal.kind) {
    case 'removed': {
      const { operationId } = operation;
      const removed = { operationId, server, nowMs: now(), auditEvent: revokedEvent };
      const completed = await store.completeRemoval(organizationId, removed);
      return completed === 'made_anew' ? { unclear: { reason: 'under_way' } } : completed;
    }
    case 'refused': {
      const details = { cause: removal.failure.reason };
      await store.failRemoval(organizationId, {
        ...operation,
        nowMs: now(),
        auditEvent: accountEvent(account, {
          action: 'service_account.removal_failed',
          actor: SYSTEM,
          atMs: now(),
          requestId,
          details,
        }),
      });
      return { refused: removal.failure };
    }
    case 'unclear':
      return { unclear: removal.failure };
  }
}
