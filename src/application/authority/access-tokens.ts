import {
  type CryptoKey,
  decodeJwt,
  errors,
  type JSONWebKeySet,
  type JWTPayload,
  jwtVerify,
  SignJWT,
} from 'jose';
import type { Logger } from 'pino';
import type { ServiceAccount } from '../../domain/accounts/service-account.ts';
import type { Sealer } from '../../domain/keys/sealed.ts';
import { Secret } from '../../domain/keys/secret.ts';
import type { Store } from '../ports/store.ts';
import { createSigningKeys, type SigningKeys } from './signing-keys.ts';

/** What a token of ours says, once its signature, issuer, audience, type and end were checked. */
interface AccessTokenClaims {
  accountId: string;
  tokenId: string;
  issuedAtMs: number;
  expiresAtMs: number;
}

type VerifyAccessTokenResult =
  | { ok: true; claims: AccessTokenClaims }
  | { ok: false; reason: 'malformed' | 'bad_signature' | 'token_expired' | 'token_not_for_keysmith' };

/** Signs and checks access tokens: JWTs as of RFC 9068, EdDSA. */
export interface AccessTokens {
  /** `expiresInSeconds` is an integer. */
  issue(account: ServiceAccount): Promise<{ token: Secret; expiresInSeconds: number }>;
  /** Says nothing about whether the account is still active. */
  verify(token: string): Promise<VerifyAccessTokenResult>;
  /** The public keys that tokens in use are signed with. */
  jwks(): Promise<JSONWebKeySet>;
}

interface AccessTokensOptions {
  store: Pick<Store, 'signingKeys' | 'insertSigningKey' | 'deleteRetiredSigningKeys'>;
  /** Of its own key: the purpose `signing-key`. */
  sealer: Sealer;
  /** Where workloads reach Keysmith: issuer and audience of the tokens. Asked when it is needed. */
  issuerUrl: () => string;
  /** A day at the most. */
  lifetimeSeconds?: number;
  /** How long a key signs. */
  rotateEveryMs?: number;
  now: () => number;
  newId: (prefix: string) => string;
  logger: Logger;
}

const LIFETIME_SECONDS = 60 * 60;
const ROTATE_EVERY_MS = 30 * 24 * 60 * 60_000;

/**
 * `prepare` makes the first key, and the next one where it is due; it is called at the start, and may be at any time.
 *
 * Every method may throw StoreUnavailableError or UnreadableSigningKeyError.
 */
export function createAccessTokens(
  options: AccessTokensOptions,
): AccessTokens & { prepare(): Promise<void> } {
  const { lifetimeSeconds = LIFETIME_SECONDS, rotateEveryMs = ROTATE_EVERY_MS } = options;
  const keys = createSigningKeys({ ...options, rotateEveryMs });
  return {
    issue: (account) => issue(options, keys, account, lifetimeSeconds),
    verify: (token) => verify(options, keys, token),
    jwks: async () => ({ keys: (await keys.published()).map(({ publicJwk }) => publicJwk) }),
    prepare: async () => void (await keys.published()),
  };
}

async function issue(
  { issuerUrl, now, newId }: AccessTokensOptions,
  keys: SigningKeys,
  account: ServiceAccount,
  lifetimeSeconds: number,
): Promise<{ token: Secret; expiresInSeconds: number }> {
  const { keyId, privateKey } = await keys.signing();
  const issuedAt = Math.floor(now() / 1000);
  const token = await new SignJWT({
    // RFC 9068, section 2.2; the account is its own client.
    client_id: account.id,
    scope: account.scope,
    team: account.teamName,
    service_account: account.name,
  })
    .setProtectedHeader({ alg: 'EdDSA', typ: 'at+jwt', kid: keyId })
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
  // Before a key is looked for: any JWT may be shown here.
  const said = decoded(token);
  if (said === undefined) return { ok: false, reason: 'malformed' };
  if (said.iss !== issuerUrl()) return { ok: false, reason: 'token_not_for_keysmith' };
  try {
    const { payload } = await jwtVerify(token, async ({ kid }) => publicKey(keys, kid), {
      algorithms: ['EdDSA'],
      typ: 'at+jwt',
      issuer: issuerUrl(),
      audience: issuerUrl(),
      requiredClaims: ['sub', 'iat', 'exp', 'jti'],
      currentDate: new Date(now()),
    });
    const { sub, jti, iat, exp } = payload as Required<JWTPayload>;
    const claims = { accountId: sub, tokenId: jti, issuedAtMs: iat * 1000, expiresAtMs: exp * 1000 };
    return { ok: true, claims };
  } catch (error) {
    return { ok: false, reason: failureOf(error) };
  }
}

function decoded(token: string): JWTPayload | undefined {
  try {
    return decodeJwt(token);
  } catch (error) {
    if (error instanceof errors.JOSEError) return undefined;
    throw error;
  }
}

/** @throws JWKSNoMatchingKey */
async function publicKey(keys: SigningKeys, keyId: unknown): Promise<CryptoKey> {
  const key = typeof keyId === 'string' ? await keys.find(keyId) : undefined;
  if (key === undefined) throw new errors.JWKSNoMatchingKey();
  return key.publicKey;
}

function failureOf(error: unknown): Extract<VerifyAccessTokenResult, { ok: false }>['reason'] {
  if (error instanceof errors.JWTExpired) return 'token_expired';
  if (error instanceof errors.JWTClaimValidationFailed) {
    return error.claim === 'aud' ? 'token_not_for_keysmith' : 'malformed';
  }
  if (error instanceof errors.JWSSignatureVerificationFailed) return 'bad_signature';
  if (error instanceof errors.JWKSNoMatchingKey) return 'bad_signature';
  if (error instanceof errors.JOSEError) return 'malformed';
  throw error;
}
