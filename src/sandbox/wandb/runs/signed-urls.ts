import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

/** URLs that carry their own right, as those of a cloud bucket do: clients send no credentials to them. */
export interface SignedUrls {
  /** Returns an absolute URL for one method and one stored content, valid for 15 minutes. */
  sign(method: 'GET' | 'PUT', key: string): string;
  verify(method: 'GET' | 'PUT', key: string, query: { expires?: unknown; signature?: unknown }): boolean;
}

const VALID_FOR_MS = 15 * 60_000;

/** The secret is new at each start, so URLs don't survive a restart. */
export function createSignedUrls({ baseUrl, now }: { baseUrl: () => string; now: () => number }): SignedUrls {
  const secret = randomBytes(32);
  const signatureOf = (method: string, key: string, expires: string) =>
    createHmac('sha256', secret).update(`${method}\n${expires}\n${key}`).digest('base64url');
  return {
    sign(method, key) {
      const expires = String(now() + VALID_FOR_MS);
      const path = key.split('/').map(encodeURIComponent).join('/');
      return `${baseUrl()}/storage/${path}?expires=${expires}&signature=${signatureOf(method, key, expires)}`;
    },
    verify(method, key, { expires, signature }) {
      if (typeof expires !== 'string' || typeof signature !== 'string') return false;
      if (!(Number(expires) > now())) return false;
      const expected = Buffer.from(signatureOf(method, key, expires));
      const given = Buffer.from(signature);
      return given.length === expected.length && timingSafeEqual(given, expected);
    },
  };
}
