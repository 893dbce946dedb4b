import { API_KEY_START } from '../domain/keys/api-key.ts';

/**
 * Returns a function that replaces secrets in a line of JSON or text: the given ones wherever they occur, and everything that
 * has the shape of a key, a token or a response URL. Its time is linear in the length of the line.
 *
 * @param secrets tokens and signing secrets of the settings; those under 8 characters are ignored
 */
export function createRedaction(secrets: readonly string[]): (line: string) => string {
  // Base64 is also written without its padding, and JSON escapes quotes and backslashes.
  const exact = secrets
    .map((secret) => secret.replace(/=+$/, ''))
    .filter((secret) => secret.length >= 8)
    .flatMap((secret) => [...new Set([JSON.stringify(secret).slice(1, -1), secret])]);
  return (line) => {
    let redacted = line;
    for (const secret of exact) redacted = redacted.replaceAll(secret, PLACEHOLDER);
    for (const shape of SECRET_SHAPES) redacted = redactShape(redacted, shape);
    if (redacted.includes('eyJ')) redacted = redactShape(redacted, JOSE_SHAPE);
    return redacted.replace(LONG_RUN, (match: string, before: string | undefined, run: string) =>
      isWandbKey(run) ? `${before ?? ''}${PLACEHOLDER}` : match,
    );
  };
}

const PLACEHOLDER = '[redacted]';

/** In JSON, a word may follow an escape, whose last letter isn't part of the word (`\nxoxb-…`). */
const WORD_START = String.raw`(?:\b|(?<=\\[bfnrt]|\\u[0-9a-fA-F]{4}))`;
/** Also as Slack writes it in JSON (`\/`), as nested JSON escapes that, and as a form encodes it. */
const SLASH = String.raw`(?:\\{0,8}\/|%2F)`;

/**
 * The shapes of secrets. The first group, if any, is kept. Repetitions are bounded or can't overlap, so that no caller can send a
 * line that takes quadratic time.
 */
const SECRET_SHAPES: readonly RegExp[] = [
  new RegExp(`${API_KEY_START}[0-9A-Za-z]{1,40}`, 'g'),
  // Slack's tokens: xoxb-, xoxp-, xoxe.xoxb-, xapp- …
  new RegExp(String.raw`${WORD_START}x(?:ox[a-z]|app|wfp)(?:\.x[a-z]+)?-[0-9A-Za-z-]{4,}`, 'g'),
  // Response URLs end in a secret: anyone who has one can post to the conversation.
  new RegExp(
    String.raw`(${SLASH}(?:commands|actions|workflows|services|app)${SLASH}[TE][0-9A-Z]+${SLASH})(?:[^\s"'\\<>]|\\{1,8}\/)+`,
    'g',
  ),
  // URLs of Socket Mode carry a ticket.
  /((?:[?&]|\\u0026)(?:ticket|token|access_token|app_id)=)[^&\s"'\\]+/g,
  // A user name and password in a URL, also with characters that should have been percent-encoded.
  new RegExp(String.raw`((?::|%3A)${SLASH}{2})[^\s/"'\\<>]{1,256}(?:@|%40)`, 'g'),
  new RegExp(String.raw`${WORD_START}(Bearer|Basic) +[\w.~+/=-]{8,}`, 'gi'),
];

/**
 * JWTs and JWEs, also directly after other characters. The lookahead reads a run once, however often it contains `eyJ`. On
 * lines without `eyJ` it would be the slowest shape, so those skip it.
 */
const JOSE_SHAPE = /(?<![\w-])(?=[\w-]+\.[\w-]*\.)([\w-]*?)eyJ[\w-]{8,}\.[\w-]*\.[\w-]*(?:\.[\w-]*){0,2}/g;

function redactShape(line: string, shape: RegExp): string {
  return line.replace(shape, (match: string, prefix: unknown) =>
    typeof prefix === 'string' && match.startsWith(prefix) ? `${prefix}${PLACEHOLDER}` : PLACEHOLDER,
  );
}

/** A run that is long enough for a W&B key, and before it an escape of JSON, which isn't part of the key. */
const LONG_RUN = /(\\(?:[bfnrt]|u[0-9a-fA-F]{4}))?([\w-]{40,})/g;
const HEX_40 = /^[0-9a-f]{40}$/i;
/** Newer W&B keys start like this. */
const VERSIONED = /^wandb_v\d+_/;
const PREFIXED = /^[^-]+-([\w-]{40,})$/;
/** Random characters contain a long stretch of letters and digits without a hyphen; words, numbers and UUIDs don't. */
const RANDOM_STRETCH = /(?=[A-Za-z_]{0,64}\d)(?=\d{0,64}[A-Za-z_])\w{16,}/;

/**
 * Returns whether a run of word characters and hyphens has the shape of a W&B key: 40 hexadecimal digits, or a prefix, a hyphen
 * and at least 40 characters. Keysmith's own IDs are shorter, and the hashes of the audit record longer.
 */
function isWandbKey(run: string): boolean {
  if (HEX_40.test(run) || VERSIONED.test(run)) return true;
  const [, secret] = PREFIXED.exec(run) ?? [];
  return secret?.split('-').some((stretch) => RANDOM_STRETCH.test(stretch)) ?? false;
}
