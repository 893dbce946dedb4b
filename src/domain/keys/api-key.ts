import { createHmac } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { drawBase62, encodeBase62 } from './base62.ts';

const KEY_ID_LENGTH = 12;
const SECRET_LENGTH = 34;
const CHECKSUM_LENGTH = 6;

/**
 * Finds Keysmith's API keys in text: give it to a secret scanner. A match is only shaped like a key;
 * {@link parseApiKey} also holds it against its checksum. Without word boundaries, which would miss the key in `\nkeysmith_…`
 * as JSON writes a line break.
 */
export const API_KEY_PATTERN = /keysmith_[0-9A-Za-z]{12}-[0-9A-Za-z]{40}/;

const WHOLE_KEY = /^keysmith_([0-9A-Za-z]{12})-([0-9A-Za-z]{34})([0-9A-Za-z]{6})$/;

/** The parts of a key. `keyId` is public; `secret` is not, and is all that the stored hash is made of. */
export interface ApiKeyParts {
  keyId: string;
  secret: string;
}

/** Draws a new key's parts: a public key ID of 12 and a secret of 34 base62 characters (202 bits). */
export function drawApiKey(randomBytes: (size: number) => Uint8Array): ApiKeyParts {
  return {
    keyId: drawBase62(KEY_ID_LENGTH, randomBytes),
    secret: drawBase62(SECRET_LENGTH, randomBytes),
  };
}

/**
 * Writes the whole key: `keysmith_<key ID>-<secret><checksum>`. 40 characters follow the one hyphen, which every
 * version of the official SDK accepts.
 */
export function formatApiKey({ keyId, secret }: ApiKeyParts): string {
  const checked = `keysmith_${keyId}-${secret}`;
  return `${checked}${checksumOf(checked)}`;
}

/**
 * Reads a key. Undefined where shape or checksum are wrong, so that junk never reaches a look-up. Says nothing about
 * whether such a key exists.
 */
export function parseApiKey(text: string): ApiKeyParts | undefined {
  const match = WHOLE_KEY.exec(text);
  const [, keyId, secret, checksum] = match ?? [];
  if (keyId === undefined || secret === undefined) return undefined;
  return checksum === checksumOf(`keysmith_${keyId}-${secret}`) ? { keyId, secret } : undefined;
}

/** What is stored of a key: HMAC-SHA-256 (RFC 2104) of its secret under the organization's pepper, in hexadecimal. */
export function hashApiKeySecret(secret: string, pepper: Uint8Array): string {
  return createHmac('sha256', pepper).update(secret, 'utf8').digest('hex');
}

function checksumOf(text: string): string {
  return encodeBase62(crc32(text), CHECKSUM_LENGTH);
}
