import type { Secret } from '../../domain/secret.ts';

/** Makes what a server says fit for a log line and a person. */
export interface TextCleaner {
  /** Without secrets and invisible characters, at most 300 characters. */
  message(text: string): string;
  /** Undefined for a host that is none, or that has the API key in it. */
  host(text: string): string | undefined;
}

const MAX_LENGTH = 300;
const MAX_READ = 10_000;
const MAX_HOST_LENGTH = 261;
const PLACEHOLDER = '[redacted]';
/** Looked behind, so that no other place of a long word is tried. */
const LAST_WORD = /(?<!\S)\S*$/;
const LONG_WORD = /[\w+/=~-]{20,}/g;

/** @param apiKey the key that the server is called with; taken out letter for letter, whatever its shape */
export function createTextCleaner(apiKey: Secret): TextCleaner {
  const key = apiKey.reveal();
  const basic = Buffer.from(`api:${key}`).toString('base64').replace(/=+$/, '');
  const exact = [key, encodeURIComponent(key), basic].filter((secret) => secret !== '');
  return {
    message: (text) => {
      let cleaned = whole(text)
        .replace(/\p{Cf}/gu, '')
        .replace(/[\p{C}\s]+/gu, ' ');
      for (const secret of exact) cleaned = cleaned.replaceAll(secret, PLACEHOLDER);
      cleaned = cleaned.replace(LONG_WORD, withoutSecret).trim();
      return cleaned.length <= MAX_LENGTH ? cleaned : `${cleaned.slice(0, MAX_LENGTH - 1)}…`;
    },
    host: (text) => {
      if (text === '' || text.length > MAX_HOST_LENGTH) return undefined;
      return exact.some((secret) => text.includes(secret.toLowerCase())) ? undefined : text;
    },
  };
}

/** Keys, tokens and their base64 have a digit or a capital letter in them; names made of words stay. */
function withoutSecret(word: string): string {
  return /[0-9A-Z]/.test(word) ? PLACEHOLDER : word;
}

/** The beginning of a long text, without a last word that the cut may have made a part of a secret. */
function whole(text: string): string {
  if (text.length <= MAX_READ) return text;
  const beginning = text.slice(0, MAX_READ);
  return beginning.slice(0, beginning.search(LAST_WORD));
}
