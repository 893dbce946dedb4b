import type { JWK } from 'jose';
import type { Logger } from 'pino';
import type { AuditAction } from '../../domain/audit/audit-actions.ts';
import type { AuditEvent } from '../../domain/audit/audit-event.ts';
import type { Sealer } from '../../domain/keys/sealed.ts';
import type { SigningKeyPurpose, StoredSigningKey } from '../ports/authority-store.ts';
import type { Clock } from '../ports/clock.ts';
import { type Store, StoreUnavailableError } from '../ports/store.ts';
import {
  generateSigningKey,
  openSigningKey,
  SIGNING_ALGORITHM,
  type SigningKey,
  sealSigningKey,
} from './signing-key-material.ts';
import {
  KEY_ROTATIONS,
  type NewestKey,
  nextSigningKeyTimes,
  publicationEndMs,
  signingKeyAt,
} from './signing-key-times.ts';

type TimedSigningKey = SigningKey & Pick<StoredSigningKey, 'number' | 'signsFromMs' | 'publishedUntilMs'>;

export interface SigningKeys {
  /** Returns the key that signs now. */
  signing(): Promise<SigningKey>;
  /** Returns a published key. Reads the database when it is unknown: another replica may have just created it. */
  find(keyId: string): Promise<SigningKey | undefined>;
  /** Returns the keys of all tokens that can still be valid, and the one that signs next. */
  published(): Promise<readonly SigningKey[]>;
  /** Reads the stored keys, and creates none. */
  open(): Promise<void>;
}

const LOSS_OF_A_KEY: Record<SigningKeyPurpose, string> = {
  access_token: 'which invalidates the access tokens it signed',
  federation: 'after which the W&B server may refuse Keysmith until it has read the next key',
};

/** A stored signing key can't be unsealed with the current KEYSMITH_SECRET. */
export class UnreadableSigningKeyError extends Error {
  override name = 'UnreadableSigningKeyError';

  constructor(keyId: string, purpose: SigningKeyPurpose) {
    super(
      `The signing key ${keyId} in the database can't be unsealed: it was created with another KEYSMITH_SECRET, or it was modified. Restore the old secret, or delete that row of signing_keys, ${LOSS_OF_A_KEY[purpose]}.`,
    );
  }
}

export interface SigningKeysDependencies extends Clock {
  store: Pick<Store, 'signingKeys' | 'insertSigningKey' | 'deleteRetiredSigningKeys'>;
  purpose: SigningKeyPurpose;
  /** Derived for the keys of this purpose. */
  sealer: Sealer;
  rotateEveryMs: number;
  /** Returns a new private key. Takes a quarter of a second by default. */
  generateKey?: (() => Promise<JWK>) | undefined;
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
  keys: readonly TimedSigningKey[];
  /** On the monotonic clock. */
  loadedAtMs: number;
  newest: NewestKey | undefined;
}

/**
 * Creates the store of signing keys, which creates each key when it is due, seals it and stores it. When several replicas
 * create the same key, all use the one that was stored first.
 *
 * Every method may throw StoreUnavailableError or UnreadableSigningKeyError. Only `signing` and `published` create keys: a
 * verification doesn't wait for one.
 */
export function createSigningKeys(dependencies: SigningKeysDependencies): SigningKeys {
  const { now, monotonicMs, logger } = dependencies;
  const rotation = rotationOf(dependencies);
  let loaded: Loaded | undefined;
  const load = shared(async () => {
    loaded = await loadKeys(dependencies);
    return loaded;
  });
  const current = async (): Promise<Loaded> => {
    if (loaded === undefined) return load();
    if (monotonicMs() - loaded.loadedAtMs < RELOAD_EVERY_MS) return loaded;
    try {
      return await load();
    } catch (error) {
      if (!(error instanceof StoreUnavailableError && hasUsable(loaded.keys, now()))) throw error;
      logger.warn({ err: error }, 'signing keys not reloaded, using the ones in memory');
      return loaded;
    }
  };
  /** On the monotonic clock. */
  let retryAtMs: number | undefined;
  const create = shared(async () => {
    await createDueKey(dependencies, await load());
    return load();
  });
  /** Returns the keys after creating the one that is due. Keeps the others if that fails: a full disk must not end them. */
  const complete = async (): Promise<Loaded> => {
    const known = await current();
    const nowMs = now();
    if ('dueMs' in nextSigningKeyTimes(known.newest, nowMs, rotation)) return known;
    const isUsable = hasUsable(known.keys, nowMs);
    if (isUsable && retryAtMs !== undefined && monotonicMs() < retryAtMs) return known;
    try {
      const created = await create();
      retryAtMs = undefined;
      return created;
    } catch (error) {
      if (!isUsable || error instanceof UnreadableSigningKeyError) throw error;
      // All callers that waited share this failure, so it is logged once.
      if (retryAtMs === undefined || monotonicMs() >= retryAtMs) {
        logger.error({ err: error }, 'signing key not created, using the ones in memory');
      }
      retryAtMs = monotonicMs() + RETRY_CREATION_AFTER_MS;
      return known;
    }
  };
  const publishedOf = ({ keys }: Loaded) => keys.filter(({ publishedUntilMs }) => publishedUntilMs > now());
  return {
    open: async () => void (await current()),
    published: async () => publishedOf(await complete()),
    async signing() {
      const key = signingKeyAt((await complete()).keys, now());
      if (key === undefined) throw new Error('No signing key was stored.');
      return key;
    },
    async find(keyId) {
      const found = publishedOf(await current()).find((key) => key.keyId === keyId);
      const isRecent = loaded !== undefined && monotonicMs() - loaded.loadedAtMs < UNKNOWN_KEY_PAUSE_MS;
      if (found !== undefined || isRecent) return found;
      return publishedOf(await load()).find((key) => key.keyId === keyId);
    },
  };
}

/** Lets callers that ask while the work is running share its result. */
function shared<Value>(work: () => Promise<Value>): () => Promise<Value> {
  let running: Promise<Value> | undefined;
  return () => {
    running ??= work().finally(() => {
      running = undefined;
    });
    return running;
  };
}

async function loadKeys(dependencies: SigningKeysDependencies): Promise<Loaded> {
  const loadedAtMs = dependencies.monotonicMs();
  const stored = await dependencies.store.signingKeys(dependencies.purpose);
  const keys = await Promise.all(
    stored.map((key, index) => openTimedKey(dependencies, key, stored[index + 1])),
  );
  const last = stored.at(-1);
  const isOutdated = keys.at(-1)?.algorithm !== SIGNING_ALGORITHM;
  return { keys, loadedAtMs, newest: last && { ...last, isOutdated } };
}

function rotationOf({ purpose, rotateEveryMs }: SigningKeysDependencies) {
  return { rotateEveryMs, ...KEY_ROTATIONS[purpose] };
}

async function openTimedKey(
  { sealer, purpose }: SigningKeysDependencies,
  stored: StoredSigningKey,
  successor: StoredSigningKey | undefined,
): Promise<TimedSigningKey> {
  const key = await openSigningKey(stored.sealed, sealer);
  if (key === undefined) throw new UnreadableSigningKeyError(stored.keyId, purpose);
  const { number, signsFromMs } = stored;
  return {
    ...key,
    number,
    signsFromMs,
    publishedUntilMs: publicationEndMs(stored, successor, KEY_ROTATIONS[purpose]),
  };
}

function hasUsable(keys: readonly { publishedUntilMs: number }[], nowMs: number): boolean {
  return keys.some(({ publishedUntilMs }) => publishedUntilMs > nowMs);
}

/** Creates the next key if it is due. If another replica creates it at the same time, the first one is kept. */
async function createDueKey(dependencies: SigningKeysDependencies, { newest, keys }: Loaded): Promise<void> {
  const { store, purpose, sealer, logger, generateKey = generateSigningKey } = dependencies;
  const nowMs = dependencies.now();
  const due = nextSigningKeyTimes(newest, nowMs, rotationOf(dependencies));
  if ('dueMs' in due) return;
  const { times } = due;
  const sealed = await sealSigningKey(await generateKey(), sealer);
  const { keyId } = sealed;
  const details = {
    // Absent for access tokens, as in the events of earlier versions.
    ...(purpose !== 'access_token' && { purpose }),
    number: times.number,
    signs_from_ms: times.signsFromMs,
    signs_until_ms: times.signsUntilMs,
  };
  const created = auditEvent('signing_key.created', keyId, details, nowMs);
  const isFirst = await store.insertSigningKey({ purpose, ...times, ...sealed, createdAtMs: nowMs }, created);
  if (!isFirst) return;
  logger.info({ purpose, keyId, ...times }, 'signing key created');
  try {
    const signing = signingKeyAt([...keys, times], nowMs) ?? times;
    const retired = { purpose, nowMs, signingNumber: signing.number };
    await store.deleteRetiredSigningKeys(retired, ({ keyId: retiredId, number }) =>
      auditEvent('signing_key.retired', retiredId, { number }, nowMs),
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
