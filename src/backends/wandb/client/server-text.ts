import type { Secret } from '../../../domain/keys/secret.ts';

/** Makes text from a server safe for log lines and messages to people. */
export interface TextCleaner {
  /** Removes secrets and invisible characters, and truncates to 300 characters. */
  message(text: string): string;
  /** Returns undefined for text that isn't a host name, or that contains the API key. */
  host(text: string): string | undefined;
}

const MAX_LENGTH = 300;
const MAX_READ = 10_000;
const MAX_HOST_LENGTH = 261;
const PLACEHOLDER = '[redacted]';
/** The look-behind keeps a long word from being tried at each of its characters. */
const LAST_WORD = /(?<!\S)\S*$/;
const LONG_WORD = /[\w+/=~-]{20,}/g;

/** @param apiKey the key that Keysmith calls the server with; removed verbatim and encoded, whatever its format */
export function createTextCleaner(apiKey: Secret): TextCleaner {
  const key = apiKey.reveal();
  const basic = Buffer.from(`api:${key}`).toString('base64').replace(/=+$/, '');
  const secrets = [key, encodeURIComponent(key), basic].filter((secret) => secret !== '');
  return {
    message: (text) => {
      let cleaned = truncatedToWords(text)
        .replace(/\p{Cf}/gu, '')
        .replace(/[\p{C}\s]+/gu, ' ');
      for (const secret of secrets) cleaned = cleaned.replaceAll(secret, PLACEHOLDER);
      cleaned = cleaned.replace(LONG_WORD, redactedWord).trim();
      return cleaned.length <= MAX_LENGTH ? cleaned : `${cleaned.slice(0, MAX_LENGTH - 1)}…`;
    },
    host: (text) => {
      if (text === '' || text.length > MAX_HOST_LENGTH) return undefined;
      return secrets.some((secret) => text.includes(secret.toLowerCase())) ? undefined : text;
    },
  };
}

/** Keys, tokens and their base64 have a digit or a capital letter; names made of words don't need to be redacted. */
function redactedWord(word: string): string {
  return /[0-9A-Z]/.test(word) ? PLACEHOLDER : word;
}

/** Drops the last word of a truncated text: it may be part of a secret, which the exact comparison would miss. */
function truncatedToWords(text: string): string {
  if (text.length <= MAX_READ) return text;
  const beginning = text.slice(0, MAX_READ);
  return beginning.slice(0, beginning.search(LAST_WORD));
}
