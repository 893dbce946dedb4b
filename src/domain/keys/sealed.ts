import { hkdfSync } from 'node:crypto';
import { CompactEncrypt, compactDecrypt, errors } from 'jose';

/** Encrypts and authenticates short texts under one key. */
export interface Sealer {
  /** JWE (RFC 7516), compact: `dir` + A256GCM, with a key ID for rotation. */
  seal(text: string): Promise<string>;
  /** Undefined for what this key did not seal, whole and unchanged. */
  open(sealed: string): Promise<string | undefined>;
}

/** @param key 256 bits */
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

/** What the secret is used for; every use has its own key. */
export type KeyPurpose = 'audit' | 'pepper' | 'view-metadata' | 'signing-key';

/** Derives a 256-bit key by HKDF-SHA-256 (RFC 5869), with the purpose as its label. */
export function deriveKey(secret: Uint8Array, purpose: KeyPurpose): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', secret, new Uint8Array(0), `keysmith/${purpose}/v1`, 32));
}
