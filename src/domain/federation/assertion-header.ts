import { ASSERTION_ALGORITHMS } from './assertion-keys.ts';

/** The parts of a JWT's header that choose its key. */
export interface AssertionHeader {
  kid: string | undefined;
  alg: string;
}

export interface HeaderProblem {
  ok: false;
  reason: 'critical_header' | 'malformed' | 'algorithm_not_allowed' | 'wrong_type';
  /** The member of the header. */
  member: 'crit' | 'alg' | 'typ' | 'kid';
}

/** Reads the header of a JWT. Ignores `jku`, `x5u`, `x5c` and `jwk`: only the issuer says which keys are its own. */
export function readAssertionHeader(
  header: Readonly<Record<string, unknown>>,
): { ok: true; header: AssertionHeader } | HeaderProblem {
  const [problem] = assertionHeaderProblems(header);
  if (problem !== undefined) return problem;
  const { alg, kid } = header as { alg: string; kid: string | undefined };
  return { ok: true, header: { alg, kid } };
}

/** Returns everything for which {@link readAssertionHeader} refuses the header. It reports the first. */
export function assertionHeaderProblems(header: Readonly<Record<string, unknown>>): HeaderProblem[] {
  const { alg, kid, typ } = header;
  const problems: HeaderProblem[] = [];
  const add = (member: HeaderProblem['member'], reason: HeaderProblem['reason']) =>
    problems.push({ ok: false, reason, member });
  // RFC 7515, section 4.1.11: extensions must be understood, and Keysmith supports none.
  if ('crit' in header) add('crit', 'critical_header');
  if (typeof alg !== 'string') add('alg', 'malformed');
  else if (!ASSERTION_ALGORITHMS.has(alg)) add('alg', 'algorithm_not_allowed');
  // RFC 8725, section 3.11: a JWT that was signed for one purpose isn't accepted for another.
  if ('typ' in header && !isAssertionType(typ)) add('typ', 'wrong_type');
  if (kid !== undefined && typeof kid !== 'string') add('kid', 'malformed');
  return problems;
}

/** Media types are compared without letter case, and may omit `application/` (RFC 7515, section 4.1.9). SPIFFE allows `JOSE`. */
function isAssertionType(typ: unknown): boolean {
  return typeof typ === 'string' && /^(?:application\/)?(?:jwt|jose)$/i.test(typ);
}
