import { createHash } from 'node:crypto';
import canonicalize from 'canonicalize';
import type { JSONWebKeySet } from 'jose';
import type { AuditDetail } from '../audit/audit-event.ts';

/** A signer of external identities' JWTs, and the rules for fetching its keys. */
export interface Issuer {
  /** The exact `iss` of its JWTs. */
  url: string;
  /** Each JWT works once: its `jti` is stored until it expires. */
  isSingleUse: boolean;
  /** Its keys may be fetched from a private address, such as an on-premises GitLab. */
  isPrivateNetwork: boolean;
  /** PEM certificates to trust in addition to the system's. */
  ca: string | undefined;
  /** Its public keys, when the teams file has them. They are then never fetched. */
  jwks: JSONWebKeySet | undefined;
  /** Where its keys are fetched instead of through discovery. */
  jwksUrl: string | undefined;
  /** The longest lifetime of its JWTs, from `iat` (or now) to `exp`. */
  maxLifetimeSeconds: number;
}

/** Long enough for Azure's managed identities, whose JWTs live 24 h 5 min; short enough to limit the use of a leaked one. */
const DEFAULT_ASSERTION_LIFETIME_SECONDS = 25 * 60 * 60;

/** The longest issuer, in characters. */
export const ISSUER_LENGTH = 512;

/** Slack's limit for the value of an option. */
const MAX_OPTION_VALUE_LENGTH = 150;

/** Returns the text that stands for an issuer in a form: its URL, or the digest of one that is too long for a form. */
export function issuerChoice(url: string): string {
  return url.length <= MAX_OPTION_VALUE_LENGTH ? url : `sha256:${sha256(url)}`;
}

/** An issuer as the teams file has it. Missing options have their defaults. */
export type DesiredIssuer = Pick<Issuer, 'url'> & Partial<Issuer>;

export function toIssuer({ url, ...stated }: DesiredIssuer): Issuer {
  return {
    url,
    isSingleUse: stated.isSingleUse ?? false,
    isPrivateNetwork: stated.isPrivateNetwork ?? false,
    ca: stated.ca,
    jwks: stated.jwks,
    jwksUrl: stated.jwksUrl,
    maxLifetimeSeconds: stated.maxLifetimeSeconds ?? DEFAULT_ASSERTION_LIFETIME_SECONDS,
  };
}

/** Returns an issuer's audit details: every option that isn't the default, certificates and keys as their SHA-256. */
export function describeIssuer(issuer: Issuer): Record<string, AuditDetail> {
  const { url, isSingleUse, isPrivateNetwork, ca, jwks, jwksUrl, maxLifetimeSeconds } = issuer;
  return {
    url,
    ...(isSingleUse && { isSingleUse }),
    ...(isPrivateNetwork && { isPrivateNetwork }),
    ...(ca !== undefined && { caSha256: sha256(ca) }),
    ...(jwks !== undefined && { jwksSha256: sha256(canonicalize(jwks) ?? '') }),
    ...(jwksUrl !== undefined && { jwksUrl }),
    ...(maxLifetimeSeconds !== DEFAULT_ASSERTION_LIFETIME_SECONDS && { maxLifetimeSeconds }),
  };
}

/** Returns the rules for fetching an issuer's keys as comparable text. Keys fetched by other rules must not be used. */
export function issuerKeyRules({ isPrivateNetwork, ca, jwks, jwksUrl }: Issuer): string {
  return canonicalize({ isPrivateNetwork, ca, jwks, jwksUrl }) ?? '';
}

function sha256(text: string): string {
  return createHash('sha256').update(text, 'utf8').digest('hex');
}
