import { createHash } from 'node:crypto';

/** The content of a file that a client uploaded. */
export interface StoredContent {
  /** Where it is stored: `run/ml-platform/demo/abc/config.yaml`. */
  key: string;
  bytes: Buffer;
  /** Base64, as artifacts name it. */
  md5: string;
  mimetype: string;
  updatedAtMs: number;
}

export interface StoredContents {
  get(key: string): StoredContent | undefined;
  /** Returns false for a content that is too large to be kept. */
  put(content: Pick<StoredContent, 'key' | 'bytes' | 'mimetype' | 'updatedAtMs'>): boolean;
  delete(key: string): void;
  /** All keys that begin with the prefix. */
  keys(prefix: string): string[];
  /** Calls the listener with the key of each content that was stored or removed. */
  onChange(listener: (key: string) => void): void;
}

/** Keeps contents in memory; when `maxBytes` is reached, the oldest one makes room. */
export function createStoredContents(limits: {
  maxBytes: number;
  maxContentBytes: number;
  maxContents: number;
}): StoredContents {
  const contents = new Map<string, StoredContent>();
  const listeners: ((key: string) => void)[] = [];
  let total = 0;
  const remove = (key: string) => {
    const old = contents.get(key);
    if (!old) return;
    total -= old.bytes.length;
    contents.delete(key);
    for (const listener of listeners) listener(key);
  };
  return {
    get: (key) => contents.get(key),
    put({ key, bytes, mimetype, updatedAtMs }) {
      remove(key);
      if (bytes.length > limits.maxContentBytes) return false;
      const md5 = createHash('md5').update(bytes).digest('base64');
      contents.set(key, { key, bytes, md5, mimetype, updatedAtMs });
      total += bytes.length;
      for (const oldest of contents.keys()) {
        if (total <= limits.maxBytes && contents.size <= limits.maxContents) break;
        if (oldest !== key) remove(oldest);
      }
      for (const listener of listeners) listener(key);
      return true;
    },
    delete: remove,
    keys: (prefix) => [...contents.keys()].filter((key) => key.startsWith(prefix)),
    onChange: (listener) => void listeners.push(listener),
  };
}
