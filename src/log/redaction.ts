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
  // JWTs and JWEs.
  /(?:(?<![0-9A-Za-z])|(?<=\\[bfnrt]|\\u[0-9a-fA-F]{4}))eyJ[\w-]{8,512}\.[\w-]*\.[\w-]*(?:\.[\w-]*){0,2}/g,
  new RegExp(String.raw`${START}(Bearer|Basic) +[\w.~+/=-]{8,}`, 'gi'),
];

const PLACEHOLDER = '[redacted]';

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
    return redacted;
  };
}
