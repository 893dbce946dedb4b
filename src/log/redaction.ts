/** What looks like a secret, wherever it stands in a line. */
const SECRET_SHAPES: readonly RegExp[] = [
  /keysmith_[0-9A-Za-z]{12}-[0-9A-Za-z]{1,40}/g,
  // Slack's tokens: xoxb-, xoxp-, xoxe.xoxb-, xapp- …
  /\bx(?:ox[a-z]|app|wfp)(?:\.x[a-z]+)?-[0-9A-Za-z-]{4,}/g,
  // Response URLs end in a secret: whoever has one can post to the conversation.
  /(\/(?:commands|actions|workflows|services|app)\/[TE][0-9A-Z]+\/)[^\s"'\\<>]+/g,
  // Socket Mode's URLs carry a ticket.
  /([?&](?:ticket|token|access_token|app_id)=)[^&\s"'\\]+/g,
  // JWTs and JWEs.
  /\beyJ[\w-]{8,}\.[\w-]*\.[\w-]*(?:\.[\w-]*){0,2}/g,
  /\b(Bearer|Basic) +[\w.~+/=-]{8,}/gi,
];

const PLACEHOLDER = '[redacted]';

/**
 * Takes secrets out of a line of text: the given ones, letter for letter, and whatever has a secret's shape.
 *
 * @param secrets tokens and signing secrets of the settings
 */
export function createRedaction(secrets: readonly string[]): (line: string) => string {
  const exact = secrets.filter((secret) => secret.length >= 8);
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
