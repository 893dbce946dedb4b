import { createHmac, type KeyObject } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { drawBase62, encodeBase62 } from './base62.ts';

const KEY_ID_LENGTH = 12;
const SECRET_LENGTH = 34;
const CHECKSUM_LENGTH = 6;

/** The source of a regular expression for a key's prefix and key ID. Secret characters follow it. */
export const API_KEY_START = 'keysmith_[0-9A-Za-z]{12}-';

/**
 * Matches Keysmith's API keys in text, for secret scanners. A match only has the shape of a key; {@link parseApiKey} also
 * checks the checksum. It has no word boundaries, because they would miss a key after JSON's `\n`.
 */
export const API_KEY_PATTERN = new RegExp(`${API_KEY_START}[0-9A-Za-z]{40}`);

const WHOLE_KEY = /^keysmith_([0-9A-Za-z]{12})-([0-9A-Za-z]{34})([0-9A-Za-z]{6})$/;

/** The parts of a key. `keyId` is public. Only the `secret` goes into the stored hash. */
export interface ApiKeyParts {
  keyId: string;
  secret: string;
}

/** Draws the parts of a new key: a key ID of 12 and a secret of 34 base62 characters (202 bits). */
export function drawApiKey(randomBytes: (size: number) => Uint8Array): ApiKeyParts {
  return {
    keyId: drawBase62(KEY_ID_LENGTH, randomBytes),
    secret: drawBase62(SECRET_LENGTH, randomBytes),
  };
}

/**
 * Formats a key as `keysmith_<key ID>-<secret><checksum>`. Every version of the W&B SDK accepts 40 characters after a single
 * hyphen.
 */
export function formatApiKey({ keyId, secret }: ApiKeyParts): string {
  const checked = `keysmith_${keyId}-${secret}`;
  return `${checked}${checksumOf(checked)}`;
}

/**
 * Parses a key. Returns undefined if the shape or the checksum is wrong, so that random text never reaches the database.
 * Doesn't check that the key exists.
 */
export function parseApiKey(text: string): ApiKeyParts | undefined {
  const match = WHOLE_KEY.exec(text);
  const [, keyId, secret, checksum] = match ?? [];
  if (keyId === undefined || secret === undefined) return undefined;
  return checksum === checksumOf(`keysmith_${keyId}-${secret}`) ? { keyId, secret } : undefined;
}

/**
 * Returns the stored hash of a key's secret: hexadecimal HMAC-SHA-256 (RFC 2104) under the organization's pepper. The pepper is
 * a `KeyObject`, as Node would import its bytes at every call, which takes longer than the HMAC.
 */
export function hashApiKeySecret(secret: string, pepper: KeyObject): string {
  return createHmac('sha256', pepper).update(secret, 'utf8').digest('hex');
}

function checksumOf(text: string): string {
  return encodeBase62(crc32(text), CHECKSUM_LENGTH);
}
