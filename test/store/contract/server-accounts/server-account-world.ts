import { REQUEST_LEASE_MS } from '../../../../src/application/jobs/notification-jobs.ts';
import type {
  AbandonCreation,
  BeginCreation,
  BeginRemoval,
  CompleteCreation,
  NewServerAccount,
  RecordGone,
} from '../../../../src/application/ports/server-account-store.ts';
import { serverName } from '../../../../src/domain/accounts/server-name.ts';
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

export const JOB = { person: ada, requestId: 'req_1' } as const;
const EXPIRY = { days: 90 };
const NO_IDS = { memberId: undefined, clientId: undefined, scimId: undefined };

/** Returns another attempt to have the account on the server. */
export function newServer(
  { name, method }: Pick<ServiceAccount, 'name' | 'method'>,
  collectionId: string | null = null,
): NewServerAccount {
  const tag = draw('tag');
  const key = method === 'api_key' ? { key: { name: 'key-1', expiry: EXPIRY, collectionId } } : {};
  return { id: draw('srv'), name: serverName(name, tag), tag, job: { ...JOB, ...key } };
}

export function creation(
  { organizationId, mlPlatform }: World,
  overrides: Partial<ServiceAccount> & { submissionId?: string } = {},
): BeginCreation {
  const { submissionId = draw('sub'), ...fields } = overrides;
  const provisioning = { state: 'provisioning', ...fields } as const;
  const { account } =
    fields.method === 'federated'
      ? federatedAccount(organizationId, mlPlatform, draw('subject'), provisioning)
      : keyAccount(organizationId, mlPlatform, provisioning);
  return {
    account,
    submissionId,
    server: newServer(account),
    nowMs: NOW_MS,
    auditEvent: auditEvent('service_account.creation_started'),
  };
}

export async function begin(world: World, begun: BeginCreation = creation(world)): Promise<BeginCreation> {
  const result = await world.store.beginCreation(begun);
  if (!result.ok) throw new Error(result.reason);
  return begun;
}

export function recreation(account: ServiceAccount, collectionId: string) {
  return {
    collectionId,
    server: newServer(account, collectionId),
    nowMs: NOW_MS,
    auditEvent: auditEvent('api_key.collection_started'),
  };
}

export function identity(serverAccountId: string, memberId = draw('member')) {
  return { ...NO_IDS, serverAccountId, memberId };
}

export function completion(
  serverAccountId: string,
  overrides: Partial<CompleteCreation> = {},
): CompleteCreation & { key: NonNullable<CompleteCreation['key']> } {
  const record = { keyId: draw('key'), name: 'key-1', createdAtMs: NOW_MS };
  const checkedHere = { secretHash: '', pepperVersion: 0, expiresAtMs: 0 };
  const delivery = pendingDelivery({ ...record, ...checkedHere }, ada, overrides.collectionId);
  return {
    serverAccountId,
    key: { record, expiry: EXPIRY, delivery },
    collectionId: undefined,
    nowMs: NOW_MS,
    auditEvent: auditEvent('service_account.created'),
    ...overrides,
  } as ReturnType<typeof completion>;
}

/** Begins and completes an account whose key's delivery is open. */
export async function insertOnServer(world: World, overrides: Parameters<typeof creation>[1] = {}) {
  const begun = await begin(world, creation(world, overrides));
  const { id } = begun.server;
  const recorded = identity(id);
  await world.store.recordServerIdentity(recorded);
  const completed = completion(id);
  await world.store.completeCreation(completed);
  const account: ServiceAccount = { ...begun.account, state: 'active' };
  return {
    begun,
    account,
    serverAccountId: id,
    memberId: recorded.memberId,
    delivery: completed.key.delivery,
  };
}

/** Gives a new account's attempt up; the account waits for its key. */
export function abandonment(
  serverAccountId: string,
  overrides: Partial<AbandonCreation> = {},
): AbandonCreation {
  return {
    serverAccountId,
    isCertain: false,
    collectionId: undefined,
    newCollection: {
      id: draw('col'),
      expiresAtMs: NOW_MS + DAY_MS,
      person: ada,
      keyName: 'key-1',
      keyExpiry: EXPIRY,
    },
    offer: { requestId: 'req_1', start: { atMs: NOW_MS } },
    job: JOB,
    nowMs: NOW_MS,
    auditEvent: auditEvent('service_account.creation_abandoned'),
    ...overrides,
  };
}

export function notificationOf(accountId: string, message: 'federated_account_created') {
  const payload = { message, accountId, to: { slackUserId: ada.slackUserId }, requestId: 'req_1' };
  return { payload, start: { atMs: NOW_MS } };
}

export function removal(accountId: string, person = ada): BeginRemoval {
  const { slackUserId } = person;
  const payload = { message: 'account_revoked', accountId, to: { slackUserId }, requestId: 'req_1' } as const;
  return {
    accountId,
    job: { ...JOB, person },
    nowMs: NOW_MS,
    auditEvent: auditEvent('service_account.deletion_started'),
    revokedEvent: auditEvent('service_account.revoked'),
    notification: { payload, start: { heldUntilMs: NOW_MS + REQUEST_LEASE_MS, leaseToken: draw('lease') } },
  };
}

export function gone(serverAccountId: string, overrides: Partial<RecordGone> = {}): RecordGone {
  return {
    serverAccountId,
    nowMs: NOW_MS,
    isFinal: true,
    revokedEvent: auditEvent('service_account.revoked'),
    deletedEvent: auditEvent('server_account.deleted'),
    recheckedFromMs: undefined,
    ...overrides,
  };
}
