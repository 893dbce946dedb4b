/** One `@`; a domain of labels (RFC 1035, 2.3.1) of at most 253 characters. */
const PLAIN_ADDRESS =
  /^[\x21-\x3f\x41-\x7e]{1,64}@(?=.{1,253}$)[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?)*$/;

/**
 * An address as it is compared: lower case, ASCII only. Undefined for what is no plain address; characters beyond ASCII
 * are refused, since some of them become ASCII letters in lower case (the Kelvin sign becomes `k`).
 */
export function normalizeEmailAddress(text: string): string | undefined {
  const address = text.trim();
  return PLAIN_ADDRESS.test(address) ? address.toLowerCase() : undefined;
}
