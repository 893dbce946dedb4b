import { heldNotification } from '../../../../application/jobs/notification-jobs.ts';
import type { BackendFailure, RevokeAccountResult } from '../../../../application/ports/backend.ts';
import type { HeldJob, NewNotification } from '../../../../application/ports/job-store.ts';
import {
  type BackendOperation,
  type HeldOperation,
  OPERATION_LEASE_MS,
  type ServerIdentity,
} from '../../../../application/ports/operation-store.ts';
import type { ServiceAccount } from '../../../../domain/accounts/service-account.ts';
import type { AuditAction } from '../../../../domain/audit/audit-actions.ts';
import type { AuditDetail } from '../../../../domain/audit/audit-event.ts';
import type { Person } from '../../../../domain/organization/person.ts';
import { accountEvent, actorOf } from '../../../account-event.ts';
import { OPERATION_TIMEOUT_MS, operationNotRecorded, SYSTEM, type WandbContext } from '../wandb-context.ts';
import { type Removal, removeFromServer } from './remove-from-server.ts';

/** Revokes an account at a person's request: removes it from the server and stores the outcome. */
export async function revokeAccount(
  context: WandbContext,
  account: ServiceAccount,
  by: Person,
  { requestId, notice }: { requestId: string; notice: HeldJob },
): Promise<RevokeAccountResult> {
  const { store, now, monotonicMs, newId } = context;
  const nowMs = now();
  const deadlineMs = monotonicMs() + OPERATION_TIMEOUT_MS;
  const message = { message: 'account_revoked', accountId: account.id } as const;
  const notification = () => heldNotification(notice, message, { ...by, requestId, nowMs: now() });
  const event = (action: AuditAction) =>
    accountEvent(account, { action, actor: actorOf(by), atMs: now(), requestId });
  const begun = await store.beginRemoval({
    operationId: newId('op'),
    accountId: account.id,
    person: by,
    leaseUntilMs: nowMs + OPERATION_LEASE_MS,
    requestId,
    nowMs,
    auditEvent: event('service_account.deletion_started'),
    revokedEvent: event('service_account.revoked'),
    notification: notification(),
  });
  if (begun.kind !== 'begun') return begun.kind;
  const { operation, server } = begun;
  const removal = await removeFromServer(context, { account, server }, deadlineMs);
  try {
    const revokedEvent = event('service_account.revoked');
    const ended = { operation, server, removal, notification: notification() };
    return await storeOutcome(context, account, ended, revokedEvent);
  } catch (error) {
    return { outcomeUnknown: await operationNotRecorded(context, operation.operationId, error) };
  }
}

async function storeOutcome(
  { store, now }: WandbContext,
  account: ServiceAccount,
  {
    operation,
    server,
    removal,
    notification,
  }: {
    operation: HeldOperation;
    server: ServerIdentity;
    removal: Removal;
    notification: NewNotification;
  },
  revokedEvent: ReturnType<typeof accountEvent>,
): Promise<RevokeAccountResult> {
  const { requestId } = revokedEvent;
  switch (removal.kind) {
    case 'removed': {
      const { operationId } = operation;
      const removed = { operationId, server, nowMs: now(), auditEvent: revokedEvent, notification };
      const completed = await store.completeRemoval(removed);
      return completed === 'recreated' ? { outcomeUnknown: { reason: 'under_way' } } : completed;
    }
    case 'refused': {
      const details = { cause: removal.failure.reason };
      await store.failRemoval({
        ...operation,
        nowMs: now(),
        auditEvent: accountEvent(account, {
          action: 'service_account.deletion_failed',
          actor: SYSTEM,
          atMs: now(),
          requestId,
          details,
        }),
      });
      return { refused: removal.failure };
    }
    case 'unknown':
      return { outcomeUnknown: removal.failure };
  }
}

/**
 * Continues a revocation whose process or response was lost.
 *
 * @returns false when it has to be tried again
 */
export async function settleRemoval(
  context: WandbContext,
  operation: BackendOperation,
  deadlineMs: number,
): Promise<boolean> {
  const { id: operationId, leaseUntilMs, account, memberId, clientId, person, requestId } = operation;
  const { store, now } = context;
  const server = { memberId, clientId };
  const removal = await removeFromServer(context, { account, server }, deadlineMs);
  const event = (action: AuditAction, details: Record<string, AuditDetail> = {}) => {
    const actor = action === 'service_account.revoked' ? actorOf(person) : SYSTEM;
    return accountEvent(account, { action, actor, atMs: now(), requestId, details });
  };
  switch (removal.kind) {
    case 'removed': {
      const completed = await store.completeRemoval({
        operationId,
        server,
        ending: 'revoked_late',
        nowMs: now(),
        auditEvent: event('service_account.revoked'),
      });
      return completed !== 'recreated';
    }
    case 'refused':
      // Keysmith has promised the person to keep trying, so only a permanent refusal ends the operation.
      if (TEMPORARY_REASONS.includes(removal.failure.reason)) return false;
      return store.failRemoval({
        operationId,
        leaseUntilMs,
        ending: 'not_revoked',
        nowMs: now(),
        auditEvent: event('service_account.deletion_failed', { cause: removal.failure.reason }),
      });
    case 'unknown':
      return false;
  }
}

const TEMPORARY_REASONS: readonly BackendFailure['reason'][] = [
  'not_reached',
  'broken_off',
  'too_slow',
  'under_way',
  'server_error',
  'rate_limited',
];
