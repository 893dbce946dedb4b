import {
  type CryptoKey,
  decodeJwt,
  errors,
  type JSONWebKeySet,
  type JWTHeaderParameters,
  type JWTPayload,
  jwtVerify,
  SignJWT,
} from 'jose';
import type { Logger } from 'pino';
import type { ServiceAccount } from '../../domain/accounts/service-account.ts';
import type { Sealer } from '../../domain/keys/sealed.ts';
import { Secret } from '../../domain/keys/secret.ts';
import { CLOCK_TOLERANCE_MS } from '../../domain/stored-time.ts';
import type { Clock } from '../ports/clock.ts';
import type { Store } from '../ports/store.ts';
import { VERIFICATION_ALGORITHMS } from './signing-key-material.ts';
import { createSigningKeys, type SigningKeys, type SigningKeysDependencies } from './signing-keys.ts';

/** The verified claims of an access token. */
interface AccessTokenClaims {
  accountId: string;
  tokenId: string;
  issuedAtMs: number;
  expiresAtMs: number;
}

type VerifyAccessTokenResult =
  | { ok: true; claims: AccessTokenClaims }
  /** Keysmith issued it to this account. */
  | { ok: false; reason: 'token_expired'; accountId: string }
  | { ok: false; reason: 'malformed' | 'bad_signature' | 'token_not_for_keysmith' };

/** Issues and verifies access tokens: JWTs with the profile of RFC 9068, signed with RS256. */
export interface AccessTokens {
  /** Returns an integer `expiresInSeconds`. */
  issue(account: ServiceAccount): Promise<{ token: Secret; expiresInSeconds: number }>;
  /** Checks signature, issuer, audience, type and expiry. Doesn't check that the account is still active. */
  verify(token: string): Promise<VerifyAccessTokenResult>;
  /** Returns the public keys of all tokens that can still be valid. */
  jwks(): Promise<JSONWebKeySet>;
}

const LONGEST_LIFETIME_MS = 24 * 60 * 60_000;

interface AccessTokensOptions extends Clock {
  store: Pick<Store, 'signingKeys' | 'insertSigningKey' | 'deleteRetiredSigningKeys'>;
  /** Derived for the purpose `signing-key`. */
  sealer: Sealer;
  /** Returns Keysmith's public URL, the issuer and audience of the tokens. A function because it is known late. */
  issuerUrl: () => string;
  /** At most {@link LONGEST_LIFETIME_MS}. */
  lifetimeSeconds?: number;
  /** How long each key signs. */
  rotateEveryMs?: number;
  generateKey?: SigningKeysDependencies['generateKey'];
  newId: (prefix: string) => string;
  logger: Logger;
}

const LIFETIME_SECONDS = 60 * 60;
const ROTATE_EVERY_MS = 30 * 24 * 60 * 60_000;

/**
 * Creates the issuer of access tokens. `open` reads the stored signing keys; call it at the start. `prepare` creates the first
 * key, or the next one when it is due; call it at intervals, so that verifiers know each key before it signs.
 *
 * Every method may throw StoreUnavailableError or UnreadableSigningKeyError.
 */
export function createAccessTokens(
  options: AccessTokensOptions,
): AccessTokens & { open(): Promise<void>; prepare(): Promise<void> } {
  const { lifetimeSeconds = LIFETIME_SECONDS, rotateEveryMs = ROTATE_EVERY_MS } = options;
  const keys = createSigningKeys({ ...options, purpose: 'access_token', rotateEveryMs });
  return {
    issue: (account) => issue(options, keys, account, lifetimeSeconds),
    verify: (token) => verify(options, keys, token),
    jwks: async () => ({ keys: (await keys.published()).map(({ publicJwk }) => publicJwk) }),
    open: keys.open,
    prepare: async () => void (await keys.published()),
  };
}

async function issue(
  { issuerUrl, now, newId }: AccessTokensOptions,
  keys: SigningKeys,
  account: ServiceAccount,
  lifetimeSeconds: number,
): Promise<{ token: Secret; expiresInSeconds: number }> {
  const { keyId, algorithm, privateKey } = await keys.signing();
  const issuedAt = Math.floor(now() / 1000);
  const token = await new SignJWT({
    // RFC 9068, section 2.2. The account is its own client.
    client_id: account.id,
    scope: account.scope,
    team: account.teamName,
    service_account: account.name,
  })
    .setProtectedHeader({ alg: algorithm, typ: 'at+jwt', kid: keyId })
    .setIssuer(issuerUrl())
    .setAudience(issuerUrl())
    .setSubject(account.id)
    .setJti(newId('at'))
    .setIssuedAt(issuedAt)
    .setExpirationTime(issuedAt + lifetimeSeconds)
    .sign(privateKey);
  return { token: new Secret(token), expiresInSeconds: lifetimeSeconds };
}

async function verify(
  { issuerUrl, now }: AccessTokensOptions,
  keys: SigningKeys,
  token: string,
): Promise<VerifyAccessTokenResult> {
  // Before looking up a key: anyone can send any JWT.
  const unverified = decodeClaims(token);
  if (unverified === undefined) return { ok: false, reason: 'malformed' };
  if (unverified.iss !== issuerUrl()) return { ok: false, reason: 'token_not_for_keysmith' };
  try {
    const { payload } = await jwtVerify(token, async (header) => publicKey(keys, header), {
      algorithms: [...VERIFICATION_ALGORITHMS],
      typ: 'at+jwt',
      issuer: issuerUrl(),
      audience: issuerUrl(),
      requiredClaims: ['sub', 'iat', 'exp', 'jti'],
      currentDate: new Date(now()),
    });
    const { sub, jti, iat, exp } = payload as Required<JWTPayload>;
    // Issued before the clock was set back by far: it could live for years.
    if (exp * 1000 > now() + LONGEST_LIFETIME_MS + CLOCK_TOLERANCE_MS)
      return { ok: false, reason: 'token_expired', accountId: sub };
    const claims = { accountId: sub, tokenId: jti, issuedAtMs: iat * 1000, expiresAtMs: exp * 1000 };
    return { ok: true, claims };
  } catch (error) {
    return verificationFailure(error);
  }
}

function decodeClaims(token: string): JWTPayload | undefined {
  try {
    return decodeJwt(token);
  } catch (error) {
    if (error instanceof errors.JOSEError) return undefined;
    throw error;
  }
}

/**
 * Finds the key that a token names, for its own algorithm only (RFC 8725, section 3.1).
 *
 * @throws JWKSNoMatchingKey
 */
async function publicKey(keys: SigningKeys, { kid, alg }: JWTHeaderParameters): Promise<CryptoKey> {
  const key = typeof kid === 'string' ? await keys.find(kid) : undefined;
  if (key === undefined || key.algorithm !== alg) throw new errors.JWKSNoMatchingKey();
  return key.publicKey;
}

function verificationFailure(error: unknown): Extract<VerifyAccessTokenResult, { ok: false }> {
  // Jose checks the signature, the issuer and the audience before the expiry.
  if (error instanceof errors.JWTExpired && error.payload.sub !== undefined)
    return { ok: false, reason: 'token_expired', accountId: error.payload.sub };
  if (error instanceof errors.JWTClaimValidationFailed) {
    return { ok: false, reason: error.claim === 'aud' ? 'token_not_for_keysmith' : 'malformed' };
  }
  if (error instanceof errors.JWSSignatureVerificationFailed) return { ok: false, reason: 'bad_signature' };
  if (error instanceof errors.JWKSNoMatchingKey) return { ok: false, reason: 'bad_signature' };
  if (error instanceof errors.JOSEError) return { ok: false, reason: 'malformed' };
  throw error;
}
