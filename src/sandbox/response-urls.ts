import { randomBytes, randomInt } from 'node:crypto';
import type { StoredMessage } from './conversation-log.ts';

const validForMs = 30 * 60 * 1000;
const maximumUses = 5;

export interface ResponseUrl {
  conversation: string;
  personId: string;
  /** The message whose element was used; absent for a command. */
  original?: StoredMessage;
}

type ResponseUrlLookup =
  | { ok: true; url: ResponseUrl; use(): void }
  | { ok: false; error: 'expired_url' | 'used_url' | 'invalid_url' };

/** `response_url`s: 5 uses in 30 minutes. */
export interface ResponseUrls {
  issue(kind: 'commands' | 'actions' | 'app', url: ResponseUrl): string;
  /** `path`: the URL's path on this server. Counts as a use only when `use` is called. */
  find(path: string): ResponseUrlLookup;
  /** How many could still be used. */
  usable(): number;
  /** Those issued so far. */
  expireAll(): void;
}

export function createResponseUrls(parts: {
  now: () => number;
  origin: () => string;
  teamId: string;
}): ResponseUrls {
  const issued = new Map<string, { url: ResponseUrl; expiresAtMs: number; uses: number }>();
  return {
    issue(kind, url) {
      const path = `/${kind}/${parts.teamId}/${randomInt(1e12)}/${randomBytes(18).toString('base64url')}`;
      issued.set(path, { url, expiresAtMs: parts.now() + validForMs, uses: 0 });
      return parts.origin() + path;
    },
    find(path) {
      const entry = issued.get(path);
      if (!entry) return { ok: false, error: 'invalid_url' };
      if (parts.now() >= entry.expiresAtMs) return { ok: false, error: 'expired_url' };
      if (entry.uses >= maximumUses) return { ok: false, error: 'used_url' };
      return { ok: true, url: entry.url, use: () => void entry.uses++ };
    },
    usable: () => {
      const isUsable = ({ uses, expiresAtMs }: { uses: number; expiresAtMs: number }) =>
        uses < maximumUses && parts.now() < expiresAtMs;
      return [...issued.values()].filter(isUsable).length;
    },
    expireAll() {
      for (const entry of issued.values()) entry.expiresAtMs = Math.min(entry.expiresAtMs, parts.now());
    },
  };
}
