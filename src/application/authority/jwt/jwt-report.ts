import type { ServiceAccount } from '../../../domain/accounts/service-account.ts';
import type { NamedDifference } from '../../../domain/care/near-match.ts';
import type { AssertionShapeProblem } from '../../../domain/federation/assertion-parts.ts';
import type { SignatureResult } from '../check-signature.ts';

/**
 * `wrong`: the exchange would refuse the JWT for this. `note`: something to know, such as an expiry. `not_checked`: it couldn't be
 * checked, because of another problem or of the issuer.
 */
export type JwtState = 'ok' | 'wrong' | 'note' | 'not_checked';

export type JwtShapeProblem =
  | AssertionShapeProblem
  /** An API key, or a token of another service. */
  | 'credential'
  /** Spaces or line breaks were removed. */
  | 'had_spaces';

export type JwtSignatureProblem =
  | Extract<SignatureResult, { ok: false }>['reason']
  /** Keysmith may not connect to the issuer. Unlike `keys_unavailable`, trying again doesn't help. */
  | 'keys_not_allowed'
  /** The sandbox connects only to its own machine. */
  | 'keys_outside_sandbox'
  | 'issuer_unknown'
  | 'header_invalid';

type NamedAccount = Pick<ServiceAccount, 'name' | 'teamName'>;

/** What one part of a JWT is, beside what was expected. Texts are from the JWT and of any length. */
export type JwtFinding = { state: JwtState } & (
  | { part: 'shape'; problem?: JwtShapeProblem }
  /** Only where the JWT has a `crit`, `cnf` or `events`, none of which Keysmith accepts. */
  | { part: 'crit' | 'cnf' | 'events' }
  | { part: 'alg' | 'typ' | 'kid'; came: string | undefined }
  | {
      part: 'iss';
      came: string | undefined;
      problem?: 'missing' | 'own_issuer' | 'unknown_issuer';
      /** Some of the registered issuers, the most similar first. */
      registered: readonly string[];
    }
  | { part: 'signature'; keyId: string | undefined; problem?: JwtSignatureProblem }
  | { part: 'aud'; came: readonly string[] | undefined; expected: readonly string[] }
  | { part: 'exp'; atMs: number | undefined; problem?: 'no_expiry' | 'bad_claim' | 'expired' }
  | { part: 'nbf' | 'iat'; atMs: number | undefined; problem?: 'bad_claim' | 'in_the_future' }
  | { part: 'lifetime'; seconds: number; maxSeconds: number }
  | { part: 'jti'; problem?: 'no_token_id' | 'bad_claim'; isSingleUse: boolean }
  | {
      part: 'sub';
      came: string | undefined;
      problem?: 'bad_claim' | 'unknown_subject' | 'team_archived' | 'issuer_unknown';
      account?: NamedAccount;
      /** An account that the JWT may be meant for. */
      similar?: NamedAccount & { subject: string; difference: NamedDifference };
    }
);

/** `accepted_if_fresh`: an unexpired JWT like this one would be accepted. `uncertain`: nothing is wrong, but not all was checked. */
export type JwtVerdict = 'accepted' | 'accepted_if_fresh' | 'refused' | 'uncertain';

/** What a check of a JWT found. Contains no part of its signature. */
export interface JwtReport {
  verdict: JwtVerdict;
  findings: readonly JwtFinding[];
}

export function verdictOf(findings: readonly JwtFinding[]): JwtVerdict {
  if (findings.some(({ state }) => state === 'wrong')) return 'refused';
  if (findings.some(({ state }) => state === 'not_checked')) return 'uncertain';
  const isExpired = findings.some(({ part, state }) => part === 'exp' && state === 'note');
  return isExpired ? 'accepted_if_fresh' : 'accepted';
}
