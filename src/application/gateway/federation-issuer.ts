import { type JSONWebKeySet, SignJWT } from 'jose';
import { Secret } from '../../domain/keys/secret.ts';
import { createSigningKeys, type SigningKeysDependencies } from '../authority/signing-keys.ts';

/** Keysmith as the JWT issuer that the W&B server trusts (RFC 7523, section 3). */
export interface FederationIssuer {
  /**
   * Returns a JWT, valid for five minutes, that identifies the external service account of a team to W&B.
   *
   * @throws StoreUnavailableError, UnreadableSigningKeyError
   */
  sign(teamName: string): Promise<Secret>;
  /** Returns the public keys, with the one that signs next. Creates the first one, or the next one when it is due. */
  jwks(): Promise<JSONWebKeySet>;
}

export interface FederationIssuerOptions
  extends Omit<SigningKeysDependencies, 'purpose' | 'rotateEveryMs' | 'sealer'> {
  /** Derived for the purpose `federation-key`. */
  sealer: SigningKeysDependencies['sealer'];
  /** Returns Keysmith's public URL. A function because it is known late. */
  issuerUrl: () => string;
  /** Must be the organization's name in W&B. */
  organizationName: string;
  /** How long each key signs. */
  rotateEveryMs?: number;
  newId: (prefix: string) => string;
}

const LIFETIME_SECONDS = 5 * 60;
/** Servers refuse a JWT from their future, and clocks differ by seconds. */
const BACKDATED_SECONDS = 10;
const ROTATE_EVERY_MS = 90 * 24 * 60 * 60_000;

/** Returns the subject of the external service account that an organization admin registers for a team. */
export function federationSubject(teamName: string): string {
  return `keysmith:${teamName}`;
}

/**
 * Creates the issuer. Its keys sign nothing else. `open` reads the stored ones; `prepare` creates the first one, or the next one when it
 * is due; call it at intervals, so that W&B can read each key a day before it signs.
 */
export function createFederationIssuer(
  options: FederationIssuerOptions,
): FederationIssuer & { open(): Promise<void>; prepare(): Promise<void> } {
  const { issuerUrl, organizationName, now, newId, rotateEveryMs = ROTATE_EVERY_MS } = options;
  const keys = createSigningKeys({ ...options, purpose: 'federation', rotateEveryMs });
  return {
    async sign(teamName) {
      const { keyId, algorithm, privateKey } = await keys.signing();
      const issuedAt = Math.floor(now() / 1000) - BACKDATED_SECONDS;
      const jwt = await new SignJWT()
        .setProtectedHeader({ alg: algorithm, typ: 'JWT', kid: keyId })
        .setIssuer(issuerUrl())
        .setSubject(federationSubject(teamName))
        .setAudience(organizationName)
        .setJti(newId('jwt'))
        .setIssuedAt(issuedAt)
        .setExpirationTime(issuedAt + LIFETIME_SECONDS)
        .sign(privateKey);
      return new Secret(jwt);
    },
    jwks: async () => ({ keys: (await keys.published()).map(({ publicJwk }) => publicJwk) }),
    open: keys.open,
    prepare: async () => void (await keys.published()),
  };
}
