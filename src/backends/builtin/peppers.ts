import type { Store } from '../../application/ports/store.ts';
import type { Sealer } from '../../domain/keys/sealed.ts';

/** The organization's peppers; the newest hashes new keys, each older one still checks the keys that it hashed. */
export interface Peppers {
  current: { version: number; pepper: Uint8Array };
  byVersion: ReadonlyMap<number, Uint8Array>;
}

/** The stored peppers were sealed under another KEYSMITH_SECRET than the one in use. */
export class WrongSecretError extends Error {
  override name = 'WrongSecretError';

  constructor() {
    super(
      'KEYSMITH_SECRET is not the one that this database was made with. Set the old one again; without it no key in the database can be checked.',
    );
  }
}

const PEPPER_BYTES = 32;

/** Opens the stored peppers, and makes the first one in a new database. Replicas that start together agree on one. */
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
  const byVersion = new Map<number, Uint8Array>();
  for (const { version, sealed } of await store.sealedPeppers()) {
    const opened = await sealer.open(sealed);
    if (opened === undefined) throw new WrongSecretError();
    byVersion.set(version, Buffer.from(opened, 'base64url'));
  }
  const version = Math.max(...byVersion.keys());
  const pepper = byVersion.get(version);
  if (pepper === undefined) throw new Error('No pepper was stored.');
  return { current: { version, pepper }, byVersion };
}
