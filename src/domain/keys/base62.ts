const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/** The largest multiple of 62 in a byte. Bytes from here on are discarded so that every digit is equally likely. */
const LIMIT = 248;

/**
 * Draws `length` base62 characters, each equally likely.
 *
 * @param randomBytes a cryptographically secure source
 */
export function drawBase62(length: number, randomBytes: (size: number) => Uint8Array): string {
  let drawn = '';
  while (drawn.length < length) {
    for (const byte of randomBytes(length - drawn.length)) {
      if (byte < LIMIT) drawn += ALPHABET[byte % 62];
    }
  }
  return drawn;
}

/** Encodes a non-negative integer in base62, padded with zeros to `width` characters. */
export function encodeBase62(value: number, width: number): string {
  let rest = value;
  let digits = '';
  while (rest > 0) {
    digits = `${ALPHABET[rest % 62]}${digits}`;
    rest = Math.floor(rest / 62);
  }
  return digits.padStart(width, '0');
}
