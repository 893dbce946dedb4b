import { copyFileSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { openSqliteDatabase } from '../../../src/store/database/open-database.ts';
import type { DatabaseMode } from '../../../src/store/database/refusal.ts';
import { quickFolder } from './quick-folder.ts';

let folder: string | undefined;

/** Puts an empty database there with all its tables, where there is none: to migrate anew for every test takes ten times as long. */
export function placeMigratedDatabase(file: string, mode: DatabaseMode): void {
  if (existsSync(file)) return;
  if (folder === undefined) {
    const made = mkdtempSync(join(quickFolder(), 'keysmith-migrated-'));
    process.once('exit', () => rmSync(made, { recursive: true, force: true }));
    folder = made;
  }
  const migrated = join(folder, `${mode}.db`);
  if (!existsSync(migrated)) openSqliteDatabase({ file: migrated, mode }).close();
  copyFileSync(migrated, file);
}
