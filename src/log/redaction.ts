/** A line is JSON: there a word may also follow an escape, whose last letter is none of its own (`\neyJ…`). */
const START = String.raw`(?:\b|(?<=\\[bfnrt]|\\u[0-9a-fA-F]{4}))`;
/** Also as Slack writes it in JSON (`\/`), as JSON within JSON has that, and as it stands in a form. */
const SLASH = String.raw`(?:\\{0,8}\/|%2F)`;

/** What looks like a secret, wherever it stands in a line. Repetitions are bounded or can't overlap: linear in the line. */
const SECRET_SHAPES: readonly RegExp[] = [
  /keysmith_[0-9A-Za-z]{12}-[0-9A-Za-z]{1,40}/g,
  // Slack's tokens: xoxb-, xoxp-, xoxe.xoxb-, xapp- …
  new RegExp(String.raw`${START}x(?:ox[a-z]|app|wfp)(?:\.x[a-z]+)?-[0-9A-Za-z-]{4,}`, 'g'),
  // Response URLs end in a secret: whoever has one can post to the conversation.
  new RegExp(
    String.raw`(${SLASH}(?:commands|actions|workflows|services|app)${SLASH}[TE][0-9A-Z]+${SLASH})(?:[^\s"'\\<>]|\\{1,8}\/)+`,
    'g',
  ),
  // Socket Mode's URLs carry a ticket.
  /((?:[?&]|\\u0026)(?:ticket|token|access_token|app_id)=)[^&\s"'\\]+/g,
  // JWTs and JWEs, also where something stands right before one.
  /eyJ[\w-]{8,512}\.[\w-]*\.[\w-]*(?:\.[\w-]*){0,2}/g,
  new RegExp(String.raw`${START}(Bearer|Basic) +[\w.~+/=-]{8,}`, 'gi'),
];

/** Long enough for a key of W&B; an escape of JSON before it is none of its own. Every run is tried once. */
const LONG_RUN = /(\\(?:[bfnrt]|u[0-9a-fA-F]{4}))?([\w-]{40,})/g;
const HEX_40 = /^[0-9a-f]{40}$/i;
/** The shape of newer ones, whatever comes behind it. */
const VERSIONED = /^wandb_v\d+_/;
const PREFIXED = /^[^-]+-([\w-]{40,})$/;
/** What was drawn at random, and not put together of words, numbers and UUIDs, has a long stretch of both kinds. */
const DRAWN_STRETCH = /(?=[A-Za-z_]{0,64}\d)(?=\d{0,64}[A-Za-z_])\w{16,}/;

const PLACEHOLDER = '[redacted]';

/**
 * Does a run of word characters and hyphens have the shape of a W&B key: 40 hexadecimal digits, or a prefix, a hyphen and
 * 40 characters or more? IDs of our own are shorter, hashes of the record longer.
 */
function isWandbKey(run: string): boolean {
  if (HEX_40.test(run) || VERSIONED.test(run)) return true;
  const [, secret] = PREFIXED.exec(run) ?? [];
  return secret?.split('-').some((stretch) => DRAWN_STRETCH.test(stretch)) ?? false;
}

/**
 * Takes secrets out of a line of text: the given ones, letter for letter, and whatever has a secret's shape.
 *
 * @param secrets tokens and signing secrets of the settings
 */
export function createRedaction(secrets: readonly string[]): (line: string) => string {
  // Base64 is also written without its padding.
  const exact = secrets.map((secret) => secret.replace(/=+$/, '')).filter((secret) => secret.length >= 8);
  return (line) => {
    let redacted = line;
    for (const secret of exact) redacted = redacted.replaceAll(secret, PLACEHOLDER);
    for (const shape of SECRET_SHAPES) {
      redacted = redacted.replace(shape, (match: string, prefix: unknown) =>
        typeof prefix === 'string' && match.startsWith(prefix) ? `${prefix}${PLACEHOLDER}` : PLACEHOLDER,
      );
    }
    return redacted.replace(LONG_RUN, (match: string, before: string | undefined, run: string) =>
      isWandbKey(run) ? `${before ?? ''}${PLACEHOLDER}` : match,
    );
  };
}
