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
  /** Also of an account that reaches every team: nobody administers it any more. */
  | 'team_archived'
  /** Of a federated account whose issuer left the teams file: its JWTs are no longer taken either. */
  | 'issuer_removed';

export type VerificationOutcome = 'ok' | VerificationFailure;

/** From where a credential was used. */
export interface UsedFrom {
  address: string;
  userAgent: string | undefined;
}

/** Why a JWT was not exchanged: exact, for the log and the metrics. */
export type ExchangeFailure =
  | 'malformed'
  | 'unknown_issuer'
  | 'algorithm_not_allowed'
  /** A `crit` extension that is not understood. */
  | 'critical_header'
  /** Its `typ` says that it is for something else: an access token, a logout token, a proof of possession. */
  | 'wrong_type'
  | 'no_such_key'
  | 'bad_signature'
  | 'wrong_audience'
  | 'no_expiry'
  | 'expired'
  | 'not_yet_valid'
  | 'issued_in_the_future'
  | 'lives_too_long'
  | 'sender_constrained'
  | 'security_event'
  | 'bad_claim'
  | 'unknown_subject'
  | 'team_archived'
  | 'no_token_id'
  | 'used_before'
  /** The key is not among those fetched a moment ago; it may be newer. */
  | 'keys_asked_recently'
  | 'keys_unavailable';

export type ExchangeOutcome = 'ok' | ExchangeFailure;
