import {
  type CryptoKey,
  calculateJwkThumbprint,
  exportJWK,
  generateKeyPair,
  importJWK,
  type JWK,
} from 'jose';
import type { Logger } from 'pino';
import type { Sealer } from '../../domain/sealed.ts';
import type { StoredSigningKey } from '../ports/authority-store.ts';
import { type Store, StoreUnavailableError } from '../ports/store.ts';
import { nextSigningKeyTimes } from './signing-key-times.ts';

/** A key that signs access tokens, opened. */
interface SigningKey {
  keyId: string;
  privateKey: CryptoKey;
  publicKey: CryptoKey;
  /** As it is published. */
  publicJwk: JWK;
  signsFromMs: number;
  signsUntilMs: number;
  publishedUntilMs: number;
}

export interface SigningKeys {
  /** The one that signs now. */
  signing(): Promise<SigningKey>;
  /** A published one; another replica may have made it a moment ago. */
  find(keyId: string): Promise<SigningKey | undefined>;
  /** Those that tokens in use are signed with, and the one that signs next. */
  published(): Promise<readonly SigningKey[]>;
}

/** A stored signing key was not sealed under the KEYSMITH_SECRET in use, or somebody changed it. */
export class UnreadableSigningKeyError extends Error {
  override name = 'UnreadableSigningKeyError';

  constructor(keyId: string) {
    super(
      `The signing key ${keyId} in the database can not be opened: it was made with another KEYSMITH_SECRET, or was changed. Set the old secret again, or delete that row of signing_keys, which ends the access tokens that it signed.`,
    );
  }
}

export interface SigningKeysDependencies {
  store: Pick<Store, 'signingKeys' | 'insertSigningKey' | 'forgetSigningKeys'>;
  organizationId: string;
  /** Of its own key: the purpose `signing-key`. */
  sealer: Sealer;
  rotateEveryMs: number;
  now: () => number;
  logger: Logger;
}

/** Read again so often, so that a key which somebody deleted is soon good for nothing. */
const RELOAD_EVERY_MS = 5 * 60_000;
/** A token may name any key: it has the database asked at most so often. */
const UNKNOWN_KEY_PAUSE_MS = 5_000;

interface Loaded {
  /** Oldest first. */
  keys: readonly SigningKey[];
  atMs: number;
  /** When one is due that is not there yet. */
  nextDueMs: number;
}

/**
 * The keys that sign access tokens: made when they are due, sealed and stored. Replicas that find one due at once agree on
 * the one that was stored first.
 *
 * Every method may throw StoreUnavailableError or UnreadableSigningKeyError.
 */
export function createSigningKeys(dependencies: SigningKeysDependencies): SigningKeys {
  const { now, logger } = dependencies;
  let loaded: Loaded | undefined;
  let loading: Promise<Loaded> | undefined;
  const load = (): Promise<Loaded> => {
    loading ??= loadKeys(dependencies)
      .then((fresh) => {
        loaded = fresh;
        return fresh;
      })
      .finally(() => {
        loading = undefined;
      });
    return loading;
  };
  const current = async (): Promise<Loaded> => {
    const nowMs = now();
    if (loaded === undefined || nowMs >= loaded.nextDueMs) return load();
    if (nowMs >= loaded.atMs && nowMs < loaded.atMs + RELOAD_EVERY_MS) return loaded;
    try {
      return await load();
    } catch (error) {
      if (!(error instanceof StoreUnavailableError)) throw error;
      logger.warn({ err: error }, 'the signing keys could not be read again; those at hand go on');
      return loaded;
    }
  };
  const published = async () => {
    const { keys } = await current();
    return keys.filter(({ publishedUntilMs }) => publishedUntilMs > now());
  };
  return {
    published,
    async signing() {
      const { keys } = await current();
      // The first where none may sign yet: the clock of the replica that made it is ahead of this one.
      const key = keys.findLast(({ signsFromMs }) => signsFromMs <= now()) ?? keys[0];
      if (key === undefined) throw new Error('No signing key was stored.');
      return key;
    },
    async find(keyId) {
      const found = (await published()).find((key) => key.keyId === keyId);
      if (found !== undefined || now() - (loaded?.atMs ?? 0) < UNKNOWN_KEY_PAUSE_MS) return found;
      await load();
      return (await published()).find((key) => key.keyId === keyId);
    },
  };
}

async function loadKeys(dependencies: SigningKeysDependencies): Promise<Loaded> {
  const { store, organizationId, rotateEveryMs, now } = dependencies;
  const nowMs = now();
  let stored = await store.signingKeys(organizationId);
  const due = nextSigningKeyTimes(stored.at(-1), nowMs, rotateEveryMs);
  if ('times' in due) {
    await makeKey(dependencies, due.times, nowMs);
    stored = await store.signingKeys(organizationId);
  }
  const next = nextSigningKeyTimes(stored.at(-1), nowMs, rotateEveryMs);
  return {
    keys: await Promise.all(stored.map((key) => open(dependencies, key))),
    atMs: nowMs,
    nextDueMs: 'dueMs' in next ? next.dueMs : nowMs,
  };
}

async function makeKey(
  { store, organizationId, sealer, logger }: SigningKeysDependencies,
  times: Pick<StoredSigningKey, 'number' | 'signsFromMs' | 'signsUntilMs' | 'publishedUntilMs'>,
  nowMs: number,
): Promise<void> {
  const { privateKey } = await generateKeyPair('EdDSA', { crv: 'Ed25519', extractable: true });
  const privateJwk = await exportJWK(privateKey);
  const keyId = await calculateJwkThumbprint(privateJwk);
  const sealed = await sealer.seal(JSON.stringify(privateJwk));
  const key = { ...times, keyId, sealed, publicJwk: toPublicJwk(privateJwk, keyId), createdAtMs: nowMs };
  const isFirst = await store.insertSigningKey(organizationId, key, {
    atMs: nowMs,
    actor: { type: 'system', name: 'authority' },
    action: 'signing_key.created',
    subject: `signing_key:${keyId}`,
    details: { number: times.number, signs_from_ms: times.signsFromMs, signs_until_ms: times.signsUntilMs },
    requestId: null,
  });
  if (!isFirst) return;
  logger.info({ keyId, ...times }, 'made a key that signs access tokens');
  await store.forgetSigningKeys(organizationId, nowMs);
}

/** The public part is taken from the sealed key: who can edit the database can't have a key of theirs believed. */
async function open({ sealer }: SigningKeysDependencies, stored: StoredSigningKey): Promise<SigningKey> {
  const { keyId, signsFromMs, signsUntilMs, publishedUntilMs } = stored;
  const opened = await sealer.open(stored.sealed);
  if (opened === undefined) throw new UnreadableSigningKeyError(keyId);
  const privateJwk = JSON.parse(opened) as JWK;
  const publicJwk = toPublicJwk(privateJwk, await calculateJwkThumbprint(privateJwk));
  return {
    keyId: String(publicJwk.kid),
    privateKey: (await importJWK(privateJwk, 'EdDSA')) as CryptoKey,
    publicKey: (await importJWK(publicJwk, 'EdDSA')) as CryptoKey,
    publicJwk,
    signsFromMs,
    signsUntilMs,
    publishedUntilMs,
  };
}

function toPublicJwk({ kty, crv, x }: JWK, keyId: string): JWK {
  return { kty, crv, x, kid: keyId, alg: 'EdDSA', use: 'sig' } as JWK;
}
