import type { Issuer } from './issuer.ts';

/** The tolerated clock difference between an issuer and Keysmith, for `exp`, `nbf` and `iat`. */
const CLOCK_TOLERANCE_SECONDS = 60;

export type AssertionClaimsResult =
  | {
      ok: true;
      /** The `sub`, unchanged. */
      subject: string;
      /** The `jti`; always present for an issuer of single-use JWTs. */
      tokenId: string | undefined;
      /** The `exp` plus the tolerance, rounded up. */
      acceptedUntilMs: number;
    }
  | ClaimProblem;

export type ClaimProblem =
  /** A claim is missing or violates RFC 7519. */
  | { ok: false; reason: 'bad_claim'; claim: 'sub' | 'aud' | 'exp' | 'nbf' | 'iat' | 'jti' }
  | {
      ok: false;
      reason:
        | 'wrong_audience'
        | 'no_expiry'
        | 'expired'
        | 'not_yet_valid'
        | 'issued_in_the_future'
        | 'lives_too_long'
        | 'no_token_id'
        /** Bound to a key (`cnf`, RFC 7800). Keysmith doesn't check the proof, so a stolen JWT would work. */
        | 'sender_constrained'
        /** Reports an event about its subject (RFC 8417), such as a logout token. It doesn't authenticate the subject. */
        | 'security_event';
    };

/** What the claims of a JWT are checked against. */
export interface ClaimRules {
  issuer: Pick<Issuer, 'isSingleUse' | 'maxLifetimeSeconds'>;
  audiences: readonly string[];
  nowMs: number;
}

/**
 * Checks the time, audience and type of a JWT's claims. Doesn't check its signature or issuer, or find the account of its
 * subject.
 *
 * The lifetime counts from `iat`, or from now if there is none.
 */
export function checkAssertionClaims(
  claims: Readonly<Record<string, unknown>>,
  rules: ClaimRules,
): AssertionClaimsResult {
  const [problem] = assertionClaimProblems(claims, rules);
  if (problem !== undefined) return problem;
  const { sub, exp, jti } = claims as { sub: string; exp: number; jti: string | undefined };
  const acceptedUntilMs = Math.ceil((exp + CLOCK_TOLERANCE_SECONDS) * 1000);
  return { ok: true, subject: sub, tokenId: jti, acceptedUntilMs };
}

/** Returns everything for which {@link checkAssertionClaims} refuses the claims. It reports the first. */
export function assertionClaimProblems(
  claims: Readonly<Record<string, unknown>>,
  { issuer, audiences, nowMs }: ClaimRules,
): ClaimProblem[] {
  const { sub, aud, exp, nbf, iat, jti } = claims;
  const problems: ClaimProblem[] = [];
  const bad = (claim: Extract<ClaimProblem, { claim: string }>['claim']) =>
    problems.push({ ok: false, reason: 'bad_claim', claim });
  const add = (reason: Exclude<ClaimProblem['reason'], 'bad_claim'>) => problems.push({ ok: false, reason });
  if ('events' in claims) add('security_event');
  if ('cnf' in claims) add('sender_constrained');
  if (!isNonEmptyText(sub)) bad('sub');
  const audiencesNamed = namedAudiences(aud);
  if (audiencesNamed === undefined) bad('aud');
  else if (!audiencesNamed.some((audience) => audiences.includes(audience))) add('wrong_audience');
  if (exp === undefined) add('no_expiry');
  else if (!isNumericDate(exp)) bad('exp');
  if (nbf !== undefined && !isNumericDate(nbf)) bad('nbf');
  if (iat !== undefined && !isNumericDate(iat)) bad('iat');
  for (const reason of timeProblems({ exp, nbf, iat }, issuer.maxLifetimeSeconds, nowMs / 1000)) add(reason);
  if (jti === undefined && issuer.isSingleUse) add('no_token_id');
  if (jti !== undefined && !isNonEmptyText(jti)) bad('jti');
  return problems;
}

/** Returns the values of `aud`, which may be one text or several. Undefined for anything else. */
export function namedAudiences(aud: unknown): readonly string[] | undefined {
  const named = typeof aud === 'string' ? [aud] : (aud ?? []);
  return isTextArray(named) ? named : undefined;
}

/** Compares the times that are valid; the others are problems of their own. */
function timeProblems(
  { exp, nbf, iat }: { exp: unknown; nbf: unknown; iat: unknown },
  maxLifetimeSeconds: number,
  nowSeconds: number,
) {
  const problems: ('expired' | 'not_yet_valid' | 'issued_in_the_future' | 'lives_too_long')[] = [];
  const latest = nowSeconds + CLOCK_TOLERANCE_SECONDS;
  if (isNumericDate(exp) && nowSeconds >= exp + CLOCK_TOLERANCE_SECONDS) problems.push('expired');
  if (isNumericDate(nbf) && nbf > latest) problems.push('not_yet_valid');
  if (isNumericDate(iat) && iat > latest) problems.push('issued_in_the_future');
  // Without `iat`, it may have been issued now by a clock that is ahead.
  const issuedAt = isNumericDate(iat) ? iat : latest;
  if (isNumericDate(exp) && exp - issuedAt > maxLifetimeSeconds) problems.push('lives_too_long');
  return problems;
}

/** Requires well-formed Unicode: a lone surrogate could be stored and compared as another character. */
function isNonEmptyText(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && value.isWellFormed();
}

function isTextArray(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((text) => typeof text === 'string');
}

/** NumericDate (RFC 7519, section 2). `1e999` is valid JSON, but infinite. */
export function isNumericDate(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value);
}
