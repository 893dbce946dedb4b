import { storeFault, toStoreFault } from '../database/connection.ts';
import type { DiskReserve } from './disk-reserve.ts';
import type { FileGuard } from './file-guard.ts';

/** Runs units of work on one connection. Neither method ever blocks the process to wait for another's lock. */
export interface DatabaseAccess {
  /** Runs a unit that only reads. In WAL mode it needs no lock, apart from the moment when a database is recovered. */
  read<Result>(work: () => Result): Promise<Result>;
  /**
   * Runs a unit that writes: at once if the database is free, else in the order of the calls, once it is. `work` must be one
   * transaction, as it is repeated after a conflict.
   */
  write<Result>(work: () => Result, options?: WriteOptions): Promise<Result>;
}

interface WriteOptions {
  /** Whether it may use the space that is reserved for revocations, if the disk is full. */
  mayUseReserve: boolean;
}

export interface DatabaseAccessOptions {
  /** How long a unit waits for a lock that another process holds, before it fails with the fault `locked`. */
  busyTimeoutMs?: number;
}

interface DatabaseAccessDependencies extends DatabaseAccessOptions {
  guard: FileGuard;
  reserve: DiskReserve;
}

/** Longer than a checkpoint or a short backup holds the lock, and shorter than most clients wait for a response. */
export const DEFAULT_BUSY_TIMEOUT_MS = 5_000;
/** The most units that wait at the same time. Each holds memory, and anyone with a credential can cause some. */
const MAX_WAITING = 1_000;
/** Pauses between two tries, in milliseconds, as in SQLite's own busy handler up to its middle. The last one repeats. */
const PAUSES_MS = [1, 2, 5, 10, 15, 20, 25];

/** Creates the access to a connection whose own busy timeout is 0, because SQLite would block the process to wait. */
export function createDatabaseAccess(dependencies: DatabaseAccessDependencies): DatabaseAccess {
  const { busyTimeoutMs = DEFAULT_BUSY_TIMEOUT_MS, guard, reserve } = dependencies;
  /** Resolves when all writes that wait now are done. Only the first of them tries to get the lock. */
  let line: Promise<void> | undefined;
  let waiting = 0;
  const deadlineMs = () => performance.now() + busyTimeoutMs;
  return {
    async read(work) {
      try {
        guard.beforeRead();
        return work();
      } catch (error) {
        if (storeFault(error) !== 'locked') throw toStoreFault(error);
      }
      return retry(work, deadlineMs());
    },
    async write(write, options) {
      const work = () => {
        guard.beforeWrite();
        const result = options?.mayUseReserve ? reserve.writeWithSpace(write) : write();
        guard.afterWrite();
        reserve.grow();
        return result;
      };
      const isFull = waiting >= MAX_WAITING;
      if (line === undefined || isFull) {
        try {
          return work();
        } catch (error) {
          if (isFull || storeFault(error) !== 'locked') throw toStoreFault(error);
        }
      }
      const untilMs = deadlineMs();
      waiting += 1;
      const written = (line ?? Promise.resolve()).then(() => retry(work, untilMs));
      const done = written.then(nextTurn, nextTurn).then(() => {
        waiting -= 1;
        if (line === done) line = undefined;
      });
      line = done;
      return written;
    },
  };
}

/** Tries at least once, also after the deadline. */
async function retry<Result>(work: () => Result, deadlineMs: number): Promise<Result> {
  for (let tries = 0; ; tries += 1) {
    try {
      return work();
    } catch (error) {
      if (storeFault(error) !== 'locked' || performance.now() >= deadlineMs) throw toStoreFault(error);
    }
    const pauseMs = PAUSES_MS[Math.min(tries, PAUSES_MS.length - 1)];
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
  }
}

/** Lets requests run between two writes of a long queue. */
function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
