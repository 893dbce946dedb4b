import type { JSONWebKeySet } from 'jose';
import type { Logger } from 'pino';
import {
  type AssertionKey,
  type PickKeysResult,
  pickAssertionKeys,
  readAssertionKeys,
  toKeySet,
} from '../../domain/assertion-keys.ts';
import type { Issuer } from '../../domain/issuer.ts';
import type { IssuerDocuments } from '../ports/authority.ts';
import { type Store, StoreUnavailableError } from '../ports/store.ts';
import { fetchIssuerKeys } from './fetch-issuer-keys.ts';

/**
 * Try again later. `keys_unavailable`: the keys can't be had now. `keys_asked_recently`: the key is not among those fetched
 * a moment ago; it may be newer.
 */
export interface KeysNotNow {
  ok: false;
  reason: 'keys_unavailable' | 'keys_asked_recently';
  retryAfterSeconds: number;
  cause: string;
}

export type FindIssuerKeysResult =
  | {
      ok: true;
      /** Several where the JWT does not say which: any of them may have signed it. */
      keys: readonly AssertionKey[];
      /** What holds where none of them has signed it. Undefined: that is final, for they were stated or fetched just now. */
      otherwise: KeysNotNow | undefined;
    }
  /** Final: the issuer's keys were stated or fetched just now, and none of them is the one. */
  | { ok: false; reason: 'no_such_key' | 'algorithm_not_allowed' }
  | KeysNotNow;

export interface AssertionHeader {
  kid: string | undefined;
  alg: string;
}

/** The public keys of registered issuers: stated, cached, fetched, or the last good ones. */
export interface IssuerKeys {
  /**
   * @param options.afresh fetches again first, where that is due: the known keys may have been replaced under their name
   * @throws StoreUnavailableError
   */
  find(issuer: Issuer, header: AssertionHeader, options?: { afresh: boolean }): Promise<FindIssuerKeysResult>;
}

/** So old keys are fetched again beside a request that uses them … */
const FRESH_MS = 10 * 60_000;
/** … and so old ones before: what was withdrawn must not be good for ever because nobody asked. */
const STALE_MS = 60 * 60_000;
/** How long the last good keys go on working while the issuer is down. */
const LAST_GOOD_MS = 24 * 60 * 60_000;
/** An issuer is asked at most so often, whatever callers send. */
const COOL_DOWN_MS = 30_000;

interface KeySet {
  keys: readonly AssertionKey[];
  fetchedAtMs: number;
}

/** What is known of one issuer's keys in this process. */
interface Known {
  set: KeySet | undefined;
  lastTry: { atMs: number; failed: string | undefined } | undefined;
  fetching: Promise<void> | undefined;
}

export interface IssuerKeysDependencies {
  store: Pick<Store, 'issuerKeySet' | 'keepIssuerKeySet'>;
  organizationId: string;
  documents: IssuerDocuments;
  now: () => number;
  logger: Logger;
}

/**
 * Keys that an issuer states in the teams file are used as they are. Others are fetched when first needed, again when they
 * are old or do not hold the key, by one request for all who wait, and at most once in 30 s. The last good ones are kept
 * in the database and used for 24 hours while the issuer can't be reached, also over restarts.
 */
export function createIssuerKeys(dependencies: IssuerKeysDependencies): IssuerKeys {
  const { now } = dependencies;
  const known = new Map<string, Promise<Known>>();
  const knownOf = (issuer: Issuer): Promise<Known> => {
    const existing = known.get(issuer.url);
    if (existing !== undefined) return existing;
    const loading = loadKnown(dependencies, issuer);
    known.set(issuer.url, loading);
    loading.catch(() => known.delete(issuer.url));
    return loading;
  };
  return {
    async find(issuer, header, { afresh } = { afresh: false }) {
      if (issuer.jwks !== undefined) return fromStated(issuer.jwks, header);
      const askedAtMs = now();
      const of = await knownOf(issuer);
      const setBefore = of.set;
      const ageMs = usableAge(of, askedAtMs);
      if (ageMs === undefined || ageMs > STALE_MS || afresh) await refresh(dependencies, of, issuer);
      else if (ageMs > FRESH_MS) void refresh(dependencies, of, issuer);
      if (!pick(of, header, now())?.ok && of.set === setBefore) await refresh(dependencies, of, issuer);
      // A fetch that had begun before may have missed a key that was published since.
      const isCurrent = of.set !== setBefore && (of.set?.fetchedAtMs ?? 0) >= askedAtMs;
      return outcome(of, header, { isCurrent, nowMs: now() });
    },
  };
}

function fromStated(jwks: JSONWebKeySet, header: AssertionHeader): FindIssuerKeysResult {
  const picked = pickAssertionKeys(readAssertionKeys(jwks) ?? [], header);
  return picked.ok ? { ...picked, otherwise: undefined } : picked;
}

async function loadKnown({ store, organizationId }: IssuerKeysDependencies, issuer: Issuer): Promise<Known> {
  const kept = await store.issuerKeySet(organizationId, issuer.url);
  const keys = kept && readAssertionKeys(kept.jwks);
  return {
    set: kept && keys && { keys, fetchedAtMs: kept.fetchedAtMs },
    lastTry: undefined,
    fetching: undefined,
  };
}

/** Undefined where no keys may be used. Those from the future were fetched by a clock that is not to be trusted. */
function usableAge({ set }: Known, nowMs: number): number | undefined {
  if (set === undefined) return undefined;
  const ageMs = nowMs - set.fetchedAtMs;
  if (ageMs < 0) return STALE_MS + 1;
  return ageMs < LAST_GOOD_MS ? ageMs : undefined;
}

function pick(known: Known, header: AssertionHeader, nowMs: number): PickKeysResult | undefined {
  if (known.set === undefined || usableAge(known, nowMs) === undefined) return undefined;
  return pickAssertionKeys(known.set.keys, header);
}

/** @param isCurrent the keys were fetched for this request: what they do not hold is not there */
function outcome(
  known: Known,
  header: AssertionHeader,
  { isCurrent, nowMs }: { isCurrent: boolean; nowMs: number },
): FindIssuerKeysResult {
  const picked = pick(known, header, nowMs);
  if (picked === undefined) return notNow(known, picked, nowMs);
  const otherwise = isCurrent ? undefined : notNow(known, picked, nowMs);
  return picked.ok ? { ...picked, otherwise } : (otherwise ?? picked);
}

function notNow(known: Known, picked: PickKeysResult | undefined, nowMs: number): KeysNotNow {
  const failed = known.lastTry?.failed;
  const retryAfterSeconds = Math.max(1, Math.ceil(restOfCoolDown(known, nowMs) / 1000));
  return picked === undefined || failed !== undefined
    ? { ok: false, reason: 'keys_unavailable', retryAfterSeconds, cause: failed ?? 'none' }
    : { ok: false, reason: 'keys_asked_recently', retryAfterSeconds, cause: 'cool_down' };
}

function restOfCoolDown({ lastTry }: Known, nowMs: number): number {
  if (lastTry === undefined || nowMs < lastTry.atMs) return 0;
  return Math.max(0, lastTry.atMs + COOL_DOWN_MS - nowMs);
}

/** Fetches the keys, or waits for whoever does; nothing within the cool-down. Never rejects. */
function refresh(dependencies: IssuerKeysDependencies, known: Known, issuer: Issuer): Promise<void> {
  if (known.fetching !== undefined) return known.fetching;
  if (restOfCoolDown(known, dependencies.now()) > 0) return Promise.resolve();
  known.fetching = fetchInto(dependencies, known, issuer).finally(() => {
    known.fetching = undefined;
  });
  return known.fetching;
}

async function fetchInto(dependencies: IssuerKeysDependencies, known: Known, issuer: Issuer): Promise<void> {
  const { documents, logger, now } = dependencies;
  const atMs = now();
  known.lastTry = { atMs, failed: 'under_way' };
  const fetched = await fetchIssuerKeys(documents, issuer);
  known.lastTry = { atMs, failed: fetched.ok ? undefined : fetched.cause };
  if (!fetched.ok) {
    const { url } = issuer;
    const lastGoodAtMs = known.set?.fetchedAtMs;
    logger.warn({ issuer: url, reason: fetched.cause, lastGoodAtMs }, 'the keys of an issuer can not be had');
    return;
  }
  // As old as the asking for it: what was published meanwhile may be missing.
  known.set = { keys: fetched.keys, fetchedAtMs: atMs };
  logger.info({ issuer: issuer.url, keys: fetched.keys.length }, 'fetched the keys of an issuer');
  await keep(dependencies, issuer, known.set);
}

async function keep(
  { store, organizationId, logger }: IssuerKeysDependencies,
  issuer: Issuer,
  { keys, fetchedAtMs }: KeySet,
): Promise<void> {
  try {
    await store.keepIssuerKeySet(organizationId, { url: issuer.url, jwks: toKeySet(keys), fetchedAtMs });
  } catch (error) {
    const level = error instanceof StoreUnavailableError ? 'warn' : 'error';
    logger[level]({ err: error, issuer: issuer.url }, 'the keys of an issuer could not be kept');
  }
}
