import { hkdfSync } from 'node:crypto';
import { CompactEncrypt, compactDecrypt, errors } from 'jose';

/** Encrypts and authenticates short texts under one key. */
export interface Sealer {
  /** Returns a compact JWE (RFC 7516): `dir` and A256GCM, with a key ID for rotation. */
  seal(text: string): Promise<string>;
  /** Returns undefined if this key didn't seal the text, or it was modified. */
  open(sealed: string): Promise<string | undefined>;
}

/** Creates a sealer. `key`: 256 bits. */
export function createSealer(key: Uint8Array, keyId: string): Sealer {
  return {
    seal: (text) =>
      new CompactEncrypt(new TextEncoder().encode(text))
        .setProtectedHeader({ alg: 'dir', enc: 'A256GCM', kid: keyId })
        .encrypt(key),
    async open(sealed) {
      try {
        const { plaintext } = await compactDecrypt(sealed, key, {
          keyManagementAlgorithms: ['dir'],
          contentEncryptionAlgorithms: ['A256GCM'],
        });
        return new TextDecoder().decode(plaintext);
      } catch (error) {
        if (error instanceof errors.JOSEError || error instanceof TypeError) return undefined;
        throw error;
      }
    },
  };
}

/** A use of KEYSMITH_SECRET. Each has its own key. */
export type KeyPurpose =
  | 'audit'
  | 'pepper'
  | 'view-metadata'
  | 'signing-key'
  | 'upstream-credential'
  | 'federation-key';

/** Derives a 256-bit key with HKDF-SHA-256 (RFC 5869), labelled with the purpose. */
export function deriveKey(secret: Uint8Array, purpose: KeyPurpose): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', secret, new Uint8Array(0), `keysmith/${purpose}/v1`, 32));
}
