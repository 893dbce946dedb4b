import { gt, type Placeholder, type SQL, sql } from 'drizzle-orm';
import type { SQLiteColumn } from 'drizzle-orm/sqlite-core';
import { CLOCK_TOLERANCE_MS } from '../../domain/stored-time.ts';

/**
 * Matches a lease or pause that ends later than one that starts now could: it was written before the clock was set back. It counts
 * as over, because waiting for it could take years.
 *
 * @param longestMs the longest lease or pause that is ever written to this column
 */
export function isFarAhead(column: SQLiteColumn, nowMs: number | Placeholder, longestMs: number): SQL {
  return gt(column, sql`${nowMs} + ${longestMs + CLOCK_TOLERANCE_MS}`);
}
