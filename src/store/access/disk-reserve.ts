import { randomFillSync } from 'node:crypto';
import {
  closeSync,
  fstatSync,
  fsyncSync,
  openSync,
  statfsSync,
  statSync,
  truncateSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import type Database from 'better-sqlite3';
import { storeFault } from '../database/connection.ts';

/**
 * A file beside the database that holds space for revocations: on a full disk, a leaked key must still be revocable. Its size
 * is its only state, so a restart or a second process continues with what is left.
 */
export interface DiskReserve {
  /** Runs a write. If the disk is full, runs it again with space from the reserve, and takes back what it didn't use. */
  writeWithSpace<Result>(write: () => Result): Result;
  /** Grows the reserve to its full size if the disk has room for much more. Cheap to call after every write. */
  grow(): void;
}

interface DiskReserveLogger {
  error(details: object, message: string): void;
}

/** Enough for a hundred revocations, even if the write-ahead log can't be restarted. */
const FULL_BYTES = 4 * 1024 * 1024;
/** More than a revocation needs: ten pages in the write-ahead log, and a part of its index. */
const STEP_BYTES = 128 * 1024;
const BLOCK_BYTES = 64 * 1024;
/** A reserve takes at most an eighth of the available space, because it must not fill a small disk itself. */
const SPACE_DIVISOR = 8;
const GROW_EVERY_MS = 60_000;
/** How far a revocation may exceed a limit on the size of the database itself (`PRAGMA max_page_count`). */
const EXTRA_PAGES = 64;

/** Creates the reserve of an open database. Without a file, revocations only exceed a page limit of the database. */
export function createDiskReserve(
  client: Database.Database,
  { keepsReserve, logger }: { keepsReserve: boolean; logger?: DiskReserveLogger | undefined },
): DiskReserve {
  const path = client.memory || !keepsReserve ? undefined : `${client.name}-reserve`;
  let grownAtMs = Number.NEGATIVE_INFINITY;
  let isComplete = path === undefined;
  const grow = () => {
    const nowMs = performance.now();
    if (path === undefined || isComplete || nowMs - grownAtMs < GROW_EVERY_MS) return;
    grownAtMs = nowMs;
    isComplete = fillTo(path, affordableBytes(path)) >= FULL_BYTES;
  };
  grow();
  return {
    grow,
    writeWithSpace(write) {
      try {
        return write();
      } catch (error) {
        if (storeFault(error) !== 'full') throw error;
        logger?.error({ err: error }, 'disk full, revocation uses the reserve');
      }
      const sizeBefore = path === undefined ? 0 : sizeOf(path);
      isComplete = path === undefined;
      try {
        return withoutPageLimit(client, () =>
          tryEach(write, [
            () => restartLog(client),
            () => path !== undefined && truncateSync(path, Math.max(0, sizeBefore - STEP_BYTES)),
            () => path !== undefined && truncateSync(path, 0),
          ]),
        );
      } finally {
        if (path !== undefined) fillTo(path, sizeBefore);
      }
    },
  };
}

/** Runs the write after each step that makes room, until it doesn't fail because of a full disk. */
function tryEach<Result>(write: () => Result, makeRoom: readonly (() => unknown)[]): Result {
  let failure: unknown;
  for (const step of makeRoom) {
    try {
      step();
      return write();
    } catch (error) {
      if (storeFault(error) !== 'full' && !isSystemError(error)) throw error;
      failure ??= error;
    }
  }
  throw failure;
}

/**
 * Moves the content of the write-ahead log into the database, so that the log is written from its start again. A disk may be
 * too full for that, or another process may be reading: then the log stays as it is.
 */
function restartLog(client: Database.Database): void {
  try {
    client.pragma('wal_checkpoint(RESTART)');
  } catch (error) {
    if (storeFault(error) === undefined) throw error;
  }
}

function withoutPageLimit<Result>(client: Database.Database, work: () => Result): Result {
  const pages = Number(client.pragma('max_page_count', { simple: true }));
  client.pragma(`max_page_count = ${pages + EXTRA_PAGES}`);
  try {
    return work();
  } finally {
    client.pragma(`max_page_count = ${pages}`);
  }
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}

/** Returns the size that the reserve may have, given what is available besides it. */
function affordableBytes(path: string): number {
  try {
    const { bavail, bsize } = statfsSync(dirname(path));
    return Math.min(FULL_BYTES, Math.floor((bavail * bsize + sizeOf(path)) / SPACE_DIVISOR));
  } catch (error) {
    if (isSystemError(error)) return 0;
    throw error;
  }
}

/**
 * Appends to the file until it has this size or the disk is full, and returns its size. Random bytes, because file systems
 * keep no space for zeros.
 */
function fillTo(path: string, bytes: number): number {
  if (sizeOf(path) >= bytes) return sizeOf(path);
  let descriptor: number | undefined;
  try {
    descriptor = openSync(path, 'a', 0o600);
    const block = randomFillSync(Buffer.alloc(BLOCK_BYTES));
    let size = fstatSync(descriptor).size;
    while (size < bytes) size += writeSync(descriptor, block, 0, Math.min(BLOCK_BYTES, bytes - size));
    fsyncSync(descriptor);
    return size;
  } catch (error) {
    if (isSystemError(error)) return sizeOf(path);
    throw error;
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}

/** Returns whether the operating system refused: no space, a quota, a limit of the process, a read-only folder. */
function isSystemError(error: unknown): boolean {
  return error instanceof Error && 'syscall' in error;
}
