import { accountEvent, actorOf } from '../../application/accounts/account-event.ts';
import type { DeliveryRoute, PendingDelivery } from '../../application/ports/account-records.ts';
import type { Backend, IssuedKey } from '../../application/ports/backend.ts';
import { DELIVERY_LEASE_MS, type Store } from '../../application/ports/store.ts';
import { expiryMs, type KeyExpiry } from '../../domain/accounts/key-expiry.ts';
import type { ApiKeyRecord, ServiceAccount } from '../../domain/accounts/service-account.ts';
import { drawApiKey, formatApiKey, hashApiKeySecret } from '../../domain/keys/api-key.ts';
import { Secret } from '../../domain/keys/secret.ts';
import type { Person } from '../../domain/organization/person.ts';
import type { Peppers } from './peppers.ts';

export interface KeyDependencies {
  store: Store;
  peppers: Peppers;
  randomBytes: (size: number) => Uint8Array;
  now: () => number;
  newId: (prefix: string) => string;
}

interface DrawnKey {
  record: ApiKeyRecord;
  expiry: KeyExpiry;
  issued: IssuedKey;
}

/** Draws a new key. Nothing is stored yet. */
export function drawKey(
  { randomBytes, peppers, newId }: KeyDependencies,
  account: ServiceAccount,
  request: {
    name: string;
    isRevokedAlone: boolean;
    expiry: KeyExpiry;
    person: Person;
    route: DeliveryRoute;
    collectionId: string | undefined;
    nowMs: number;
  },
): DrawnKey {
  const { name, isRevokedAlone, expiry, person, route, collectionId, nowMs } = request;
  const parts = drawApiKey(randomBytes);
  const { version, pepper } = peppers.current;
  const { keyId } = parts;
  const expiresAtMs = expiryMs(nowMs, expiry);
  const delivery: PendingDelivery = {
    id: newId('dlv'),
    keyId,
    person,
    route,
    leaseUntilMs: nowMs + DELIVERY_LEASE_MS,
    collectionId,
  };
  return {
    record: {
      keyId,
      name,
      secretHash: hashApiKeySecret(parts.secret, pepper),
      pepperVersion: version,
      createdAtMs: nowMs,
      expiresAtMs,
    },
    expiry,
    issued: {
      account,
      delivery,
      keyName: name,
      isRevokedAlone,
      key: new Secret(formatApiKey(parts)),
      expiresAtMs,
    },
  };
}

/** Returns the part of the backend that adds keys to accounts. */
export function createKeyBackend(dependencies: KeyDependencies): NonNullable<Backend['keys']> {
  return {
    async createKey(account, { requestedBy, submissionId, requestId, rotation, ...request }) {
      const nowMs = dependencies.now();
      const { record, expiry, issued } = drawKey(dependencies, account, {
        ...request,
        isRevokedAlone: true,
        person: requestedBy,
        collectionId: undefined,
        nowMs,
      });
      const { keyId, name, expiresAtMs } = record;
      const inserted = await dependencies.store.insertKey({
        accountId: account.id,
        submissionId,
        record,
        expiry,
        delivery: issued.delivery,
        rotation,
        nowMs,
        auditEvent: accountEvent(account, {
          action: rotation === undefined ? 'api_key.created' : 'api_key.rotation_started',
          actor: actorOf(requestedBy),
          atMs: nowMs,
          requestId,
          details: {
            key_id: keyId,
            key_name: name,
            expires_at_ms: expiresAtMs,
            old_key_id: rotation?.oldKeyId,
          },
        }),
      });
      return inserted.ok ? { ok: true, issued } : inserted;
    },
  };
}
