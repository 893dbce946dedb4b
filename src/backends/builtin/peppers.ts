import { createSecretKey, type KeyObject } from 'node:crypto';
import type { Store } from '../../application/ports/store.ts';
import type { Sealer } from '../../domain/keys/sealed.ts';

/** The organization's peppers. New keys are hashed with the newest; keys are verified with the one that hashed them. */
export interface Peppers {
  current: { version: number; pepper: KeyObject };
  byVersion: ReadonlyMap<number, KeyObject>;
}

/** The stored peppers were sealed with another KEYSMITH_SECRET than the configured one. */
export class WrongSecretError extends Error {
  override name = 'WrongSecretError';

  constructor() {
    super(
      'KEYSMITH_SECRET is not the secret this database was created with. Restore the previous one; without it, no key in the database can be verified.',
    );
  }
}

const PEPPER_BYTES = 32;

/**
 * Opens the stored peppers, and creates the first one in a new database. Replicas that start together agree on one.
 *
 * @throws WrongSecretError
 */
export async function openPeppers(options: {
  store: Store;
  sealer: Sealer;
  randomBytes: (size: number) => Uint8Array;
  nowMs: number;
}): Promise<Peppers> {
  const { store, sealer, randomBytes, nowMs } = options;
  if ((await store.sealedPeppers()).length === 0) {
    const pepper = Buffer.from(randomBytes(PEPPER_BYTES)).toString('base64url');
    await store.insertSealedPepper(1, await sealer.seal(pepper), nowMs);
  }
  const byVersion = new Map<number, KeyObject>();
  for (const { version, sealed } of await store.sealedPeppers()) {
    const opened = await sealer.open(sealed);
    if (opened === undefined) throw new WrongSecretError();
    byVersion.set(version, createSecretKey(opened, 'base64url'));
  }
  const version = Math.max(...byVersion.keys());
  const pepper = byVersion.get(version);
  if (pepper === undefined) throw new Error('The database contains no pepper.');
  return { current: { version, pepper }, byVersion };
}
