import type { RunResult } from 'better-sqlite3';
import type { BaseSQLiteDatabase } from 'drizzle-orm/sqlite-core';
import type * as schema from './sqlite-schema.ts';

/** The database, or a transaction in it; synchronous, as better-sqlite3 is. */
export type SqliteConnection = BaseSQLiteDatabase<'sync', RunResult, typeof schema>;
