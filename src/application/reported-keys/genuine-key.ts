import { type KeyObject, timingSafeEqual } from 'node:crypto';
import { type ApiKeyParts, hashApiKeySecret } from '../../domain/keys/api-key.ts';
import type { StoredApiKey } from '../ports/authority-store.ts';
import type { Store } from '../ports/store.ts';

/**
 * Returns the stored key whose ID and secret these are, whatever became of it. So nobody can report, or have revoked, a key of which
 * they only know the public ID.
 */
export async function findGenuineKey(
  { store, peppers }: { store: Pick<Store, 'findApiKey'>; peppers: ReadonlyMap<number, KeyObject> },
  { keyId, secret }: ApiKeyParts,
): Promise<StoredApiKey | undefined> {
  const stored = await store.findApiKey(keyId);
  const pepper = stored && peppers.get(stored.pepperVersion);
  // One HMAC for an unknown key too, so that the time doesn't show which keys exist.
  const [anyPepper] = peppers.values();
  const usedPepper = pepper ?? anyPepper;
  if (usedPepper === undefined) return undefined;
  const hash = Buffer.from(hashApiKeySecret(secret, usedPepper), 'hex');
  if (stored === undefined || pepper === undefined) return undefined;
  const expected = Buffer.from(stored.secretHash, 'hex');
  return hash.length === expected.length && timingSafeEqual(hash, expected) ? stored : undefined;
}
