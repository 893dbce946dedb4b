import type { Issuer } from './issuer.ts';

/** How far the clocks of an issuer and of Keysmith may differ: for `nbf` and `iat`. */
const CLOCK_TOLERANCE_SECONDS = 60;

export type AssertionClaimsResult =
  | {
      ok: true;
      /** Letter for letter. */
      subject: string;
      /** `jti`; always there for an issuer whose JWTs are good once. */
      tokenId: string | undefined;
      expiresAtMs: number;
    }
  /** The claim is there (or must be) and is not what RFC 7519 says. */
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
        /** Only good with a proof of a key (`cnf`, RFC 7800), which is not asked for here: whoever took it could use it. */
        | 'sender_constrained'
        /** It tells what happened to its subject (RFC 8417), such as a logout token; it does not speak for it. */
        | 'security_event';
    };

/**
 * Do these claims let the JWT in now? Says nothing of its signature, its issuer, and whose its subject is.
 *
 * `exp` has no tolerance: what ended has ended (RFC 7519, section 4.1.4). Its life is counted from `iat`, or from now where
 * there is none.
 */
export function checkAssertionClaims(
  claims: Readonly<Record<string, unknown>>,
  issuer: Pick<Issuer, 'isSingleUse' | 'maxLifetimeSeconds'>,
  { audiences, nowMs }: { audiences: readonly string[]; nowMs: number },
): AssertionClaimsResult {
  const { sub, aud, exp, nbf, iat, jti } = claims;
  if ('events' in claims) return { ok: false, reason: 'security_event' };
  if ('cnf' in claims) return { ok: false, reason: 'sender_constrained' };
  if (!isName(sub)) return { ok: false, reason: 'bad_claim', claim: 'sub' };
  const named = typeof aud === 'string' ? [aud] : (aud ?? []);
  if (!isTexts(named)) return { ok: false, reason: 'bad_claim', claim: 'aud' };
  if (!named.some((audience) => audiences.includes(audience))) return { ok: false, reason: 'wrong_audience' };
  if (exp === undefined) return { ok: false, reason: 'no_expiry' };
  if (!isTime(exp)) return { ok: false, reason: 'bad_claim', claim: 'exp' };
  if (nbf !== undefined && !isTime(nbf)) return { ok: false, reason: 'bad_claim', claim: 'nbf' };
  if (iat !== undefined && !isTime(iat)) return { ok: false, reason: 'bad_claim', claim: 'iat' };
  const reason = wrongTime({ exp, nbf, iat }, issuer.maxLifetimeSeconds, nowMs / 1000);
  if (reason !== undefined) return { ok: false, reason };
  if (jti === undefined && issuer.isSingleUse) return { ok: false, reason: 'no_token_id' };
  if (jti !== undefined && !isName(jti)) return { ok: false, reason: 'bad_claim', claim: 'jti' };
  return { ok: true, subject: sub, tokenId: jti, expiresAtMs: Math.ceil(exp * 1000) };
}

function wrongTime(
  { exp, nbf, iat }: { exp: number; nbf: number | undefined; iat: number | undefined },
  maxLifetimeSeconds: number,
  nowSeconds: number,
) {
  if (nowSeconds >= exp) return 'expired';
  if (nbf !== undefined && nbf > nowSeconds + CLOCK_TOLERANCE_SECONDS) return 'not_yet_valid';
  if (iat !== undefined && iat > nowSeconds + CLOCK_TOLERANCE_SECONDS) return 'issued_in_the_future';
  if (exp - (iat ?? nowSeconds) > maxLifetimeSeconds) return 'lives_too_long';
  return undefined;
}

/** Not empty, and Unicode: a lone surrogate could be stored and compared as another letter. */
function isName(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && value.isWellFormed();
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((text) => typeof text === 'string');
}

/** NumericDate (RFC 7519, section 2): `1e999` is JSON too, and infinite. */
function isTime(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value);
}
