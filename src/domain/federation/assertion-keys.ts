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

/** Issuers publish two or three, Microsoft about ten. */
const MAX_KEYS = 100;
/** The most keys tried for a JWT without a `kid`. */
const MAX_KEYS_TRIED = 10;
/** At least what RFC 7518, section 3.3 requires; at most what bounds the time of a verification. */
const RSA_BITS = { least: 2048, most: 8192 };

/**
 * Returns the keys of a JWK Set (RFC 7517) that can verify JWTs. Skips encryption keys, symmetric keys, keys whose private
 * part was published, and unknown types. Returns undefined if the document isn't a set or is too large.
 */
export function readAssertionKeys(document: unknown): AssertionKey[] | undefined {
  const keys = isObject(document) ? document.keys : undefined;
  if (!Array.isArray(keys) || keys.length > MAX_KEYS) return undefined;
  return keys.flatMap((key) => readKey(key) ?? []);
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

function readKey(key: unknown): AssertionKey | undefined {
  if (!isObject(key) || 'd' in key || 'k' in key) return undefined;
  if (key.use !== undefined && key.use !== 'sig') return undefined;
  if (Array.isArray(key.key_ops) && !key.key_ops.includes('verify')) return undefined;
  const read = key.kty === 'RSA' ? readRsaKey(key) : readCurveKey(key);
  if (read === undefined) return undefined;
  const algorithms = allowedAlgorithms(read.algorithms, key.alg);
  if (algorithms.length === 0) return undefined;
  return { keyId: typeof key.kid === 'string' ? key.kid : undefined, algorithms, jwk: read.jwk };
}

type ReadKey = { algorithms: readonly string[]; jwk: JWK } | undefined;

function readRsaKey({ n, e }: Record<string, unknown>): ReadKey {
  if (typeof n !== 'string' || typeof e !== 'string') return undefined;
  const bits = bitLength(n);
  if (bits < RSA_BITS.least || bits > RSA_BITS.most || !isRsaExponent(e)) return undefined;
  return { algorithms: RSA_ALGORITHMS, jwk: { kty: 'RSA', n, e } };
}

/** Odd, greater than 1 and at most 64 bits. With an exponent of 1, anyone could sign. */
function isRsaExponent(base64url: string): boolean {
  const bits = bitLength(base64url);
  const isOdd = ((Buffer.from(base64url, 'base64url').at(-1) ?? 0) & 1) === 1;
  return isOdd && bits > 1 && bits <= 64;
}

function readCurveKey({ kty, crv, x, y }: Record<string, unknown>): ReadKey {
  const algorithms = CURVE_ALGORITHMS[`${kty} ${crv}`];
  if (algorithms === undefined || typeof x !== 'string') return undefined;
  if (kty === 'OKP') return { algorithms, jwk: { kty: 'OKP', crv: 'Ed25519', x } };
  if (typeof y !== 'string') return undefined;
  return { algorithms, jwk: { kty: 'EC', crv: String(crv), x, y } };
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
