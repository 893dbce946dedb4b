import type { JSONWebKeySet, JWK } from 'jose';
import { z } from 'zod';
import {
  PRIVATE_MEMBERS,
  readAssertionKeySet,
  type UnusableKey,
  type UnusableKeyReason,
} from '../../domain/federation/assertion-keys.ts';

const MAX_KEYS = 50;

/** The members that verifying needs. RFC 7517, section 4 lets the others be ignored. */
const PUBLIC_MEMBERS = ['kty', 'kid', 'use', 'alg', 'n', 'e', 'crv', 'x', 'y', 'key_ops'] as const;

/** The keys of an issuer that can verify JWTs, and what is wrong with the others. */
export interface StatedKeys {
  jwks: JSONWebKeySet;
  unusable: { index: number; message: string }[];
}

/** Bounded before the keys are checked, which takes CPU time. */
const keys = z
  .array(z.unknown())
  .min(1, 'At least one key is required here.')
  .max(MAX_KEYS, `At most ${MAX_KEYS} keys are allowed here.`)
  .transform((entries, context): StatedKeys => {
    const { unusable } = readAssertionKeySet({ keys: entries }) ?? { unusable: [] };
    const isNoneLeft = unusable.length === entries.length;
    for (const { index, reason } of unusable) {
      if (reason !== 'private' && !isNoneLeft) continue;
      context.addIssue({ code: 'custom', message: unusableKeyText(reason), path: [index] });
    }
    const skipped = new Set(unusable.map(({ index }) => index));
    return {
      jwks: { keys: entries.filter((_, index) => !skipped.has(index)).map(publicPart) },
      unusable: unusable.map((key) => ({ index: key.index, message: ignoredKeyText(key) })),
    };
  });

/**
 * A JWK Set (RFC 7517) with keys that can verify JWTs, as a map or as the JSON text that issuers serve. Section 5 requires that
 * other members, such as those of SPIFFE's trust bundles, are ignored.
 */
export const keySet = z
  .preprocess((value, context) => {
    if (typeof value !== 'string') return value;
    try {
      return JSON.parse(value);
    } catch {
      // The parser's own message quotes the text.
      context.addIssue('Expected a map with keys, or the same as JSON text. This text isn’t valid JSON.');
      return z.NEVER;
    }
  }, z.object({ keys }))
  .transform((set): StatedKeys => set.keys);

function publicPart(key: unknown): JWK {
  const members = Object.entries(key as object).filter(([name]) =>
    (PUBLIC_MEMBERS as readonly string[]).includes(name),
  );
  return Object.fromEntries(members) as unknown as JWK;
}

/** A key ID is public, but only a plausible one is repeated: the file may be another one, with secrets in it. */
function ignoredKeyText({ keyId, reason }: UnusableKey): string {
  const name = keyId !== undefined && /^[\x21-\x7e]{1,100}$/.test(keyId) ? ` ${JSON.stringify(keyId)}` : '';
  return `The key${name} is ignored. ${unusableKeyText(reason)}`;
}

function unusableKeyText(reason: UnusableKeyReason): string {
  switch (reason) {
    case 'not_an_object':
      return 'A key is a map with kty and the members of its type.';
    case 'private':
      return `This is a private or shared key (it has one of ${PRIVATE_MEMBERS.join(', ')}). Replace it wherever it is used, and put only the public part here.`;
    case 'not_for_signatures':
      return 'It isn’t for signatures: its use isn’t sig, or its key_ops don’t include verify.';
    case 'unknown_type':
      return 'Use a key of kty RSA (n, e), EC (crv P-256, P-384, P-521; x, y) or OKP (crv Ed25519; x).';
    case 'unknown_algorithm':
      return 'Its alg isn’t a signature algorithm of its kty and crv that JWTs may use.';
    case 'malformed':
      return 'It isn’t a valid public key: a member is missing, isn’t text, isn’t base64url, or is incomplete. Copy it again.';
    case 'rsa_size':
      return 'An RSA key must have 2048 to 8192 bits.';
    case 'rsa_exponent':
      return 'The exponent "e" of an RSA key must be odd and greater than 1. It is nearly always AQAB.';
  }
}
