import { withoutCredentials } from './pasted-credential.ts';

const MAX_LENGTH = 300;

/**
 * Returns where a key was found, for people and the audit record: the URL without user name, query and fragment, or the kind of
 * place. Bounded, on one line, and without credentials. Anyone who publishes a key chooses its URL.
 */
export function leakPlace(url: string, source: string): string {
  const shown = readableUrl(url) ?? (readableText(source).replaceAll('_', ' ') || 'an unknown place');
  return withoutCredentials(shown).slice(0, MAX_LENGTH).toWellFormed();
}

function readableUrl(url: string): string | undefined {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (parsed === undefined || !['https:', 'http:'].includes(parsed.protocol)) return undefined;
  // Without it, the text is ASCII: hosts and paths are encoded.
  return `${parsed.protocol}//${parsed.host}${parsed.pathname}`;
}

function readableText(text: string): string {
  return text
    .slice(0, MAX_LENGTH)
    .replace(/[^\w .-]+/g, ' ')
    .trim();
}
