import type { JSONWebKeySet } from 'jose';

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
