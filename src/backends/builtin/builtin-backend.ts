import { newServiceAccount } from '../../application/accounts/create-service-account.ts';
import type {
  Collection,
  DeliveryRoute,
  NewAccount,
  PendingDelivery,
} from '../../application/ports/account-records.ts';
import { deliveryOutcomeCode } from '../../application/ports/account-records.ts';
import type { AccountRequest, Backend, IssuedKey } from '../../application/ports/backend.ts';
import { COLLECTION_LIFETIME_MS, DELIVERY_LEASE_MS, type Store } from '../../application/ports/store.ts';
import {
  type ApiKeyRecord,
  type KeyLifetimeDays,
  keyExpiryMs,
  type ServiceAccount,
} from '../../domain/accounts/service-account.ts';
import type { AuditActor, AuditEvent } from '../../domain/audit/audit-event.ts';
import { drawApiKey, formatApiKey, hashApiKeySecret } from '../../domain/keys/api-key.ts';
import { Secret } from '../../domain/keys/secret.ts';
import type { Person } from '../../domain/organization/person.ts';
import type { Peppers } from './peppers.ts';

export interface BuiltinBackendDependencies {
  store: Store;
  peppers: Peppers;
  /** Whether Keysmith checks the keys itself, and so sees when they are used. */
  seesUses: boolean;
  randomBytes: (size: number) => Uint8Array;
  now: () => number;
  newId: (prefix: string) => string;
}

/** Keysmith as the authority: accounts and keys live in its own store, people and teams come from the teams file. */
export function createBuiltinBackend(dependencies: BuiltinBackendDependencies): Backend {
  const { store } = dependencies;
  return {
    features: async () => ({
      keysExpire: true,
      apiKeys: { available: true },
      federated:
        (await store.issuers()).length > 0 ? { available: true } : { available: false, reason: 'no_issuer' },
    }),
    administeredIn: 'teams_file',
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
    findAccountsByName: (person, name, teamName) => store.findAccountsByName(person.email, name, teamName),
    listAccounts: async (person, options) => ({
      ...(await store.listAccounts(person.email, options)),
      tracksUsage: dependencies.seesUses,
      unmanaged: { accounts: [], total: 0 },
    }),
    // What it does is one write: nothing is ever left to settle.
    settleOperation: async () => true,
    checkForLateEffect: async () => false,
    createAccount: (request) => createAccount(dependencies, request),
    issueCollectedKey: (collection, account, options) =>
      issueCollectedKey(dependencies, collection, account, options),
    settleDelivery: (pending, outcome) => settleDelivery(dependencies, pending, outcome),
    revokeAccount: (account, by, requestId) =>
      store.revokeAccount(account.id, dependencies.now(), {
        atMs: dependencies.now(),
        actor: actorOf(by),
        action: 'service_account.revoked',
        subject: `service_account:${account.id}`,
        details: { team: account.teamName, name: account.name },
        requestId,
      }),
  };
}

async function createAccount(
  dependencies: BuiltinBackendDependencies,
  request: AccountRequest,
): ReturnType<Backend['createAccount']> {
  const { store } = dependencies;
  const nowMs = dependencies.now();
  const account = newServiceAccount(request, {
    id: dependencies.newId('sa'),
    organizationId: store.organizationId,
    teamId: request.team.id,
    createdAtMs: nowMs,
  });
  const { authentication, requestedBy, submissionId } = request;
  const minted =
    authentication.method === 'api_key'
      ? mint(dependencies, account, requestedBy, { ...authentication, collectionId: undefined }, nowMs)
      : undefined;
  const insertion: NewAccount = {
    account,
    nameReservedUntilMs: minted?.record.expiresAtMs ?? nowMs,
    submissionId,
    key: minted && {
      record: minted.record,
      lifetimeDays: minted.lifetimeDays,
      delivery: minted.issued.delivery,
    },
    auditEvent: createdEvent(account, request, minted?.record, nowMs),
  };
  const inserted = await store.insertAccount(insertion);
  return inserted.ok ? { ok: true, account, issued: minted?.issued } : inserted;
}

function createdEvent(
  account: ServiceAccount,
  { requestedBy, requestId }: AccountRequest,
  key: ApiKeyRecord | undefined,
  atMs: number,
): AuditEvent {
  const { teamName, name, method, externalIdentity } = account;
  return {
    atMs,
    actor: actorOf(requestedBy),
    action: 'service_account.created',
    subject: `service_account:${account.id}`,
    details: {
      team: teamName,
      name,
      method,
      ...(key && { key_id: key.keyId, expires_at_ms: key.expiresAtMs }),
      ...(externalIdentity && {
        issuer: externalIdentity.issuer,
        subject: externalIdentity.subject,
      }),
    },
    requestId,
  };
}

interface Minted {
  record: ApiKeyRecord;
  lifetimeDays: KeyLifetimeDays;
  issued: IssuedKey;
}

function mint(
  { randomBytes, peppers, newId }: BuiltinBackendDependencies,
  account: ServiceAccount,
  person: Person,
  wanted: {
    lifetimeDays: KeyLifetimeDays;
    route: DeliveryRoute;
    collectionId: string | undefined;
  },
  nowMs: number,
): Minted {
  const { lifetimeDays, route, collectionId } = wanted;
  const parts = drawApiKey(randomBytes);
  const { version, pepper } = peppers.current;
  const expiresAtMs = keyExpiryMs(nowMs, lifetimeDays);
  const delivery: PendingDelivery = {
    id: newId('dlv'),
    keyId: parts.keyId,
    person,
    route,
    leaseUntilMs: nowMs + DELIVERY_LEASE_MS,
    collectionId,
  };
  return {
    record: {
      keyId: parts.keyId,
      secretHash: hashApiKeySecret(parts.secret, pepper),
      pepperVersion: version,
      createdAtMs: nowMs,
      expiresAtMs,
    },
    lifetimeDays,
    issued: {
      account,
      delivery,
      key: new Secret(formatApiKey(parts)),
      expiresAtMs,
    },
  };
}

async function issueCollectedKey(
  dependencies: BuiltinBackendDependencies,
  collection: Collection,
  account: ServiceAccount,
  { route, requestId }: { route: DeliveryRoute; requestId: string },
): ReturnType<Backend['issueCollectedKey']> {
  const nowMs = dependencies.now();
  const { person, keyLifetimeDays } = collection;
  const wanted = {
    lifetimeDays: keyLifetimeDays,
    route,
    collectionId: collection.id,
  };
  const { record, issued } = mint(dependencies, account, person, wanted, nowMs);
  const begun = await dependencies.store.beginCollection(
    collection.id,
    { record, delivery: issued.delivery },
    nowMs,
    {
      atMs: nowMs,
      actor: actorOf(person),
      action: 'api_key.collection_started',
      subject: `service_account:${account.id}`,
      details: {
        team: account.teamName,
        name: account.name,
        key_id: record.keyId,
      },
      requestId,
    },
  );
  return begun.ok ? { ok: true, issued } : begun;
}

function settleDelivery(
  { store, now, newId }: BuiltinBackendDependencies,
  { delivery, account }: Parameters<Backend['settleDelivery']>[0],
  { kind, cause, requestId }: Parameters<Backend['settleDelivery']>[1],
): ReturnType<Backend['settleDelivery']> {
  const nowMs = now();
  return store.settleDelivery({
    deliveryId: delivery.id,
    outcome: kind,
    nowMs,
    auditEvent: {
      atMs: nowMs,
      actor: { type: 'system', name: 'delivery' },
      action: kind === 'accepted' ? 'api_key.delivered' : 'api_key.delivery_failed',
      subject: `service_account:${account.id}`,
      details: {
        team: account.teamName,
        name: account.name,
        key_id: delivery.keyId,
        to: delivery.person.slackUserId,
        route: delivery.route,
        outcome: deliveryOutcomeCode(kind),
        cause,
      },
      requestId,
    },
    newCollection: {
      id: newId('col'),
      expiresAtMs: nowMs + COLLECTION_LIFETIME_MS,
    },
  });
}

function actorOf({ slackUserId, email }: Person): AuditActor {
  return { type: 'person', slackUserId, email };
}
