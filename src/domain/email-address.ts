/**
 * An address as it is compared: lower case, ASCII only. Undefined for what is no plain address; characters beyond ASCII
 * are refused, since some of them become ASCII letters in lower case (the Kelvin sign becomes `k`).
 */
export function normalizeEmailAddress(text: string): string | undefined {
  const address = text.trim();
  return /^[\x21-\x7e]{1,64}@[A-Za-z0-9.-]{1,253}$/.test(address) ? address.toLowerCase() : undefined;
}
