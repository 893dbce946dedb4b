import { copyFileSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openSqliteDatabase } from '../../../src/store/database/open-database.ts';
import type { DatabaseMode } from '../../../src/store/database/refusal.ts';

/** Returns a folder in memory on Linux: waiting for a disk takes half a minute for hundreds of databases. */
export function quickFolder(): string {
  return existsSync('/dev/shm') ? '/dev/shm' : tmpdir();
}

let folder: string | undefined;

/** Copies an empty, migrated database to the path unless a file exists: migrating for every test takes ten times as long. */
export function placeMigratedDatabase(file: string, mode: DatabaseMode): void {
  if (existsSync(file)) return;
  if (folder === undefined) {
    const created = mkdtempSync(join(quickFolder(), 'keysmith-migrated-'));
    process.once('exit', () => rmSync(created, { recursive: true, force: true }));
    folder = created;
  }
  const migrated = join(folder, `${mode}.db`);
  if (!existsSync(migrated)) openSqliteDatabase({ file: migrated, mode }).close();
  copyFileSync(migrated, file);
}
