import type { Secret } from '../../domain/secret.ts';
import type { ServiceAccount } from '../../domain/service-account.ts';
import type { AuthorityPorts } from '../ports/authority.ts';

/** A credential that was found good, and whose it is. */
export interface VerifiedCredential {
  /** Active, of a team that is not archived. */
  account: ServiceAccount;
  credential:
    | { kind: 'api_key'; keyId: string; createdAtMs: number; expiresAtMs: number }
    | { kind: 'access_token'; tokenId: string; issuedAtMs: number; expiresAtMs: number };
}

/** Why a credential is not good; for the log and the metrics, never for the caller, who is told `invalid_token`. */
export type VerificationFailure =
  /** Neither a key (shape, checksum) nor one of Keysmith's access tokens. */
  | 'malformed'
  | 'unknown_key'
  | 'wrong_secret'
  | 'key_expired'
  | 'key_revoked'
  | 'bad_signature'
  | 'token_expired'
  /** Issued for another audience, or by another issuer. */
  | 'token_not_for_keysmith'
  | 'account_unknown'
  | 'account_revoked'
  | 'team_archived';

export type VerificationOutcome = 'ok' | VerificationFailure;

export type VerifyCredentialResult =
  | { ok: true; verified: VerifiedCredential }
  | { ok: false; reason: VerificationFailure };

/** From where a credential was used. */
export interface UsedFrom {
  address: string;
  userAgent: string | undefined;
}

/**
 * Is this API key or access token good now? Asked of the database every time, so that revocation holds from the next
 * request on. A good one is noted as used.
 *
 * @param from undefined where somebody else asks about it: that is no use
 * @throws StoreUnavailableError
 */
export async function verifyCredential(
  ports: AuthorityPorts,
  credential: Secret,
  from: UsedFrom | undefined,
): Promise<VerifyCredentialResult> {
  throw new Error(`not written yet ${ports} ${credential} ${from}`);
}
