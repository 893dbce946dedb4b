import {
  type BeginCreation,
  type CompleteCreation,
  type HeldOperation,
  OPERATION_LEASE_MS,
} from '../../../../src/application/ports/operation-store.ts';
import type { ServiceAccount } from '../../../../src/domain/accounts/service-account.ts';
import {
  ada,
  auditEvent,
  DAY_MS,
  draw,
  federatedAccount,
  keyAccount,
  NOW_MS,
  pendingDelivery,
  type World,
} from '../world.ts';

export const LEASE_UNTIL_MS = NOW_MS + OPERATION_LEASE_MS;

export function creation(
  { organizationId, mlPlatform }: World,
  overrides: Partial<ServiceAccount> & { submissionId?: string } = {},
): BeginCreation {
  const { submissionId = draw('sub'), ...fields } = overrides;
  const { account } =
    fields.method === 'federated'
      ? federatedAccount(organizationId, mlPlatform, draw('subject'), fields)
      : keyAccount(organizationId, mlPlatform, fields);
  return {
    operationId: draw('op'),
    account,
    submissionId,
    keyLifetimeDays: account.method === 'api_key' ? 90 : undefined,
    membersBefore: ['member-1'],
    leaseUntilMs: LEASE_UNTIL_MS,
    auditEvent: auditEvent('service_account.creation_started'),
  };
}

export async function begin(world: World, begun: BeginCreation = creation(world)): Promise<BeginCreation> {
  const result = await world.store.beginCreation(begun);
  if (!result.ok) throw new Error(result.reason);
  return begun;
}

export function completion(
  { operationId, leaseUntilMs }: HeldOperation,
  overrides: Partial<CompleteCreation> = {},
): CompleteCreation {
  const record = { keyId: draw('key'), createdAtMs: NOW_MS };
  return {
    operationId,
    leaseUntilMs,
    server: { memberId: draw('member'), clientId: undefined },
    key: { record, delivery: { ...pendingDelivery({ ...record, ...unchecked }, ada) } },
    nowMs: NOW_MS,
    auditEvent: auditEvent('service_account.created'),
    ...overrides,
  };
}

/** Fields that a key of a W&B server doesn't have. */
const unchecked = { secretHash: '', pepperVersion: 0, expiresAtMs: 0 };

/** Begins and completes an account whose key's delivery is open. */
export async function insertOnServer(world: World, overrides: Parameters<typeof creation>[1] = {}) {
  const begun = await begin(world, creation(world, overrides));
  const completed = completion(begun);
  await world.store.completeCreation(completed);
  if (completed.key === undefined) throw new Error('no key');
  return { begun, completed, delivery: completed.key.delivery };
}

export function failure({ operationId, leaseUntilMs }: HeldOperation) {
  return {
    operationId,
    leaseUntilMs,
    state: 'failed' as const,
    nowMs: NOW_MS,
    auditEvent: auditEvent('service_account.creation_failed'),
  };
}

/** What is written when revoking a key stalls. */
export function stalled() {
  return { operationId: draw('op'), auditEvent: auditEvent('service_account.reconciliation_stalled') };
}

export function undoing({ operationId, leaseUntilMs }: HeldOperation, nowMs = NOW_MS) {
  return {
    operationId,
    leaseUntilMs,
    nowMs,
    auditEvent: auditEvent('service_account.creation_abandoned'),
    newCollection: { id: draw('col'), expiresAtMs: nowMs + DAY_MS },
  };
}

export function removal(accountId: string, leaseUntilMs = LEASE_UNTIL_MS) {
  return {
    operationId: draw('op'),
    accountId,
    person: ada,
    leaseUntilMs,
    requestId: 'req_1',
    nowMs: NOW_MS,
    auditEvent: auditEvent('service_account.deletion_started'),
    revokedEvent: auditEvent('service_account.revoked'),
  };
}
