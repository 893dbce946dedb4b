import { createHash } from 'node:crypto';
import canonicalize from 'canonicalize';
import type { AuditDetail } from './audit-event.ts';
import { DEFAULT_ASSERTION_LIFETIME_SECONDS, type Issuer } from './issuer.ts';

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
