import { createPublicKey, type JsonWebKey } from 'node:crypto';
import type { JSONWebKeySet, JWK } from 'jose';
import { z } from 'zod';
import { readAssertionKeys } from '../../domain/federation/assertion-keys.ts';

const MAX_KEYS = 50;
const LEAST_RSA_BITS = 2048;

/** RFC 7518, sections 6.2.2, 6.3.2 and 6.4. */
const privateMembers = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k'] as const;
const ellipticCurves = ['P-256', 'P-384', 'P-521'];
const curves = new Map([
  ['EC', ellipticCurves],
  ['OKP', ['Ed25519']],
]);

/** The members that verifying needs. RFC 7517, section 4 lets the others be ignored. */
const text = z.string().exactOptional();
const publicKey = z
  .object({
    kty: text,
    kid: text,
    use: text,
    alg: text,
    n: text,
    e: text,
    crv: text,
    x: text,
    y: text,
    key_ops: z.array(z.string()).exactOptional(),
  })
  .transform((key, context): JWK => {
    const problem = keyProblem(key);
    if (problem !== undefined) context.addIssue(problem);
    return key;
  });

const jwk = z
  .looseObject({})
  .refine((key) => privateMembers.every((member) => key[member] === undefined), {
    error:
      'This is a private or shared key. Replace it wherever it is used, and put only the public part here.',
  })
  .pipe(publicKey);

/** Bounded before the keys are checked, which takes CPU time. */
const keys = z
  .array(z.unknown())
  .min(1, 'At least one key is required here.')
  .max(MAX_KEYS, `At most ${MAX_KEYS} keys are allowed here.`)
  .pipe(z.array(jwk));

/** A JWK Set (RFC 7517) of keys that can verify JWTs, as a map or as the JSON text that issuers serve. */
export const keySet: z.ZodType<JSONWebKeySet> = z.preprocess((value, context) => {
  if (typeof value !== 'string') return value;
  try {
    return JSON.parse(value);
  } catch {
    // The parser's own message quotes the text.
    context.addIssue('Expected a map with keys, or the same as JSON text. This text isn’t valid JSON.');
    return z.NEVER;
  }
}, z.strictObject({ keys }));

function keyProblem(key: JWK): string | undefined {
  const { kty = '', crv = '', n, e, x, y } = key;
  if (kty !== 'RSA' && !curves.get(kty)?.includes(crv)) {
    return `Use a key of kty RSA (n, e), EC (crv ${ellipticCurves.join(', ')}; x, y) or OKP (crv Ed25519; x).`;
  }
  const needed = kty === 'RSA' ? { n, e } : kty === 'EC' ? { x, y } : { x };
  for (const [member, value] of Object.entries(needed)) {
    if (value === undefined) return `"${member}" is missing here.`;
    if (!/^[\w-]+$/.test(value)) return `"${member}" must be base64url: letters, digits, "-" and "_".`;
  }
  const details = publicKeyDetails({ ...key } as JsonWebKey);
  if (details === undefined) return `This isn’t a valid ${kty} key. Copy it again.`;
  const { modulusLength, publicExponent } = details;
  if (modulusLength !== undefined && modulusLength < LEAST_RSA_BITS) {
    return `An RSA key must have at least ${LEAST_RSA_BITS} bits.`;
  }
  if (publicExponent !== undefined && (publicExponent < 3n || publicExponent % 2n === 0n)) {
    return 'The exponent "e" of an RSA key must be odd and greater than 1. It is nearly always AQAB.';
  }
  return readAssertionKeys({ keys: [key] })?.length === 1
    ? undefined
    : 'This key can’t verify signatures. Check its use, key_ops, alg and size.';
}

function publicKeyDetails(key: JsonWebKey) {
  try {
    return createPublicKey({ key, format: 'jwk' }).asymmetricKeyDetails;
  } catch {
    return undefined;
  }
}
