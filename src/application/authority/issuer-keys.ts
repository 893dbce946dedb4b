import type { JSONWebKeySet } from 'jose';
import type { Logger } from 'pino';
import {
  type AssertionKey,
  type PickKeysResult,
  pickAssertionKeys,
  readAssertionKeys,
  toKeySet,
} from '../../domain/federation/assertion-keys.ts';
import { type Issuer, issuerKeyRules } from '../../domain/federation/issuer.ts';
import { settledWithin } from '../../net/deadline.ts';
import type { IssuerDocuments } from '../ports/issuer-documents.ts';
import { type Store, StoreUnavailableError } from '../ports/store.ts';

/** `cause` is for the log. */
export type FetchIssuerKeysResult =
  | { ok: true; keys: readonly AssertionKey[] }
  | { ok: false; cause: string };

/** OpenID Connect Discovery 1.0, section 4; and the path that older W&B servers ask. */
const DISCOVERY_PATHS = ['/.well-known/openid-configuration', '/.well-known/oidc-configuration'];

/** For all of it: the SDKs wait 10 s for their token. */
const TIMEOUT_MS = 5_000;

/** Reads an issuer's keys through its discovery document. Both documents are asked for under the issuer's own rules. */
export async function fetchIssuerKeys(
  documents: IssuerDocuments,
  issuer: Issuer,
  timeoutMs = TIMEOUT_MS,
): Promise<FetchIssuerKeysResult> {
  const deadline = AbortSignal.timeout(timeoutMs);
  const discovered = await discover(documents, issuer, deadline);
  if (!discovered.ok) return discovered;
  const read = await documents.read(discovered.jwksUri, issuer, deadline);
  if (!read.ok) return { ok: false, cause: `keys ${read.reason}: ${read.cause}` };
  const keys = readAssertionKeys(read.document);
  return keys ? { ok: true, keys } : { ok: false, cause: 'keys unusable: no JWK Set, or too large a one' };
}

async function discover(
  documents: IssuerDocuments,
  issuer: Issuer,
  deadline: AbortSignal,
): Promise<{ ok: true; jwksUri: string } | { ok: false; cause: string }> {
  let cause = '';
  for (const path of DISCOVERY_PATHS) {
    const read = await documents.read(`${issuer.url.replace(/\/$/, '')}${path}`, issuer, deadline);
    if (read.ok) return jwksUriOf(read.document, issuer);
    cause = `discovery ${read.reason}: ${read.cause}`;
    if (read.reason !== 'not_found') return { ok: false, cause };
  }
  return { ok: false, cause };
}

function jwksUriOf(
  document: unknown,
  issuer: Issuer,
): { ok: true; jwksUri: string } | { ok: false; cause: string } {
  const { issuer: named, jwks_uri: jwksUri } = document as Record<string, unknown>;
  // Discovery 1.0, section 4.3: else one issuer could speak for another.
  if (named !== issuer.url) return { ok: false, cause: 'discovery unusable: it names another issuer' };
  if (typeof jwksUri !== 'string') return { ok: false, cause: 'discovery unusable: it has no jwks_uri' };
  return { ok: true, jwksUri };
}

/**
 * Try again later. `keys_unavailable`: the keys can't be had now. `keys_asked_recently`: the key is not among those fetched
 * a moment ago; it may be newer.
 */
interface KeysNotNow {
  ok: false;
  reason: 'keys_unavailable' | 'keys_asked_recently';
  retryAfterSeconds: number;
  cause: string;
}

type FindIssuerKeysResult =
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
const FRESH_MS = 5 * 60_000;
/** … and so old ones before: what was withdrawn must not be good for ever because nobody asked. */
const STALE_MS = 15 * 60_000;
/** How long the last good keys go on working while the issuer is down. */
const LAST_GOOD_MS = 24 * 60 * 60_000;
/** A slow issuer is waited for so long by who can do with the last good keys. */
const LAST_GOOD_WAIT_MS = 2_000;
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
  store: Pick<Store, 'issuerKeySet' | 'saveIssuerKeySet'>;
  documents: IssuerDocuments;
  now: () => number;
  logger: Logger;
  /** How long a fetch may take, and how long it is waited for where there are last good keys. */
  waits?: { fetchMs?: number; lastGoodMs?: number };
}

/**
 * Keys that an issuer states in the teams file are used as they are. Others are fetched when first needed, again when they
 * are old or do not hold the key, by one request for all who wait, and at most once in 30 s. The last good ones are kept
 * in the database and used for 24 hours while the issuer can't be reached, also over restarts.
 */
export function createIssuerKeys(dependencies: IssuerKeysDependencies): IssuerKeys {
  const { now, waits } = dependencies;
  const knownOf = rememberKnown(dependencies);
  return {
    async find(issuer, header, { afresh } = { afresh: false }) {
      if (issuer.jwks !== undefined) return fromStated(issuer.jwks, header);
      const askedAtMs = now();
      const of = await knownOf(issuer);
      const setBefore = of.set;
      const ageMs = usableAge(of, askedAtMs);
      if (ageMs === undefined || afresh) await refresh(dependencies, of, issuer);
      else if (ageMs > FRESH_MS) {
        const refreshed = refresh(dependencies, of, issuer);
        if (ageMs > STALE_MS) await settledWithin(refreshed, waits?.lastGoodMs ?? LAST_GOOD_WAIT_MS);
      }
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

/** By issuer and the rules by which its keys are had: what came by others is forgotten. */
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

async function loadKnown({ store }: IssuerKeysDependencies, issuer: Issuer): Promise<Known> {
  const kept = await store.issuerKeySet(issuer.url);
  const keys = kept && readAssertionKeys(kept.jwks);
  return {
    // Without keys it was kept by a version that took an empty set for good.
    set: kept && keys?.length ? { keys, fetchedAtMs: kept.fetchedAtMs } : undefined,
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
  const { documents, logger, now, waits } = dependencies;
  const atMs = now();
  known.lastTry = { atMs, failed: 'under_way' };
  const fetched = orNone(await fetchIssuerKeys(documents, issuer, waits?.fetchMs));
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

/** An issuer that publishes no key that can check a JWT is broken: nobody withdraws all keys and puts none in their place. */
function orNone(fetched: FetchIssuerKeysResult): FetchIssuerKeysResult {
  return fetched.ok && fetched.keys.length === 0
    ? { ok: false, cause: 'keys unusable: none of them can check JWTs' }
    : fetched;
}

async function keep(
  { store, logger }: IssuerKeysDependencies,
  issuer: Issuer,
  { keys, fetchedAtMs }: KeySet,
): Promise<void> {
  try {
    await store.saveIssuerKeySet({ issuer, jwks: toKeySet(keys), fetchedAtMs });
  } catch (error) {
    const level = error instanceof StoreUnavailableError ? 'warn' : 'error';
    logger[level]({ err: error, issuer: issuer.url }, 'the keys of an issuer could not be kept');
  }
}
