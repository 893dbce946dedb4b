import { LRUCache } from 'lru-cache';
import type { Logger } from 'pino';
import type { CredentialUse } from '../ports/authority-store.ts';
import type { Store } from '../ports/store.ts';
import { cleanUserAgent } from './last-uses.ts';

/** Notices uses of keys that have ended. */
export interface LateUses {
  note(keyId: string, from: Pick<CredentialUse, 'address' | 'userAgent'>): void;
}

/** The most keys in memory. Beyond it, the oldest may be looked up again. */
const MAX_KEYS = 10_000;
/** How long a key isn't looked up again. */
const SILENT_MS = 60 * 60_000;

/**
 * Notifies the contact when the old key of a finished rotation is used, once for each rotation. Only for keys whose secret was right:
 * otherwise anyone could have messages sent. A key is looked up once an hour at most, and no request waits for it.
 */
export function createLateUses({
  store,
  now,
  monotonicMs,
  logger,
}: {
  store: Pick<Store, 'queueLateUse'>;
  now: () => number;
  monotonicMs: () => number;
  logger: Logger;
}): LateUses {
  /** When each key was looked up, on the monotonic clock. */
  const lookedUp = new LRUCache<string, number>({ maxSize: MAX_KEYS, sizeCalculation: () => 1 });
  return {
    note(keyId, { address, userAgent }) {
      const lastMs = lookedUp.get(keyId);
      if (lastMs !== undefined && monotonicMs() - lastMs < SILENT_MS) return;
      lookedUp.set(keyId, monotonicMs());
      const use = { keyId, atMs: now(), address, userAgent: cleanUserAgent(userAgent) };
      store.queueLateUse(use).then(
        (notified) => {
          if (notified.length > 0) logger.warn({ keyId }, 'old key used after its rotation');
        },
        (error: unknown) => logger.error({ err: error, keyId }, 'late use not queued'),
      );
    },
  };
}
