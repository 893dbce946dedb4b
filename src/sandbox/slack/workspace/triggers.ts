import { randomBytes, randomInt } from 'node:crypto';
import type { StoredMessage } from './conversation-log.ts';

const triggerValidForMs = 3000;
const responseUrlValidForMs = 30 * 60 * 1000;
const maximumResponseUrlUses = 5;

interface Trigger {
  personId: string;
  /** The view in which the interaction happened; only such a trigger can push. */
  viewId?: string;
}

type TriggerUse =
  | { ok: true; trigger: Trigger }
  | {
      ok: false;
      error: 'invalid_trigger_id' | 'expired_trigger_id' | 'exchanged_trigger_id';
    };

/** `trigger_id`s, which are valid for 3 seconds and one use. */
export interface Triggers {
  issue(trigger: Trigger): string;
  use(triggerId: string): TriggerUse;
  /** Returns how many are still valid. */
  usable(): number;
  /** Expires all triggers issued so far. */
  expireAll(): void;
  /** Issues the next trigger already expired. */
  expireNext(): void;
  nextExpires(): boolean;
}

export function createTriggers(now: () => number): Triggers {
  const issued = new Map<string, Trigger & { expiresAtMs: number; used: boolean }>();
  let nextExpires = false;
  return {
    issue(trigger) {
      const id = `${randomInt(1e12)}.${randomInt(1e12)}.${randomBytes(16).toString('hex')}`;
      issued.set(id, { ...trigger, expiresAtMs: now() + (nextExpires ? 0 : triggerValidForMs), used: false });
      nextExpires = false;
      return id;
    },
    use(triggerId) {
      const trigger = issued.get(triggerId);
      if (!trigger) return { ok: false, error: 'invalid_trigger_id' };
      if (trigger.used) return { ok: false, error: 'exchanged_trigger_id' };
      if (now() >= trigger.expiresAtMs) return { ok: false, error: 'expired_trigger_id' };
      trigger.used = true;
      return { ok: true, trigger };
    },
    usable: () => [...issued.values()].filter(({ used, expiresAtMs }) => !used && now() < expiresAtMs).length,
    expireAll() {
      for (const trigger of issued.values()) trigger.expiresAtMs = Math.min(trigger.expiresAtMs, now());
    },
    expireNext: () => {
      nextExpires = true;
    },
    nextExpires: () => nextExpires,
  };
}

export interface ResponseUrl {
  conversation: string;
  personId: string;
  /** The message whose element was used; absent for a command. */
  original?: StoredMessage;
}

type ResponseUrlLookup =
  | { ok: true; url: ResponseUrl; use(): void }
  | { ok: false; error: 'expired_url' | 'used_url' | 'invalid_url' };

/** `response_url`s, which are valid for 30 minutes and five uses. */
export interface ResponseUrls {
  issue(kind: 'commands' | 'actions' | 'app', url: ResponseUrl): string;
  /** Finds a response URL by its path on this server. Only a call of `use` counts as a use. */
  find(path: string): ResponseUrlLookup;
  /** Returns how many are still valid. */
  usable(): number;
  /** Expires all response URLs issued so far. */
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
      issued.set(path, { url, expiresAtMs: parts.now() + responseUrlValidForMs, uses: 0 });
      return parts.origin() + path;
    },
    find(path) {
      const entry = issued.get(path);
      if (!entry) return { ok: false, error: 'invalid_url' };
      if (parts.now() >= entry.expiresAtMs) return { ok: false, error: 'expired_url' };
      if (entry.uses >= maximumResponseUrlUses) return { ok: false, error: 'used_url' };
      return { ok: true, url: entry.url, use: () => void entry.uses++ };
    },
    usable: () => {
      const isUsable = ({ uses, expiresAtMs }: { uses: number; expiresAtMs: number }) =>
        uses < maximumResponseUrlUses && parts.now() < expiresAtMs;
      return [...issued.values()].filter(isUsable).length;
    },
    expireAll() {
      for (const entry of issued.values()) entry.expiresAtMs = Math.min(entry.expiresAtMs, parts.now());
    },
  };
}
