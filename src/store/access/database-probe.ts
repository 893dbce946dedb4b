import type Database from 'better-sqlite3';
import { StoreUnavailableError } from '../../application/ports/store.ts';
import type { DatabaseAccess } from './database-access.ts';

/** Anyone can ask whether Keysmith is ready, and each probe is a write. */
const WRITE_EVERY_MS = 2_000;
/** A backup or a checkpoint holds the lock for less, and the writes that wait meanwhile succeed. */
const LOCKED_FOR_LONG_MS = 5_000;

/**
 * Returns a function that rejects while the database can't be read, or can't be written: a read-only file, a full disk, a
 * lock that another program has held for long. It reads at every call, writes at most every two seconds, and never waits
 * for a lock.
 *
 * @param monotonicMs a clock that never steps back
 */
export function createDatabaseProbe(
  client: Database.Database,
  access: DatabaseAccess,
  monotonicMs: () => number = () => performance.now(),
): () => Promise<void> {
  let startedAtMs = Number.NEGATIVE_INFINITY;
  let isWaiting = false;
  let failure: unknown;
  /** When the first of the probes started that haven't got the lock. */
  let lockedSinceMs: number | undefined;
  const end = (error: unknown) => {
    isWaiting = false;
    if (error instanceof StoreUnavailableError && error.fault === 'locked') return;
    failure = error;
    lockedSinceMs = undefined;
  };
  return async () => {
    await access.read(() => void client.prepare('SELECT 1 FROM database_identity').get());
    const nowMs = monotonicMs();
    if (!isWaiting && nowMs - startedAtMs >= WRITE_EVERY_MS) {
      isWaiting = true;
      startedAtMs = nowMs;
      lockedSinceMs ??= nowMs;
      void access.write(() => writePage(client)).then(() => end(undefined), end);
    }
    // Unless it waits for a lock, the write has ended by then.
    await new Promise((resolve) => setImmediate(resolve));
    if (failure !== undefined) throw failure;
    if (lockedSinceMs !== undefined && monotonicMs() - lockedSinceMs >= LOCKED_FOR_LONG_MS) {
      const cause = new Error('Another program has held the write lock for at least five seconds.');
      throw new StoreUnavailableError('locked', { cause });
    }
  };
}

/** Writes one page, because SQLite skips writing a row that doesn't change. Nothing else uses `user_version`. */
function writePage(client: Database.Database): void {
  const version = Number(client.pragma('user_version', { simple: true }));
  client.pragma(`user_version = ${version === 0 ? 1 : 0}`);
}
