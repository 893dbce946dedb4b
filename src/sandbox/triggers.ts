import { randomBytes, randomInt } from 'node:crypto';

const validForMs = 3000;

interface Trigger {
  personId: string;
  /** The view in which the interaction happened: only such a trigger can push. */
  viewId?: string;
}

type TriggerUse =
  | { ok: true; trigger: Trigger }
  | {
      ok: false;
      error: 'invalid_trigger_id' | 'expired_trigger_id' | 'exchanged_trigger_id';
    };

/** `trigger_id`s: valid for 3 s, usable once. */
export interface Triggers {
  issue(trigger: Trigger): string;
  use(triggerId: string): TriggerUse;
  /** How many could still be used. */
  usable(): number;
  /** Those issued so far. */
  expireAll(): void;
  /** The next one will be expired from the start. */
  expireNext(): void;
  nextExpires(): boolean;
}

export function createTriggers(now: () => number): Triggers {
  const issued = new Map<string, Trigger & { expiresAtMs: number; used: boolean }>();
  let nextExpires = false;
  return {
    issue(trigger) {
      const id = `${randomInt(1e12)}.${randomInt(1e12)}.${randomBytes(16).toString('hex')}`;
      issued.set(id, { ...trigger, expiresAtMs: now() + (nextExpires ? 0 : validForMs), used: false });
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
