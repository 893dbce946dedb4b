import {
  type CryptoKey,
  calculateJwkThumbprint,
  exportJWK,
  generateKeyPair,
  importJWK,
  type JWK,
} from 'jose';
import type { Logger } from 'pino';
import type { AuditAction } from '../../domain/audit/audit-actions.ts';
import type { AuditEvent } from '../../domain/audit/audit-event.ts';
import type { Sealer } from '../../domain/keys/sealed.ts';
import type { StoredSigningKey } from '../ports/authority-store.ts';
import { type Store, StoreUnavailableError } from '../ports/store.ts';

/** How long a key is published before it signs: longer than verifiers cache the published keys. */
const PUBLISHED_BEFORE_MS = 60 * 60_000;
/** How long a key is published after it signed: longer than the maximum token lifetime of a day. */
const PUBLISHED_AFTER_MS = 25 * 60 * 60_000;

type SigningKeyTimes = Pick<StoredSigningKey, 'number' | 'signsFromMs' | 'signsUntilMs' | 'publishedUntilMs'>;

/**
 * Returns the times of the next key if it is due, else when it will be. The first key signs immediately, and so does one
 * that was due while Keysmith wasn't running.
 */
function nextSigningKeyTimes(
  newest: Pick<StoredSigningKey, 'number' | 'signsUntilMs'> | undefined,
  nowMs: number,
  rotateEveryMs: number,
): { times: SigningKeyTimes } | { dueMs: number } {
  const dueMs = newest === undefined ? nowMs : newest.signsUntilMs - PUBLISHED_BEFORE_MS;
  if (nowMs < dueMs) return { dueMs };
  const signsFromMs = Math.max(nowMs, newest?.signsUntilMs ?? nowMs);
  const signsUntilMs = signsFromMs + rotateEveryMs;
  return {
    times: {
      number: (newest?.number ?? 0) + 1,
      signsFromMs,
      signsUntilMs,
      publishedUntilMs: signsUntilMs + PUBLISHED_AFTER_MS,
    },
  };
}

/** An unsealed key that signs access tokens. */
interface SigningKey {
  keyId: string;
  privateKey: CryptoKey;
  publicKey: CryptoKey;
  /** The published form. */
  publicJwk: JWK;
  signsFromMs: number;
  signsUntilMs: number;
  publishedUntilMs: number;
}

export interface SigningKeys {
  /** Returns the key that signs now. */
  signing(): Promise<SigningKey>;
  /** Returns a published key. Reads the database when it is unknown: another replica may have just created it. */
  find(keyId: string): Promise<SigningKey | undefined>;
  /** Returns the keys of all tokens that can still be valid, and the one that signs next. */
  published(): Promise<readonly SigningKey[]>;
}

/** A stored signing key can't be unsealed with the current KEYSMITH_SECRET. */
export class UnreadableSigningKeyError extends Error {
  override name = 'UnreadableSigningKeyError';

  constructor(keyId: string) {
    super(
      `The signing key ${keyId} in the database can't be unsealed: it was created with another KEYSMITH_SECRET, or it was modified. Restore the old secret, or delete that row of signing_keys, which invalidates the access tokens it signed.`,
    );
  }
}

export interface SigningKeysDependencies {
  store: Pick<Store, 'signingKeys' | 'insertSigningKey' | 'deleteRetiredSigningKeys'>;
  /** Derived for the purpose `signing-key`. */
  sealer: Sealer;
  rotateEveryMs: number;
  now: () => number;
  logger: Logger;
}

/** How often the keys are read again, which bounds how long a deleted key still works. */
const RELOAD_EVERY_MS = 5 * 60_000;
/** The shortest time between two reads for an unknown key ID, which any token can name. */
const UNKNOWN_KEY_PAUSE_MS = 5_000;
/** How long to wait before retrying a failed key creation. */
const RETRY_CREATION_AFTER_MS = 60_000;

interface Loaded {
  /** Oldest first. */
  keys: readonly SigningKey[];
  atMs: number;
  /** When the next key is due, or its creation is retried. */
  nextDueMs: number;
  /** Set after a failed creation: when to try again. */
  retryAtMs: number | undefined;
}

/**
 * Creates the store of signing keys, which creates each key when it is due, seals it and stores it. When several replicas
 * create the same key, all use the one that was stored first.
 *
 * Every method may throw StoreUnavailableError or UnreadableSigningKeyError.
 */
export function createSigningKeys(dependencies: SigningKeysDependencies): SigningKeys {
  const { now, logger } = dependencies;
  let loaded: Loaded | undefined;
  let loading: Promise<Loaded> | undefined;
  const load = (): Promise<Loaded> => {
    loading ??= loadKeys(dependencies, loaded?.retryAtMs)
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
    if (loaded === undefined) return load();
    const untilMs = Math.min(loaded.atMs + RELOAD_EVERY_MS, loaded.nextDueMs);
    if (nowMs >= loaded.atMs && nowMs < untilMs) return loaded;
    try {
      return await load();
    } catch (error) {
      if (!(error instanceof StoreUnavailableError && hasUsable(loaded.keys, nowMs))) throw error;
      logger.warn({ err: error }, 'signing keys not reloaded, using the ones in memory');
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
      // No key may sign yet if the clock of the replica that created the first one is ahead of ours.
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

async function loadKeys(
  dependencies: SigningKeysDependencies,
  retryAtMs: number | undefined,
): Promise<Loaded> {
  const { store, rotateEveryMs, now } = dependencies;
  const nowMs = now();
  const stored = await store.signingKeys();
  const due = nextSigningKeyTimes(stored.at(-1), nowMs, rotateEveryMs);
  const opened = async (keys: StoredSigningKey[], nextDueMs: number, retryCreationAtMs?: number) => ({
    keys: await Promise.all(keys.map((key) => open(dependencies, key))),
    atMs: nowMs,
    nextDueMs,
    retryAtMs: retryCreationAtMs,
  });
  if (!('times' in due)) return opened(stored, due.dueMs);
  const isAttemptedNow = retryAtMs === undefined || nowMs >= retryAtMs || !hasUsable(stored, nowMs);
  if (!isAttemptedNow) return opened(stored, retryAtMs, retryAtMs);
  const created = await tryToCreateKey(dependencies, due.times, { stored, nowMs });
  if (created === undefined) {
    const retryCreationAtMs = nowMs + RETRY_CREATION_AFTER_MS;
    return opened(stored, retryCreationAtMs, retryCreationAtMs);
  }
  const next = nextSigningKeyTimes(created.at(-1), nowMs, rotateEveryMs);
  return opened(created, 'dueMs' in next ? next.dueMs : nowMs);
}

/**
 * Creates the due key and reads all keys again. Returns undefined if that failed while other keys are usable: a full disk
 * must not invalidate every token.
 */
async function tryToCreateKey(
  dependencies: SigningKeysDependencies,
  times: SigningKeyTimes,
  { stored, nowMs }: { stored: readonly StoredSigningKey[]; nowMs: number },
): Promise<StoredSigningKey[] | undefined> {
  const { store, logger } = dependencies;
  try {
    await createKey(dependencies, times, nowMs);
    return await store.signingKeys();
  } catch (error) {
    if (!hasUsable(stored, nowMs)) throw error;
    logger.error({ err: error }, 'signing key not created, using the ones in memory');
    return undefined;
  }
}

function hasUsable(keys: readonly { publishedUntilMs: number }[], nowMs: number): boolean {
  return keys.some(({ publishedUntilMs }) => publishedUntilMs > nowMs);
}

async function createKey(
  dependencies: SigningKeysDependencies,
  times: SigningKeyTimes,
  nowMs: number,
): Promise<void> {
  const { store, sealer, logger } = dependencies;
  const { privateKey } = await generateKeyPair('EdDSA', { crv: 'Ed25519', extractable: true });
  const privateJwk = await exportJWK(privateKey);
  const keyId = await calculateJwkThumbprint(privateJwk);
  const sealed = await sealer.seal(JSON.stringify(privateJwk));
  const key = { ...times, keyId, sealed, publicJwk: toPublicJwk(privateJwk, keyId), createdAtMs: nowMs };
  const details = {
    number: times.number,
    signs_from_ms: times.signsFromMs,
    signs_until_ms: times.signsUntilMs,
  };
  const created = auditEvent('signing_key.created', keyId, details, nowMs);
  const isFirst = await store.insertSigningKey(key, created);
  if (!isFirst) return;
  logger.info({ keyId, ...times }, 'signing key created');
  try {
    await store.deleteRetiredSigningKeys(nowMs, ({ keyId: retired, number }) =>
      auditEvent('signing_key.retired', retired, { number }, nowMs),
    );
  } catch (error) {
    logger.warn({ err: error }, 'retired signing keys not deleted, retrying with the next key');
  }
}

function auditEvent(
  action: AuditAction,
  keyId: string,
  details: AuditEvent['details'],
  atMs: number,
): AuditEvent {
  const actor = { type: 'system', name: 'authority' } as const;
  return { atMs, actor, action, subject: `signing_key:${keyId}`, details, requestId: null };
}

/** Derives the public part from the sealed key, because someone may have edited the stored one. */
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
