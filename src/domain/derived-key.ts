import { hkdfSync } from 'node:crypto';

/** What the secret is used for; every use has its own key. */
export type KeyPurpose = 'audit' | 'pepper' | 'view-metadata' | 'signing-key';

/** Derives a 256-bit key by HKDF-SHA-256 (RFC 5869), with the purpose as its label. */
export function deriveKey(secret: Uint8Array, purpose: KeyPurpose): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', secret, new Uint8Array(0), `keysmith/${purpose}/v1`, 32));
}
