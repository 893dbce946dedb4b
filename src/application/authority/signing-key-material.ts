import {
  type CryptoKey,
  calculateJwkThumbprint,
  exportJWK,
  generateKeyPair,
  importJWK,
  type JWK,
} from 'jose';
import type { Sealer } from '../../domain/keys/sealed.ts';
import type { StoredSigningKey } from '../ports/authority-store.ts';

/** RFC 9068, section 2.1 and OpenID Connect Discovery, section 3 require that verifiers support it. */
export const SIGNING_ALGORITHM = 'RS256';
/** Includes the algorithm of the keys that earlier versions created. */
export const VERIFICATION_ALGORITHMS = ['RS256', 'EdDSA'] as const;

type SigningAlgorithm = (typeof VERIFICATION_ALGORITHMS)[number];

/** An unsealed key that signs access tokens. */
export interface SigningKey {
  keyId: string;
  algorithm: SigningAlgorithm;
  privateKey: CryptoKey;
  publicKey: CryptoKey;
  /** The published form. */
  publicJwk: JWK;
}

/** Generates an extractable RSA key of 2048 bits on another thread, and returns the private part. */
export async function generateSigningKey(): Promise<JWK> {
  const { privateKey } = await generateKeyPair(SIGNING_ALGORITHM, { modulusLength: 2048, extractable: true });
  return exportJWK(privateKey);
}

/** Returns what is stored of a new key. */
export async function sealSigningKey(
  privateJwk: JWK,
  sealer: Sealer,
): Promise<Pick<StoredSigningKey, 'keyId' | 'sealed' | 'publicJwk'>> {
  const publicJwk = await toPublicJwk(privateJwk);
  return { keyId: String(publicJwk.kid), sealed: await sealer.seal(JSON.stringify(privateJwk)), publicJwk };
}

/**
 * Opens a stored key. Derives the public part from the sealed key, because someone may have edited the stored one.
 *
 * @returns undefined if the sealer can't open it
 */
export async function openSigningKey(sealed: string, sealer: Sealer): Promise<SigningKey | undefined> {
  const opened = await sealer.open(sealed);
  if (opened === undefined) return undefined;
  const privateJwk = JSON.parse(opened) as JWK;
  const publicJwk = await toPublicJwk(privateJwk);
  const algorithm = signingAlgorithmOf(privateJwk);
  return {
    keyId: String(publicJwk.kid),
    algorithm,
    privateKey: (await importJWK(privateJwk, algorithm)) as CryptoKey,
    publicKey: (await importJWK(publicJwk, algorithm)) as CryptoKey,
    publicJwk,
  };
}

function signingAlgorithmOf({ kty }: JWK): SigningAlgorithm {
  return kty === 'RSA' ? 'RS256' : 'EdDSA';
}

async function toPublicJwk(privateJwk: JWK): Promise<JWK> {
  const { kty, crv, x, n, e } = privateJwk;
  const members = kty === 'RSA' ? { kty, n, e } : { kty, crv, x };
  const kid = await calculateJwkThumbprint(privateJwk);
  return { ...members, kid, alg: signingAlgorithmOf(privateJwk), use: 'sig' } as JWK;
}
