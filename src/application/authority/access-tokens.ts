import type { JSONWebKeySet } from 'jose';
import type { Secret } from '../../domain/secret.ts';
import type { ServiceAccount } from '../../domain/service-account.ts';

/** What a token of ours says, once its signature, issuer, audience, type and end were checked. */
export interface AccessTokenClaims {
  accountId: string;
  tokenId: string;
  issuedAtMs: number;
  expiresAtMs: number;
}

export type VerifyAccessTokenResult =
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
