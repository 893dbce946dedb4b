import { accountEvent, actorOf } from '../../application/accounts/account-event.ts';
import { newServiceAccount } from '../../application/accounts/create-service-account.ts';
import { heldNotification } from '../../application/jobs/notification-jobs.ts';
import {
  type Collection,
  type DeliveryRoute,
  MAX_ACCOUNT_NAMES,
} from '../../application/ports/account-records.ts';
import type { AccountRequest, Backend } from '../../application/ports/backend.ts';
import type { NewNotification } from '../../application/ports/job-store.ts';
import { expiryRulesOf, withinLongestLife } from '../../domain/accounts/key-expiry.ts';
import type { ServiceAccount } from '../../domain/accounts/service-account.ts';
import { FIRST_KEY_NAME } from '../../domain/keys/key-name.ts';
import type { Person } from '../../domain/organization/person.ts';
import { createKeyBackend, drawKey, type KeyDependencies } from './new-key.ts';

export interface BuiltinBackendDependencies extends KeyDependencies {
  /** Whether Keysmith verifies the keys itself, and so knows when they were last used. */
  tracksUsage: boolean;
}

/** Creates the backend whose accounts and keys live in Keysmith's own store. People and teams come from the teams file. */
export function createBuiltinBackend(dependencies: BuiltinBackendDependencies): Backend {
  const { store, tracksUsage } = dependencies;
  return {
    features: async () => ({
      keysExpire: true,
      apiKeys: { available: true },
      accountsWithoutKey: false,
      organizationScope: true,
      federated:
        (await store.issuers()).length > 0 ? { available: true } : { available: false, reason: 'no_issuer' },
    }),
    administeredIn: 'teams_file',
    keys: createKeyBackend(dependencies),
    tracksUsage,
    teamPage: () => undefined,
    administeredTeams: async (person, options) => ({
      ...(await store.administeredTeams(person.email, options)),
      hasUnlisted: false,
    }),
    teamsOf: (person) => store.teamsOf(person.email),
    teamAccess: (person, teamName) => store.teamAccess(person.email, teamName),
    teamAdmins: (teamName) => store.teamAdmins(teamName),
    organizationAdmins: () => store.organizationAdmins(),
    issuers: () => store.issuers(),
    findAccount: (accountId) => store.findAccount(accountId),
    findAccountsByName: ({ email }, ...which) => store.findAccountsByName(email, ...which),
    accountNames: async ({ email }, teamName, includesMemberTeams = false) => {
      const options = {
        limit: MAX_ACCOUNT_NAMES,
        includesMemberTeams,
        ...(teamName !== undefined && { teamName }),
      };
      const { accounts } = await store.listAccounts(email, options, dependencies.now());
      return [...new Set(accounts.map(({ account }) => account.name))];
    },
    listAccounts: async (person, options) => ({
      ...(await store.listAccounts(person.email, options, dependencies.now())),
      tracksUsage,
      unmanaged: { accounts: [], total: 0 },
    }),
    accountOnServer: async () => ({}),
    outsideChanges: undefined,
    adoptableAccount: async () => undefined,
    adoptAccount: async () => ({ ok: false, reason: 'gone' }),
    // Each use case is a single write, so nothing is ever left to do.
    reconcile: async () => 'done',
    abandonCreation: async () => false,
    createAccount: (request) => createAccount(dependencies, request),
    issueCollectedKey: (collection, account, options) =>
      issueCollectedKey(dependencies, collection, account, options),
    revokeAccount: (account, by, request) => revokeAccount(dependencies, account, by, request),
  };
}

function revokeAccount(
  { store, now }: BuiltinBackendDependencies,
  account: ServiceAccount,
  by: Person,
  {
    requestId,
    notice,
    runs,
    actor = actorOf(by),
    notifications: others = [],
    onlyKeyId,
  }: Parameters<Backend['revokeAccount']>[2],
): ReturnType<Backend['revokeAccount']> {
  const nowMs = now();
  const { id: accountId, contact } = account;
  const auditEvent = accountEvent(account, {
    action: 'service_account.revoked',
    actor,
    atMs: nowMs,
    requestId,
  });
  const revoked = { message: 'account_revoked', accountId, ...(runs && { runs }) } as const;
  const notifications = [heldNotification(notice, revoked, { ...by, requestId, nowMs }), ...others];
  if (runs !== undefined && contact !== by.slackUserId) {
    const interrupted = { message: 'runs_interrupted', accountId, runs, revokedBy: by.slackUserId } as const;
    const to = { slackUserId: contact };
    notifications.push({ payload: { ...interrupted, to, requestId }, start: { atMs: nowMs } });
  }
  return store.revokeAccount(accountId, nowMs, auditEvent, notifications, onlyKeyId);
}

async function createAccount(
  dependencies: BuiltinBackendDependencies,
  request: AccountRequest,
): ReturnType<Backend['createAccount']> {
  const { store, now, newId } = dependencies;
  const { authentication, requestedBy, requestId, submissionId } = request;
  const nowMs = now();
  const account = newServiceAccount(request, {
    id: newId('sa'),
    organizationId: store.organizationId,
    teamId: request.team.id,
    createdAtMs: nowMs,
    state: 'active',
  });
  const newKey =
    authentication.method === 'api_key'
      ? drawKey(dependencies, account, {
          ...authentication,
          name: FIRST_KEY_NAME,
          isRevokedAlone: false,
          person: requestedBy,
          collectionId: undefined,
          nowMs,
        })
      : undefined;
  const { method, externalIdentity } = account;
  const inserted = await store.insertAccount({
    account,
    submissionId,
    key: newKey && {
      record: newKey.record,
      expiry: newKey.expiry,
      delivery: newKey.issued.delivery,
    },
    auditEvent: accountEvent(account, {
      action: 'service_account.created',
      actor: actorOf(requestedBy),
      atMs: nowMs,
      requestId,
      details: {
        method,
        key_id: newKey?.record.keyId,
        expires_at_ms: newKey?.record.expiresAtMs,
        issuer: externalIdentity?.issuer,
        subject: externalIdentity?.subject,
      },
    }),
    notification: externalIdentity && createdNotification(request, account.id, nowMs),
    ofRequest: request.ofRequest,
  });
  return inserted.ok ? { ok: true, account, issued: newKey?.issued } : inserted;
}

function createdNotification(
  { notice, requestedBy, requestId }: AccountRequest,
  accountId: string,
  nowMs: number,
): NewNotification {
  const created = { message: 'federated_account_created', accountId } as const;
  if (notice !== undefined) return heldNotification(notice, created, { ...requestedBy, requestId, nowMs });
  const { slackUserId } = requestedBy;
  return { payload: { ...created, to: { slackUserId }, requestId }, start: { atMs: nowMs } };
}

async function issueCollectedKey(
  dependencies: BuiltinBackendDependencies,
  { id: collectionId, person, keyName: name, keyExpiry, accessRequestId }: Collection,
  account: ServiceAccount,
  { route, requestId }: { route: DeliveryRoute; requestId: string },
): ReturnType<Backend['issueCollectedKey']> {
  const earlier = await dependencies.store.accountKeys(account.id);
  const isRevokedAlone =
    accessRequestId !== undefined || earlier.some(({ delivery }) => delivery === 'delivered');
  const nowMs = dependencies.now();
  const policy = await dependencies.store.policyOf(account.teamName);
  const expiry = withinLongestLife(keyExpiry, expiryRulesOf(policy), nowMs);
  const request = { name, isRevokedAlone, expiry, person, route, collectionId, nowMs };
  const { record, issued } = drawKey(dependencies, account, request);
  const begun = await dependencies.store.beginCollection(
    collectionId,
    { record, delivery: issued.delivery },
    nowMs,
    accountEvent(account, {
      action: 'api_key.collection_started',
      actor: actorOf(person),
      atMs: nowMs,
      requestId,
      details: { key_id: record.keyId },
    }),
  );
  return begun.ok ? { ok: true, issued } : begun;
}
