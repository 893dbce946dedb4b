const TAG_LENGTH = 13;
/** RFC 4648 in lowercase. */
const BASE32 = 'abcdefghijklmnopqrstuvwxyz234567';

/** Returns a random tag of 65 bits: 13 base32 characters. */
export function drawTag(randomBytes: (size: number) => Uint8Array): string {
  return Array.from(randomBytes(TAG_LENGTH), (byte) => BASE32[byte % BASE32.length]).join('');
}

/** Returns the name of an account on the W&B server: the plain name and a tag, which shows that the account is Keysmith's. */
export function serverName(name: string, tag: string): string {
  return `${name}-ks${tag}`;
}
