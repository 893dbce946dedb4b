import { realpathSync, type Stats, statSync } from 'node:fs';
import type Database from 'better-sqlite3';
import { StoreUnavailableError } from '../../application/ports/store.ts';
import { DatabaseRefusedError } from '../database/refusal.ts';

/**
 * Notices that the database's files were deleted, moved, replaced or overwritten while they are open. SQLite itself would
 * go on with files that no longer have a name, and everything it writes would be lost. From the first such finding on, every
 * check throws {@link StoreUnavailableError}: only a restart opens the right file.
 */
export interface FileGuard {
  /** Looks at the main file only, and at most once per turn of the event loop, as a verification takes microseconds. */
  beforeRead(): void;
  /** Looks at all files, and whether the audit record has become shorter. */
  beforeWrite(): void;
  /** Throws if the files changed while the write was under way: what it wrote is lost then. */
  afterWrite(): void;
}

interface FileGuardLogger {
  error(details: object, message: string): void;
}

type Change = 'replaced' | 'damaged';

/** Creates a guard for an open database in WAL mode whose migrations were applied. A database in memory needs none. */
export function createFileGuard(client: Database.Database, logger?: FileGuardLogger): FileGuard {
  if (client.memory) return { beforeRead() {}, beforeWrite() {}, afterWrite() {} };
  const files = watchFiles(client.name);
  const history = createHistory(client);
  let fault: StoreUnavailableError | undefined;
  let isCheckedThisTurn = false;
  const fail = (change: Change) => {
    fault = new StoreUnavailableError(change, { cause: new DatabaseRefusedError(change, client.name) });
    logger?.error({ err: fault }, 'database file changed, nothing is read or written until a restart');
    return fault;
  };
  /** Returns whether someone wrote to the main file since the last look. */
  const look = (which: 'main' | 'all') => {
    if (fault !== undefined) throw fault;
    const { change, isWritten } = files.look(which);
    if (change !== undefined) throw fail(change);
    return isWritten;
  };
  const check = (which: 'main' | 'all') => {
    const isWritten = look(which);
    // Another process made a checkpoint, or copied a file over this one, which the pages in memory would hide.
    if (isWritten) client.pragma('shrink_memory');
    if ((isWritten || which === 'all') && history.isOlder()) throw fail('replaced');
  };
  return {
    beforeRead() {
      if (isCheckedThisTurn) return;
      check('main');
      isCheckedThisTurn = true;
      setImmediate(() => {
        isCheckedThisTurn = false;
      });
    },
    beforeWrite: () => check('all'),
    afterWrite() {
      // Finds nothing in the main file but the checkpoint of this very write.
      look('all');
      history.remember();
    },
  };
}

/** The audit record only grows, so a database with a shorter record than before is a restored backup. */
function createHistory(client: Database.Database) {
  let newestEvent: Database.Statement | undefined;
  const readNewest = () => {
    newestEvent ??= client.prepare('SELECT max(rowid) FROM audit_events').pluck();
    return Number(newestEvent.get() ?? 0);
  };
  let newestSeen = 0;
  return {
    isOlder() {
      const newest = readNewest();
      if (newest < newestSeen) return true;
      newestSeen = newest;
      return false;
    },
    /** Never throws: the write that it follows has been committed. */
    remember() {
      try {
        newestSeen = Math.max(newestSeen, readNewest());
      } catch {
        // The next write reads it again.
      }
    },
  };
}

/**
 * Compares the files that were opened with the files that have their names now, only by their attributes: opening and closing a
 * file would drop all locks of this process on it (sqlite.org/howtocorrupt.html, 2.2).
 */
function watchFiles(file: string): { look(which: 'main' | 'all'): { change?: Change; isWritten: boolean } } {
  const opened = readAttributes(file);
  // SQLite names the files beside a database after what a symbolic link leads to.
  const target = realpathSync(file);
  const beside = [`${target}-wal`, `${target}-shm`].map((path) => ({ path, opened: readAttributes(path) }));
  let last = opened;
  return {
    look(which) {
      const now = readAttributes(file);
      const isMoved =
        which === 'all' &&
        beside.some((one) => one.opened !== undefined && !isSameFile(readAttributes(one.path), one.opened));
      if (isMoved || now === undefined || !isSameFile(now, opened)) {
        return { change: 'replaced', isWritten: false };
      }
      if (now.size === 0) return { change: 'damaged', isWritten: true };
      const isWritten = now.size !== last?.size || now.mtimeMs !== last.mtimeMs;
      last = now;
      return { isWritten };
    },
  };
}

type FileAttributes = Pick<Stats, 'dev' | 'ino' | 'size' | 'mtimeMs'>;

/** Returns undefined if no file has this name, also if its folder is gone. */
function readAttributes(path: string): FileAttributes | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch (error) {
    throw new StoreUnavailableError('unreadable', { cause: error });
  }
}

function isSameFile(one: FileAttributes | undefined, other: FileAttributes | undefined): boolean {
  return one?.ino === other?.ino && one?.dev === other?.dev;
}
