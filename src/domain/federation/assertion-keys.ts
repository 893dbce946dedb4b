import { createPublicKey, type JsonWebKey } from 'node:crypto';
import type { JSONWebKeySet, JWK } from 'jose';

/** A public key that may have signed a JWT. */
export interface AssertionKey {
  keyId: string | undefined;
  /** The algorithms it may sign with: its own `alg`, else all of its key type. */
  algorithms: readonly string[];
  /** Public members only. */
  jwk: JWK;
}

const RSA_ALGORITHMS = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'];
const CURVE_ALGORITHMS: Readonly<Record<string, readonly string[]>> = {
  'EC P-256': ['ES256'],
  'EC P-384': ['ES384'],
  'EC P-521': ['ES512'],
  // RFC 8037, and the name of RFC 9864 for the same.
  'OKP Ed25519': ['EdDSA', 'Ed25519'],
};

/** Only asymmetric ones: with a shared key (`HS256`), every verifier could sign. */
export const ASSERTION_ALGORITHMS: ReadonlySet<string> = new Set([
  ...RSA_ALGORITHMS,
  ...Object.values(CURVE_ALGORITHMS).flat(),
]);

/** RFC 7517, section 4.2, and the one of SPIFFE's trust bundles (SPIFFE Trust Domain and Bundle, "Public Key Use"). */
const SIGNATURE_USES: readonly unknown[] = ['sig', 'jwt-svid'];
/** Issuers publish two or three, Microsoft about ten. */
const MAX_KEYS = 100;
/** The most keys tried for a JWT without a `kid`. */
const MAX_KEYS_TRIED = 10;
/** At least what RFC 7518, section 3.3 requires; at most what bounds the time of a verification. */
const RSA_BITS = { least: 2048, most: 8192 };

/** RFC 7518, sections 6.2.2, 6.3.2 and 6.4. */
export const PRIVATE_MEMBERS = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k'] as const;

/** Why a key of a set can't verify JWTs. */
export type UnusableKeyReason =
  | 'not_an_object'
  /** Its private part was published, or it is a shared key: anyone who has the set could sign. */
  | 'private'
  | 'not_for_signatures'
  | 'unknown_type'
  | 'unknown_algorithm'
  | 'malformed'
  | 'rsa_size'
  | 'rsa_exponent';

export interface UnusableKey {
  /** Its place in the set, from 0. */
  index: number;
  keyId: string | undefined;
  reason: UnusableKeyReason;
}

export interface AssertionKeySet {
  keys: AssertionKey[];
  unusable: UnusableKey[];
}

/**
 * Sorts the keys of a JWK Set (RFC 7517) into those that can verify JWTs and the others. Returns undefined if the document
 * isn't a set or is too large.
 */
export function readAssertionKeySet(document: unknown): AssertionKeySet | undefined {
  const entries = isObject(document) ? document.keys : undefined;
  if (!Array.isArray(entries) || entries.length > MAX_KEYS) return undefined;
  const set: AssertionKeySet = { keys: [], unusable: [] };
  for (const [index, entry] of entries.entries()) {
    const read = readKey(entry);
    if (typeof read !== 'string') set.keys.push(read);
    else set.unusable.push({ index, keyId: isObject(entry) ? textOf(entry.kid) : undefined, reason: read });
  }
  return set;
}

/** Returns the keys of a set that can verify JWTs. */
export function readAssertionKeys(document: unknown): AssertionKey[] | undefined {
  return readAssertionKeySet(document)?.keys;
}

/** Returns the keys as a set for storage, which {@link readAssertionKeys} can read. */
export function toKeySet(keys: readonly AssertionKey[]): JSONWebKeySet {
  return {
    keys: keys.map(({ keyId, algorithms, jwk }) => ({
      ...jwk,
      ...(keyId !== undefined && { kid: keyId }),
      ...(algorithms.length === 1 && { alg: algorithms[0] }),
    })),
  };
}

export type PickKeysResult =
  | { ok: true; keys: readonly AssertionKey[] }
  /** `algorithm_not_allowed`: there are keys, but none for that algorithm. */
  | { ok: false; reason: 'no_such_key' | 'algorithm_not_allowed' };

/** Returns the keys that may have signed a JWT: those with its `kid`, or all of its algorithm if it has no `kid`. */
export function pickAssertionKeys(
  keys: readonly AssertionKey[],
  header: { kid: string | undefined; alg: string },
): PickKeysResult {
  const named = header.kid === undefined ? keys : keys.filter(({ keyId }) => keyId === header.kid);
  if (named.length === 0) return { ok: false, reason: 'no_such_key' };
  const fitting = named.filter(({ algorithms }) => algorithms.includes(header.alg));
  if (fitting.length === 0) return { ok: false, reason: 'algorithm_not_allowed' };
  return { ok: true, keys: fitting.slice(0, MAX_KEYS_TRIED) };
}

function readKey(key: unknown): AssertionKey | UnusableKeyReason {
  if (!isObject(key)) return 'not_an_object';
  if (PRIVATE_MEMBERS.some((member) => member in key)) return 'private';
  if (key.use !== undefined && !SIGNATURE_USES.includes(key.use)) return 'not_for_signatures';
  if (Array.isArray(key.key_ops) && !key.key_ops.includes('verify')) return 'not_for_signatures';
  const read = key.kty === 'RSA' ? readRsaKey(key) : readCurveKey(key);
  if (typeof read === 'string') return read;
  const algorithms = allowedAlgorithms(read.algorithms, key.alg);
  if (algorithms.length === 0) return 'unknown_algorithm';
  const keyId = textOf(key.kid);
  if (keyId === undefined && key.kid !== undefined) return 'malformed';
  return isPublicKey(read.jwk) ? { keyId, algorithms, jwk: read.jwk } : 'malformed';
}

type ReadKey = { algorithms: readonly string[]; jwk: JWK } | UnusableKeyReason;

function readRsaKey(key: Record<string, unknown>): ReadKey {
  const [n, e] = [base64urlOf(key.n), base64urlOf(key.e)];
  if (n === undefined || e === undefined) return 'malformed';
  const bits = bitLength(n);
  if (bits < RSA_BITS.least || bits > RSA_BITS.most) return 'rsa_size';
  if (!isRsaExponent(e)) return 'rsa_exponent';
  return { algorithms: RSA_ALGORITHMS, jwk: { kty: 'RSA', n, e } };
}

/** Odd, greater than 1 and at most 64 bits. With an exponent of 1, anyone could sign. */
function isRsaExponent(base64url: string): boolean {
  const bits = bitLength(base64url);
  const isOdd = ((Buffer.from(base64url, 'base64url').at(-1) ?? 0) & 1) === 1;
  return isOdd && bits > 1 && bits <= 64;
}

function readCurveKey({ kty, crv, ...point }: Record<string, unknown>): ReadKey {
  const name = `${kty} ${crv}`;
  const algorithms = Object.hasOwn(CURVE_ALGORITHMS, name) ? CURVE_ALGORITHMS[name] : undefined;
  if (algorithms === undefined) return 'unknown_type';
  const [x, y] = [base64urlOf(point.x), base64urlOf(point.y)];
  if (x === undefined) return 'malformed';
  if (kty === 'OKP') return { algorithms, jwk: { kty: 'OKP', crv: 'Ed25519', x } };
  if (y === undefined) return 'malformed';
  return { algorithms, jwk: { kty: 'EC', crv: String(crv), x, y } };
}

/** Such as a point on the curve. */
function isPublicKey(jwk: JWK): boolean {
  try {
    createPublicKey({ key: { ...jwk } as JsonWebKey, format: 'jwk' });
    return true;
  } catch {
    return false;
  }
}

/** Some issuers publish plain base64, or padding. */
function base64urlOf(value: unknown): string | undefined {
  if (typeof value !== 'string') return undefined;
  const text = value
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replace(/={1,2}$/, '');
  return /^[\w-]+$/.test(text) ? text : undefined;
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

/** A key that names its algorithm is used for no other (RFC 8725, section 3.1). */
function allowedAlgorithms(ofKeyType: readonly string[], named: unknown): readonly string[] {
  if (named === undefined) return ofKeyType;
  if (typeof named !== 'string' || !ofKeyType.includes(named)) return [];
  // Two names of one algorithm: the key may use one and the JWT the other.
  return named === 'EdDSA' || named === 'Ed25519' ? ofKeyType : [named];
}

function bitLength(base64url: string): number {
  const hexadecimal = Buffer.from(base64url, 'base64url').toString('hex').replace(/^0+/, '');
  const [first = '0'] = hexadecimal;
  return hexadecimal.length === 0
    ? 0
    : 4 * (hexadecimal.length - 1) + Number.parseInt(first, 16).toString(2).length;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
