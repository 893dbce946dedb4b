import { API_KEY_START, parseApiKey } from './api-key.ts';

/** Separators that copying, a phone or an editor puts into a key, and that nobody sees. */
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Co}\p{Cs}\p{Default_Ignorable_Code_Point}]/gu;
const DASHES = /[‐‑‒–—―−﹣]/g;

/** JWTs (RFC 7519): both the header and the claims are JSON objects. Within a word, a bound keeps the time linear. */
export const JWT_PATTERN = /(?:(?<![\w-])eyJ[\w-]{8,}|eyJ[\w-]{8,512})\.eyJ[\w-]{8,}\.[\w-]{8,}/g;

/**
 * Shapes of credentials that are long and random, so that no word, name or path has one. A commit's hash looks like an old key of
 * W&B, so 40 hexadecimal digits need the prefix that W&B shows before them, or the name of the variable.
 */
const SHAPES: readonly RegExp[] = [
  // Also a truncated key, as fields end at their maximum length.
  new RegExp(`${API_KEY_START}[0-9a-z]{16,40}`, 'gi'),
  // The digit tells it from a name such as wandb_v1_migration_of_all_runs.
  /wandb_v\d+_(?=[\w-]{0,76}\d)[\w-]{20,}/gi,
  /local[a-z-]{0,20}-[0-9a-f]{40}/gi,
  /wandb_api_key\W{1,4}[0-9a-f]{40}/gi,
  // Slack's tokens, whose parts after the first hyphen start with a digit. Names may contain "xapp-2", as linuxapp-2026-nightly does.
  /(?:xox[a-z]|(?<![a-z])x(?:app|wfp))(?:\.x[a-z]+)?-\d[\w-]{10,}/gi,
  // GitHub's and GitLab's.
  /(?:gh[pousr]_\w|github_pat_[0-9a-z])[0-9a-z]{21}\w*/gi,
  /glpat-[\w-]{20,}/gi,
  JWT_PATTERN,
];

/** Of the texts that these shapes match: a Slack token. */
const SHORTEST_LENGTH = 16;

/** Spaces, line breaks, and the markup that editors and chats put around the lines of a text. */
const SEPARATORS = /[^\w-]/g;
/** A whole key. The digit tells it from a sentence whose spaces were removed. */
const SEPARATED_KEY = new RegExp(`${API_KEY_START}(?=[0-9a-z]{0,39}\\d)[0-9a-z]{40}`, 'i');
/** A key without its prefix. Begins with the hyphen, which is rarer than letters. */
const UNPREFIXED_KEY = /-(?<=([0-9A-Za-z]{12})-)([0-9A-Za-z]{40})/g;

/**
 * Returns whether text contains an API key of Keysmith, or a key or token of W&B, Slack, GitHub or GitLab, or a JWT: also in other
 * letter cases, in full-width letters, and with invisible characters, spaces, line breaks or markup inside. Doesn't check that it is valid:
 * a mistyped key is nearly a key. Only a key without its prefix needs its checksum, since much other text looks like it.
 */
export function containsCredential(text: string): boolean {
  const plain = plainText(text);
  if (plain.length < SHORTEST_LENGTH) return false;
  if (SHAPES.some((shape) => plain.search(shape) >= 0)) return true;
  for (const [, keyId, rest] of plain.matchAll(UNPREFIXED_KEY)) {
    if (parseApiKey(`keysmith_${keyId}-${rest}`) !== undefined) return true;
  }
  return plain.includes('_') && SEPARATED_KEY.test(plain.replace(SEPARATORS, ''));
}

/** Replaces credentials with `[key]`, in text that a program sent and nobody can correct. */
export function withoutCredentials(text: string): string {
  if (!containsCredential(text)) return text;
  const redacted = SHAPES.reduce((rest, shape) => rest.replace(shape, '[key]'), plainText(text));
  return containsCredential(redacted) ? '[key]' : redacted;
}

/** Text that normalization doesn't change. Skipping it saves the work for the user agent of every request. */
const PLAIN = /^[\x20-\x7e]*$/;

function plainText(text: string): string {
  if (PLAIN.test(text)) return text;
  return text.normalize('NFKC').replace(INVISIBLE, '').replace(DASHES, '-');
}
