import { API_KEY_START, type ApiKeyParts, parseApiKey } from './api-key.ts';

/** Far more than a person posts in one message. */
export const MAX_KEYS = 20;

const KEY = new RegExp(`${API_KEY_START}[0-9A-Za-z]{40}`, 'g');
/** Separators that copying puts into a key, and that nobody sees. */
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}]/gu;

/**
 * Returns the API keys of Keysmith in texts, each once and at most 20, and whether there are more: text with the shape and the checksum
 * of one. Doesn't check that they exist.
 */
export function findApiKeys(texts: readonly string[]): {
  keys: { key: string; parts: ApiKeyParts }[];
  hasMore: boolean;
} {
  const found = new Map<string, ApiKeyParts>();
  for (const text of texts) {
    for (const [key] of text.replace(INVISIBLE, '').matchAll(KEY)) {
      const parts = parseApiKey(key);
      if (parts !== undefined && found.size <= MAX_KEYS) found.set(key, parts);
    }
  }
  const keys = [...found].slice(0, MAX_KEYS).map(([key, parts]) => ({ key, parts }));
  return { keys, hasMore: found.size > MAX_KEYS };
}

/** Also 40 hexadecimal digits alone: an old key of W&B, or a commit's hash. */
const WANDB_KEY = /wandb_v\d+_(?=[\w-]{0,76}\d)[\w-]{20,}|(?<![0-9a-f])[0-9a-f]{40}(?![0-9a-f])/i;

/** Returns whether a text looks as if it contained an API key of W&B. */
export function mayContainWandbKey(texts: readonly string[]): boolean {
  return texts.some((text) => WANDB_KEY.test(text.replace(INVISIBLE, '')));
}
