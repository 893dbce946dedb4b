import { LRUCache } from 'lru-cache';
import type { Logger } from 'pino';
import { withoutCredentials } from '../../domain/keys/pasted-credential.ts';
import type { CredentialUse } from '../ports/authority-store.ts';
import type { Clock } from '../ports/clock.ts';
import { type Store, StoreUnavailableError } from '../ports/store.ts';

/** Collects uses of credentials in memory and writes the newest of each in batches. */
export interface LastUses {
  /** Replaces the previous use of the same credential. */
  note(use: CredentialUse): void;
  /** Writes the collected uses, and keeps them for the next time when the database is unavailable. Never rejects. */
  flush(): Promise<void>;
  /** The number of uses that aren't written yet. */
  readonly waiting: number;
}

export interface LastUsesDependencies {
  store: Pick<Store, 'recordUses'>;
  now: Clock['now'];
  logger: Logger;
  /** The most uses in memory. At this number they are written early; if that fails, the oldest are dropped. */
  maxWaiting?: number;
}

const MAX_WAITING = 10_000;
/** Bounds how long one write blocks the process: SQLite writes are synchronous. */
const BATCH_SIZE = 500;
const USER_AGENT_LENGTH = 200;

/** Uses by key ID, or by account for access tokens. */
type Waiting = LRUCache<string, CredentialUse>;

/** Call `flush` at least once a minute, and before the process exits. */
export function createLastUses(dependencies: LastUsesDependencies): LastUses {
  const { maxWaiting = MAX_WAITING } = dependencies;
  const waiting: Waiting = new LRUCache({
    // Unlike `max`, doesn't reserve the memory for all of them at the start.
    maxSize: maxWaiting,
    sizeCalculation: () => 1,
  });
  let lastFlush: Promise<void> = Promise.resolve();
  let canWrite = true;
  let isFlushingEarly = false;
  const flush = () => {
    lastFlush = lastFlush.then(async () => {
      canWrite = await writeAll(dependencies, waiting);
    });
    return lastFlush;
  };
  const flushEarly = async () => {
    // An unavailable database isn't asked again with every request.
    if (isFlushingEarly || !canWrite) return;
    isFlushingEarly = true;
    await flush();
    isFlushingEarly = false;
  };
  return {
    note(use) {
      waiting.set(idOf(use), { ...use, userAgent: use.userAgent?.slice(0, 2 * USER_AGENT_LENGTH) });
      if (waiting.size >= maxWaiting) void flushEarly();
    },
    flush,
    get waiting() {
      return waiting.size;
    },
  };
}

function idOf({ keyId, accountId }: CredentialUse): string {
  return keyId ?? `account ${accountId}`;
}

/** Removes what was written, unless a newer use arrived meanwhile. Returns false when the database is unavailable. */
async function writeAll({ store, now, logger }: LastUsesDependencies, waiting: Waiting): Promise<boolean> {
  const oldestFirst = [...waiting.rvalues()].filter((use) => use !== undefined);
  for (let start = 0; start < oldestFirst.length; start += BATCH_SIZE) {
    const batch = oldestFirst.slice(start, start + BATCH_SIZE);
    try {
      const uses = batch.map((use) => ({ ...use, userAgent: cleanUserAgent(use.userAgent) }));
      await store.recordUses(uses, now());
    } catch (error) {
      if (error instanceof StoreUnavailableError) {
        logger.warn({ err: error, waiting: waiting.size }, 'last uses not written, retrying later');
        return false;
      }
      // A retry would fail the same way and block every later use.
      logger.error({ err: error, lost: batch.length }, 'last uses lost');
    }
    for (const use of batch) if (waiting.peek(idOf(use)) === use) waiting.delete(idOf(use));
  }
  return true;
}

/** Returns a user agent that is safe to show: bounded, without invisible characters or a key sent in the wrong header. */
export function cleanUserAgent(userAgent: string | undefined): string | undefined {
  const visible = userAgent
    ?.slice(0, 2 * USER_AGENT_LENGTH)
    .toWellFormed()
    .replace(/[\p{Cc}\p{Cf}\p{Co}\p{Cs}\p{Zl}\p{Zp}]/gu, '');
  const clean = withoutCredentials(visible ?? '')
    .trim()
    .slice(0, USER_AGENT_LENGTH)
    .toWellFormed();
  return clean === '' ? undefined : clean;
}
