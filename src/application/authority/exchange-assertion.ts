import type { Secret } from '../../domain/secret.ts';
import type { AuthorityPorts } from '../ports/authority.ts';
import type { UsedFrom } from './verify-credential.ts';

/** Why a JWT was not exchanged: exact, for the log and the metrics. */
export type ExchangeFailure =
  | 'malformed'
  | 'unknown_issuer'
  | 'algorithm_not_allowed'
  /** A `crit` extension that is not understood. */
  | 'critical_header'
  | 'no_such_key'
  | 'bad_signature'
  | 'wrong_audience'
  | 'no_expiry'
  | 'expired'
  | 'not_yet_valid'
  | 'issued_in_the_future'
  | 'lives_too_long'
  | 'bad_claim'
  | 'unknown_subject'
  | 'team_archived'
  | 'no_token_id'
  | 'used_before'
  | 'keys_unavailable';

export type ExchangeOutcome = 'ok' | ExchangeFailure;

export type ExchangeAssertionResult =
  | { ok: true; accessToken: Secret; expiresInSeconds: number }
  | { ok: false; reason: Exclude<ExchangeFailure, 'keys_unavailable'> }
  | { ok: false; reason: 'keys_unavailable'; retryAfterSeconds: number };

/**
 * Exchanges the JWT of an external identity for an access token (RFC 7523, section 2.1).
 *
 * @throws StoreUnavailableError
 */
export async function exchangeAssertion(
  ports: AuthorityPorts,
  assertion: string,
  from: UsedFrom,
): Promise<ExchangeAssertionResult> {
  throw new Error(`not written yet ${ports} ${assertion} ${from}`);
}
