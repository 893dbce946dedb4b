import { createHash } from 'node:crypto';
import canonicalize from 'canonicalize';
import type { JSONWebKeySet } from 'jose';
import type { AuditDetail } from '../audit/audit-event.ts';

/** Who signs the JWTs of external identities, and how its keys are had. */
export interface Issuer {
  /** The JWT's `iss`, letter for letter. */
  url: string;
  /** A JWT of it is good once: its `jti` is remembered until it ends. */
  isSingleUse: boolean;
  /** It may stand at a private address, such as an on-premises GitLab. */
  isPrivateNetwork: boolean;
  /** PEM certificates that its server is trusted by, beside the system's own. */
  ca: string | undefined;
  /** Its public keys, where they are stated and never fetched. */
  jwks: JSONWebKeySet | undefined;
  /** The longest life of a JWT of it, from `iat` (or now) to `exp`. */
  maxLifetimeSeconds: number;
}

/** Long enough for a night's training, too short for a token that lies about. */
export const DEFAULT_ASSERTION_LIFETIME_SECONDS = 24 * 60 * 60;

/** What is not said of an issuer is as usual: keys used often, fetched from a public address. */
export type DesiredIssuer = Pick<Issuer, 'url'> & Partial<Issuer>;

export function toIssuer({ url, ...stated }: DesiredIssuer): Issuer {
  return {
    url,
    isSingleUse: stated.isSingleUse ?? false,
    isPrivateNetwork: stated.isPrivateNetwork ?? false,
    ca: stated.ca,
    jwks: stated.jwks,
    maxLifetimeSeconds: stated.maxLifetimeSeconds ?? DEFAULT_ASSERTION_LIFETIME_SECONDS,
  };
}

/** What the record says of an issuer: what is not as usual; certificates and keys by the SHA-256 of theirs. */
export function describeIssuer(issuer: Issuer): Record<string, AuditDetail> {
  const { url, isSingleUse, isPrivateNetwork, ca, jwks, maxLifetimeSeconds } = issuer;
  return {
    url,
    ...(isSingleUse && { isSingleUse }),
    ...(isPrivateNetwork && { isPrivateNetwork }),
    ...(ca !== undefined && { caSha256: sha256(ca) }),
    ...(jwks !== undefined && { jwksSha256: sha256(canonicalize(jwks) ?? '') }),
    ...(maxLifetimeSeconds !== DEFAULT_ASSERTION_LIFETIME_SECONDS && { maxLifetimeSeconds }),
  };
}

/** By what its keys are had, as a text to compare: keys that came by other rules are good for nothing under these. */
export function issuerKeyRules({ isPrivateNetwork, ca, jwks }: Issuer): string {
  return canonicalize({ isPrivateNetwork, ca, jwks }) ?? '';
}

function sha256(text: string): string {
  return createHash('sha256').update(text, 'utf8').digest('hex');
}
