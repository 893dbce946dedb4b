import type { KeyObject } from 'node:crypto';
import type { Logger } from 'pino';
import type { Store } from '../ports/store.ts';
import type { AccessTokens } from './access-tokens.ts';
import type { IssuerKeys } from './issuer-keys.ts';
import type { LastUses } from './last-uses.ts';
import type { LateUses } from './late-use.ts';

/** What the use cases of the authority depend on. */
export interface AuthorityPorts {
  store: Store;
  /** The HMAC keys of API key secrets, by version. */
  peppers: ReadonlyMap<number, KeyObject>;
  accessTokens: AccessTokens;
  /** Returns Keysmith's public URL: the issuer of its own JWTs, which aren't exchanged here. */
  ownIssuer: () => string;
  issuerKeys: IssuerKeys;
  lastUses: LastUses;
  lateUses: LateUses;
  counts: AuthorityCounts;
  /** Accepted values of a JWT's `aud`: the organization's name, and the values in the settings. */
  audiences: readonly string[];
  /** The usernames in W&B that the teams file states, by email address. */
  statedUsernames: ReadonlyMap<string, string>;
  /** Milliseconds since the epoch. */
  now: () => number;
  logger: Logger;
}

/** A log that is limited, for lines that strangers or one credential can cause any number of. */
export interface CallerLog {
  info(fields: Readonly<Record<string, unknown>>, message: string): void;
}

/** Counters for the metrics. They never receive a name, a key ID or an address. */
export interface AuthorityCounts {
  verification(outcome: VerificationOutcome): void;
  exchange(outcome: ExchangeOutcome): void;
  nearMatch(outcome: NearMatchOutcome): void;
}

/** The client that used a credential. */
export interface UsedFrom {
  address: string;
  userAgent: string | undefined;
}

/** Why a credential was rejected. For the log and the metrics only: the caller gets `invalid_token`. */
export type VerificationFailure =
  /** Neither an API key (shape, checksum) nor an access token of Keysmith. */
  | 'malformed'
  | 'unknown_key'
  | 'wrong_secret'
  | 'key_expired'
  | 'key_revoked'
  /** Its delivery is still open, whether the outcome isn't known yet or couldn't be recorded. */
  | 'key_not_delivered'
  | 'bad_signature'
  | 'token_expired'
  /** Issued for another audience, or by another issuer. */
  | 'token_not_for_keysmith'
  | 'account_unknown'
  | 'account_revoked'
  /** Also for an account of organization scope, because it has no admins anymore. */
  | 'team_archived'
  /** The issuer of a federated account was removed from the teams file. */
  | 'issuer_removed';

export type VerificationOutcome = 'ok' | VerificationFailure;

/** Why a JWT wasn't exchanged. For the log and the metrics only. */
export type ExchangeFailure =
  | 'malformed'
  | 'unknown_issuer'
  /** Keysmith signed it, for the W&B server. */
  | 'own_issuer'
  | 'algorithm_not_allowed'
  /** The header has a `crit` extension, and Keysmith supports none. */
  | 'critical_header'
  /** The `typ` belongs to another kind of JWT, such as an access token, a logout token or a proof of possession. */
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
  /** The key may have been published after the last fetch, which was moments ago. */
  | 'keys_asked_recently'
  | 'keys_unavailable';

export type ExchangeOutcome = 'ok' | ExchangeFailure;

/**
 * `reported`: someone can use the subject from a card. `known`: such a card exists, or the account had one in the last day.
 * `not_allowed`: the subjects of the team don't allow it, or it could belong to many accounts.
 */
export type NearMatchOutcome = 'reported' | 'known' | 'not_allowed';
