import type { Logger } from 'pino';
import { API_KEY_PATTERN } from '../../domain/keys/api-key.ts';
import type { CredentialUse } from '../ports/authority-store.ts';
import { type Store, StoreUnavailableError } from '../ports/store.ts';

/** Gathers uses of credentials in memory, and writes the newest of each in batches. */
export interface LastUses {
  note(use: CredentialUse): void;
  /** Writes what was gathered. Where the database does not take it, it is kept for the next time. Never rejects. */
  flush(): Promise<void>;
  /** Uses that wait to be written. */
  readonly waiting: number;
}

export interface LastUsesDependencies {
  store: Pick<Store, 'recordUses'>;
  logger: Logger;
  /** So many wait at most: then they are written at once, and where that fails the oldest is lost. */
  maxWaiting?: number;
}

const MAX_WAITING = 10_000;
/** A write of SQLite holds the process up. */
const BATCH = 500;
const USER_AGENT_LENGTH = 200;

/** Flush it at least once a minute and at the end. */
export function createLastUses(dependencies: LastUsesDependencies): LastUses {
  const { maxWaiting = MAX_WAITING } = dependencies;
  /** By key, else by account; the longest unused first. */
  const waiting = new Map<string, CredentialUse>();
  let last: Promise<void> = Promise.resolve();
  let canWrite = true;
  let isFlushingEarly = false;
  const flush = () => {
    last = last.then(async () => {
      canWrite = await writeAll(dependencies, waiting);
    });
    return last;
  };
  const flushEarly = async () => {
    // A database that takes nothing is not asked again with every request.
    if (isFlushingEarly || !canWrite) return;
    isFlushingEarly = true;
    await flush();
    isFlushingEarly = false;
  };
  return {
    note(use) {
      const id = use.keyId ?? `account ${use.accountId}`;
      const before = waiting.get(id);
      if (before !== undefined && before.atMs > use.atMs) return;
      waiting.delete(id);
      waiting.set(id, { ...use, userAgent: cleanUserAgent(use.userAgent) });
      if (waiting.size > maxWaiting) waiting.delete(waiting.keys().next().value ?? '');
      if (waiting.size >= maxWaiting) void flushEarly();
    },
    flush,
    get waiting() {
      return waiting.size;
    },
  };
}

/** Takes out what was written, unless a newer use has come meanwhile. False where the database takes nothing now. */
async function writeAll(
  { store, logger }: LastUsesDependencies,
  waiting: Map<string, CredentialUse>,
): Promise<boolean> {
  const entries = [...waiting];
  for (let start = 0; start < entries.length; start += BATCH) {
    const batch = entries.slice(start, start + BATCH);
    try {
      await store.recordUses(batch.map(([, use]) => use));
    } catch (error) {
      if (error instanceof StoreUnavailableError) {
        logger.warn({ err: error, waiting: waiting.size }, 'last uses could not be written yet');
        return false;
      }
      // It would fail the same way for ever, and everything behind it would wait.
      logger.error({ err: error, lost: batch.length }, 'last uses could not be written');
    }
    for (const [id, use] of batch) if (waiting.get(id) === use) waiting.delete(id);
  }
  return true;
}

/** People read it later: nothing invisible, nothing long, and no key that stood in the wrong header. */
function cleanUserAgent(userAgent: string | undefined): string | undefined {
  const clean = userAgent
    ?.slice(0, 2 * USER_AGENT_LENGTH)
    .toWellFormed()
    .replace(/[\p{Cc}\p{Cf}\p{Co}\p{Cs}\p{Zl}\p{Zp}]/gu, '')
    .replace(new RegExp(API_KEY_PATTERN, 'g'), '[key]')
    .trim()
    .slice(0, USER_AGENT_LENGTH)
    .toWellFormed();
  return clean === '' ? undefined : clean;
}
