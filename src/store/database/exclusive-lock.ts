import { chmodSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import Database from 'better-sqlite3';
import { sqliteCode } from './connection.ts';

/**
 * Takes a lock that one process at a time can hold, and that ends with its process, however it ends. SQLite's file locks are
 * used because Node has none. Returns a function that releases it, or undefined while another process holds it.
 *
 * @param file is created if it is missing
 */
export function takeExclusiveLock(file: string): (() => void) | undefined {
  mkdirSync(dirname(file), { recursive: true });
  const client = new Database(file, { timeout: 0 });
  try {
    chmodSync(file, 0o600);
    client.pragma('locking_mode = EXCLUSIVE');
    client.exec('BEGIN EXCLUSIVE');
    return () => void client.close();
  } catch (error) {
    client.close();
    if (sqliteCode(error)?.startsWith('SQLITE_BUSY') === true) return undefined;
    throw error;
  }
}
