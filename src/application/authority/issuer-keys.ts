import type { JSONWebKeySet } from 'jose';
import type { Logger } from 'pino';
import type { AssertionHeader } from '../../domain/federation/assertion-header.ts';
import {
  type AssertionKey,
  type PickKeysResult,
  pickAssertionKeys,
  readAssertionKeys,
  toKeySet,
  type UnusableKey,
} from '../../domain/federation/assertion-keys.ts';
import { type Issuer, issuerKeyRules } from '../../domain/federation/issuer.ts';
import { storedAgeMs } from '../../domain/stored-time.ts';
import { settledWithin } from '../../net/deadline.ts';
import type { Clock } from '../ports/clock.ts';
import type { DocumentUnavailable, IssuerDocuments } from '../ports/issuer-documents.ts';
import { type Store, StoreUnavailableError } from '../ports/store.ts';
import { type FetchIssuerKeysResult, fetchIssuerKeys } from './fetch-issuer-keys.ts';

/**
 * A temporary failure. `keys_unavailable`: the keys can't be fetched. `keys_asked_recently`: the key isn't among those
 * fetched moments ago, and may be newer.
 */
interface TemporarilyUnavailable {
  ok: false;
  reason: 'keys_unavailable' | 'keys_asked_recently';
  retryAfterSeconds: number;
  /** Why the last fetch failed; undefined while one is under way, or if none failed. */
  fetchFailure: FetchFailure | undefined;
  /** For the log. */
  cause: string;
}

export type FetchFailure = DocumentUnavailable['reason'];

type FindIssuerKeysResult =
  | {
      ok: true;
      /** Several when the JWT has no `kid`: any of them may have signed it. */
      keys: readonly AssertionKey[];
      /** The result when none of them signed the JWT. Undefined when that is final, because the keys are current. */
      otherwise: TemporarilyUnavailable | undefined;
    }
  /** Final: the issuer's keys are current, and none of them matches. */
  | { ok: false; reason: 'no_such_key' | 'algorithm_not_allowed' }
  | TemporarilyUnavailable;

/** The public keys of registered issuers: from the teams file, cached, fetched, or the last good ones. */
export interface IssuerKeys {
  /**
   * @param options.refresh fetches the keys again first unless they were fetched moments ago, in case a key was replaced
   *   without changing its `kid`
   * @throws StoreUnavailableError
   */
  find(
    issuer: Issuer,
    header: AssertionHeader,
    options?: { refresh: boolean },
  ): Promise<FindIssuerKeysResult>;
}

/** Older keys are fetched again in the background of a request that uses them. */
const FRESH_MS = 5 * 60_000;
/** Older keys are fetched again before they are used, so that a withdrawn key doesn't stay valid while unused. */
const STALE_MS = 15 * 60_000;
/** How long the last good keys keep working while the issuer is down. */
const LAST_GOOD_MS = 24 * 60 * 60_000;
/** How long a request that has last good keys waits for a slow issuer. */
const LAST_GOOD_WAIT_MS = 2_000;
/** The shortest time between two fetches from one issuer, whatever callers send. */
const COOL_DOWN_MS = 30_000;

interface KeySet {
  keys: readonly AssertionKey[];
  /** For the database and the log. */
  fetchedAtMs: number;
  /** On the monotonic clock. */
  agesFromMs: number;
}

/** The state of one issuer's keys in this process. */
interface Known {
  set: KeySet | undefined;
  /** `atMs`: on the monotonic clock. */
  lastTry: { atMs: number; failed: { reason?: FetchFailure; cause: string } | undefined } | undefined;
  /** The unusable keys that were logged, so that the same ones are logged once. */
  loggedUnusable?: string;
  fetching: Promise<void> | undefined;
}

export interface IssuerKeysDependencies extends Clock {
  store: Pick<Store, 'issuerKeySet' | 'saveIssuerKeySet'>;
  documents: IssuerDocuments;
  logger: Logger;
  /** The timeout of a fetch, and how long a request that has last good keys waits for it. */
  waits?: { fetchMs?: number; lastGoodMs?: number };
}

/**
 * Creates the source of issuer keys. Keys in the teams file are used as they are. Others are fetched when first needed, when
 * they are old and when they lack the wanted key: once for all waiting requests, and at most every 30 s. The last good keys
 * are stored in the database and used for 24 hours while the issuer is unreachable, also after a restart.
 */
export function createIssuerKeys(dependencies: IssuerKeysDependencies): IssuerKeys {
  const { monotonicMs, waits } = dependencies;
  const knownOf = rememberKnown(dependencies);
  return {
    async find(issuer, header, options = { refresh: false }) {
      if (issuer.jwks !== undefined) return fromTeamsFile(issuer.jwks, header);
      const askedAtMs = monotonicMs();
      const known = await knownOf(issuer);
      const setBefore = known.set;
      const ageMs = usableAge(known, askedAtMs);
      if (ageMs === undefined || options.refresh) await refresh(dependencies, known, issuer);
      else if (ageMs > FRESH_MS) {
        const refreshed = refresh(dependencies, known, issuer);
        if (ageMs > STALE_MS) await settledWithin(refreshed, waits?.lastGoodMs ?? LAST_GOOD_WAIT_MS);
      }
      if (!pick(known, header, monotonicMs())?.ok && known.set === setBefore)
        await refresh(dependencies, known, issuer);
      // A fetch that started earlier may have missed a key that was published since.
      const isCurrent =
        known.set !== setBefore && (known.set?.agesFromMs ?? Number.NEGATIVE_INFINITY) >= askedAtMs;
      return outcome(known, header, { isCurrent, nowMs: monotonicMs() });
    },
  };
}

function fromTeamsFile(jwks: JSONWebKeySet, header: AssertionHeader): FindIssuerKeysResult {
  const picked = pickAssertionKeys(readAssertionKeys(jwks) ?? [], header);
  return picked.ok ? { ...picked, otherwise: undefined } : picked;
}

/** Remembers the keys by issuer and fetch rules: keys that were fetched by other rules are dropped. */
function rememberKnown(dependencies: IssuerKeysDependencies): (issuer: Issuer) => Promise<Known> {
  const known = new Map<string, { rules: string; loading: Promise<Known> }>();
  return (issuer) => {
    const rules = issuerKeyRules(issuer);
    const existing = known.get(issuer.url);
    if (existing?.rules === rules) return existing.loading;
    const entry = { rules, loading: loadKnown(dependencies, issuer) };
    known.set(issuer.url, entry);
    entry.loading.catch(() => {
      if (known.get(issuer.url) === entry) known.delete(issuer.url);
    });
    return entry.loading;
  };
}

async function loadKnown(dependencies: IssuerKeysDependencies, issuer: Issuer): Promise<Known> {
  return { set: await loadKeySet(dependencies, issuer), lastTry: undefined, fetching: undefined };
}

/** Returns undefined for keys whose age isn't known, because the clock was set back since, and for an empty set. */
async function loadKeySet(
  { store, now, monotonicMs }: IssuerKeysDependencies,
  issuer: Issuer,
): Promise<KeySet | undefined> {
  const stored = await store.issuerKeySet(issuer.url);
  const keys = stored && readAssertionKeys(stored.jwks);
  if (!stored || !keys?.length) return undefined;
  const { fetchedAtMs } = stored;
  const ageMs = storedAgeMs(fetchedAtMs, now());
  return ageMs === undefined ? undefined : { keys, fetchedAtMs, agesFromMs: monotonicMs() - ageMs };
}

/** Returns undefined when no keys may be used. */
function usableAge({ set }: Known, nowMs: number): number | undefined {
  if (set === undefined) return undefined;
  const ageMs = nowMs - set.agesFromMs;
  return ageMs < LAST_GOOD_MS ? ageMs : undefined;
}

function pick(known: Known, header: AssertionHeader, nowMs: number): PickKeysResult | undefined {
  if (known.set === undefined || usableAge(known, nowMs) === undefined) return undefined;
  return pickAssertionKeys(known.set.keys, header);
}

/** @param isCurrent the keys were fetched for this request, so a missing key doesn't exist */
function outcome(
  known: Known,
  header: AssertionHeader,
  { isCurrent, nowMs }: { isCurrent: boolean; nowMs: number },
): FindIssuerKeysResult {
  const picked = pick(known, header, nowMs);
  if (picked === undefined) return temporarilyUnavailable(known, picked, nowMs);
  const otherwise = isCurrent ? undefined : temporarilyUnavailable(known, picked, nowMs);
  return picked.ok ? { ...picked, otherwise } : (otherwise ?? picked);
}

function temporarilyUnavailable(
  known: Known,
  picked: PickKeysResult | undefined,
  nowMs: number,
): TemporarilyUnavailable {
  const failed = known.lastTry?.failed;
  const retryAfterSeconds = Math.max(1, Math.ceil(remainingCoolDownMs(known, nowMs) / 1000));
  const later = { ok: false, retryAfterSeconds, fetchFailure: failed?.reason } as const;
  return picked === undefined || failed !== undefined
    ? { ...later, reason: 'keys_unavailable', cause: failed?.cause ?? 'none' }
    : { ...later, reason: 'keys_asked_recently', cause: 'cool_down' };
}

function remainingCoolDownMs({ lastTry }: Known, nowMs: number): number {
  if (lastTry === undefined) return 0;
  return Math.max(0, lastTry.atMs + COOL_DOWN_MS - nowMs);
}

/** Fetches the keys or waits for a running fetch; does nothing within the cool-down. Never rejects. */
function refresh(dependencies: IssuerKeysDependencies, known: Known, issuer: Issuer): Promise<void> {
  if (known.fetching !== undefined) return known.fetching;
  if (remainingCoolDownMs(known, dependencies.monotonicMs()) > 0) return Promise.resolve();
  known.fetching = fetchInto(dependencies, known, issuer).finally(() => {
    known.fetching = undefined;
  });
  return known.fetching;
}

async function fetchInto(dependencies: IssuerKeysDependencies, known: Known, issuer: Issuer): Promise<void> {
  const { documents, logger, now, monotonicMs, waits } = dependencies;
  // From before the fetch: keys that were published meanwhile may be missing.
  const [fetchedAtMs, atMs] = [now(), monotonicMs()];
  known.lastTry = { atMs, failed: { cause: 'under_way' } };
  const fetched = rejectEmpty(await fetchIssuerKeys(documents, issuer, waits?.fetchMs));
  known.lastTry = { atMs, failed: fetched.ok ? undefined : fetched };
  if (!fetched.ok) {
    const { url } = issuer;
    const lastGoodAtMs = known.set?.fetchedAtMs;
    logger.warn({ issuer: url, reason: fetched.cause, lastGoodAtMs }, 'issuer keys not fetched');
    return;
  }
  known.set = { keys: fetched.keys, fetchedAtMs, agesFromMs: atMs };
  logger.info({ issuer: issuer.url, keys: fetched.keys.length }, 'issuer keys fetched');
  logUnusable(dependencies, known, issuer, fetched.unusable);
  await save(dependencies, issuer, known.set);
}

/** Bounds what an issuer can write into the log. */
const LOGGED_KEYS = 10;
const LOGGED_KEY_ID_CHARACTERS = 100;

/** Logs the same unusable keys once: many issuers always publish an encryption key. */
function logUnusable(
  { logger }: IssuerKeysDependencies,
  known: Known,
  { url }: Issuer,
  unusable: readonly UnusableKey[],
): void {
  const ignored = unusable.slice(0, LOGGED_KEYS).map(({ keyId, reason }) => ({
    keyId: keyId?.slice(0, LOGGED_KEY_ID_CHARACTERS),
    reason,
  }));
  const text = JSON.stringify(ignored);
  if (ignored.length > 0 && known.loggedUnusable !== text) {
    logger.warn({ issuer: url, ignored, count: unusable.length }, 'issuer keys ignored');
  }
  known.loggedUnusable = text;
}

/** Treats a set without a usable key as a failure: no working issuer withdraws all its keys at once. */
function rejectEmpty(fetched: FetchIssuerKeysResult): FetchIssuerKeysResult {
  return fetched.ok && fetched.keys.length === 0
    ? { ok: false, reason: 'unusable', cause: 'keys unusable: none can verify JWTs' }
    : fetched;
}

async function save(
  { store, logger }: IssuerKeysDependencies,
  issuer: Issuer,
  { keys, fetchedAtMs }: KeySet,
): Promise<void> {
  try {
    await store.saveIssuerKeySet({ issuer, jwks: toKeySet(keys), fetchedAtMs });
  } catch (error) {
    const level = error instanceof StoreUnavailableError ? 'warn' : 'error';
    logger[level]({ err: error, issuer: issuer.url }, 'issuer keys not stored');
  }
}
