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

/**
 * Checks the time, audience and type of a JWT's claims. Doesn't check its signature or issuer, or find the account of its
 * subject.
 *
 * The lifetime counts from `iat`, or from now if there is none.
 */
export function checkAssertionClaims(
  claims: Readonly<Record<string, unknown>>,
  issuer: Pick<Issuer, 'isSingleUse' | 'maxLifetimeSeconds'>,
  { audiences, nowMs }: { audiences: readonly string[]; nowMs: number },
): AssertionClaimsResult {
  const { sub, aud, exp, nbf, iat, jti } = claims;
  if ('events' in claims) return { ok: false, reason: 'security_event' };
  if ('cnf' in claims) return { ok: false, reason: 'sender_constrained' };
  if (!isNonEmptyText(sub)) return { ok: false, reason: 'bad_claim', claim: 'sub' };
  const audiencesNamed = typeof aud === 'string' ? [aud] : (aud ?? []);
  if (!isTextArray(audiencesNamed)) return { ok: false, reason: 'bad_claim', claim: 'aud' };
  if (!audiencesNamed.some((audience) => audiences.includes(audience)))
    return { ok: false, reason: 'wrong_audience' };
  if (exp === undefined) return { ok: false, reason: 'no_expiry' };
  if (!isNumericDate(exp)) return { ok: false, reason: 'bad_claim', claim: 'exp' };
  if (nbf !== undefined && !isNumericDate(nbf)) return { ok: false, reason: 'bad_claim', claim: 'nbf' };
  if (iat !== undefined && !isNumericDate(iat)) return { ok: false, reason: 'bad_claim', claim: 'iat' };
  const reason = timeFailure({ exp, nbf, iat }, issuer.maxLifetimeSeconds, nowMs / 1000);
  if (reason !== undefined) return { ok: false, reason };
  if (jti === undefined && issuer.isSingleUse) return { ok: false, reason: 'no_token_id' };
  if (jti !== undefined && !isNonEmptyText(jti)) return { ok: false, reason: 'bad_claim', claim: 'jti' };
  const acceptedUntilMs = Math.ceil((exp + CLOCK_TOLERANCE_SECONDS) * 1000);
  return { ok: true, subject: sub, tokenId: jti, acceptedUntilMs };
}

function timeFailure(
  { exp, nbf, iat }: { exp: number; nbf: number | undefined; iat: number | undefined },
  maxLifetimeSeconds: number,
  nowSeconds: number,
) {
  if (nowSeconds >= exp + CLOCK_TOLERANCE_SECONDS) return 'expired';
  if (nbf !== undefined && nbf > nowSeconds + CLOCK_TOLERANCE_SECONDS) return 'not_yet_valid';
  if (iat !== undefined && iat > nowSeconds + CLOCK_TOLERANCE_SECONDS) return 'issued_in_the_future';
  // Without `iat`, it may have been issued now by a clock that is ahead.
  if (exp - (iat ?? nowSeconds + CLOCK_TOLERANCE_SECONDS) > maxLifetimeSeconds) return 'lives_too_long';
  return undefined;
}

/** Requires well-formed Unicode: a lone surrogate could be stored and compared as another character. */
function isNonEmptyText(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && value.isWellFormed();
}

function isTextArray(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((text) => typeof text === 'string');
}

/** NumericDate (RFC 7519, section 2). `1e999` is valid JSON, but infinite. */
function isNumericDate(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value);
}
