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

/** The next key is published so long before it signs; caches of the published keys are younger. */
const PUBLISHED_BEFORE_MS = 60 * 60_000;
/** A token lives a day at the most, and clocks differ. */
const PUBLISHED_AFTER_MS = 25 * 60 * 60_000;

type SigningKeyTimes = Pick<StoredSigningKey, 'number' | 'signsFromMs' | 'signsUntilMs' | 'publishedUntilMs'>;

/**
 * The times of the key that is to be made now; else when one is due. The first one signs at once, and so does one that
 * comes late because nothing ran when it was due.
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
  store: Pick<Store, 'signingKeys' | 'insertSigningKey' | 'deleteRetiredSigningKeys'>;
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
/** Where the next key could not be made, that is tried again after so long. */
const MAKE_AGAIN_AFTER_MS = 60_000;

interface Loaded {
  /** Oldest first. */
  keys: readonly SigningKey[];
  atMs: number;
  /** When one is due that is not there yet, or is tried again to be made. */
  nextDueMs: number;
  /** One is due and could not be made: it is not tried before this. */
  makeAgainAtMs: number | undefined;
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
    loading ??= loadKeys(dependencies, loaded?.makeAgainAtMs)
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

async function loadKeys(
  dependencies: SigningKeysDependencies,
  makeAgainAtMs: number | undefined,
): Promise<Loaded> {
  const { store, rotateEveryMs, now } = dependencies;
  const nowMs = now();
  const stored = await store.signingKeys();
  const due = nextSigningKeyTimes(stored.at(-1), nowMs, rotateEveryMs);
  const opened = async (keys: StoredSigningKey[], nextDueMs: number, againAtMs?: number) => ({
    keys: await Promise.all(keys.map((key) => open(dependencies, key))),
    atMs: nowMs,
    nextDueMs,
    makeAgainAtMs: againAtMs,
  });
  if (!('times' in due)) return opened(stored, due.dueMs);
  const isTriedNow = makeAgainAtMs === undefined || nowMs >= makeAgainAtMs || !hasUsable(stored, nowMs);
  if (!isTriedNow) return opened(stored, makeAgainAtMs, makeAgainAtMs);
  const made = await tryToMakeKey(dependencies, due.times, { stored, nowMs });
  if (made === undefined) {
    const againAtMs = nowMs + MAKE_AGAIN_AFTER_MS;
    return opened(stored, againAtMs, againAtMs);
  }
  const next = nextSigningKeyTimes(made.at(-1), nowMs, rotateEveryMs);
  return opened(made, 'dueMs' in next ? next.dueMs : nowMs);
}

/**
 * Makes the key that is due, and reads them all again. Undefined where that failed and there are others to go on with: a full
 * disk must not turn away every token.
 */
async function tryToMakeKey(
  dependencies: SigningKeysDependencies,
  times: SigningKeyTimes,
  { stored, nowMs }: { stored: readonly StoredSigningKey[]; nowMs: number },
): Promise<StoredSigningKey[] | undefined> {
  const { store, logger } = dependencies;
  try {
    await makeKey(dependencies, times, nowMs);
    return await store.signingKeys();
  } catch (error) {
    if (!hasUsable(stored, nowMs)) throw error;
    logger.error(
      { err: error },
      'the next key that signs access tokens could not be made; those at hand go on',
    );
    return undefined;
  }
}

function hasUsable(keys: readonly { publishedUntilMs: number }[], nowMs: number): boolean {
  return keys.some(({ publishedUntilMs }) => publishedUntilMs > nowMs);
}

async function makeKey(
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
  logger.info({ keyId, ...times }, 'made a key that signs access tokens');
  try {
    await store.deleteRetiredSigningKeys(nowMs, ({ keyId: retired, number }) =>
      auditEvent('signing_key.retired', retired, { number }, nowMs),
    );
  } catch (error) {
    logger.warn(
      { err: error },
      'old signing keys could not be deleted; that is tried again with the next one',
    );
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
