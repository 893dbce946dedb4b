import type { CryptoKey, JWSHeaderParameters } from 'jose';
import type { Issuer } from '../../domain/issuer.ts';

export type FindIssuerKeyResult =
  | { ok: true; key: CryptoKey | Uint8Array; algorithm: string }
  /** The issuer's keys are known, and none of them is the one. */
  | { ok: false; reason: 'no_such_key' | 'algorithm_not_allowed' }
  /** The keys can't be had now: try again. */
  | { ok: false; reason: 'keys_unavailable'; retryAfterSeconds: number; cause: string };

/** The public keys of registered issuers: stated, cached, fetched, or the last good ones. */
export interface IssuerKeys {
  find(issuer: Issuer, header: JWSHeaderParameters): Promise<FindIssuerKeyResult>;
}
