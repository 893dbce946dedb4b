import { and, eq, gt, lt, or, type Placeholder, type SQL, sql } from 'drizzle-orm';
import type { SQLiteColumn } from 'drizzle-orm/sqlite-core';
import { LONGEST_PAUSE_MS } from '../../domain/backoff.ts';
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

/**
 * Matches work whose lease is over, in tables whose lease is also the pause before the next attempt: the first lease has a length
 * of its own.
 */
export function isLeaseOver(
  { leaseUntilMs, attempts }: { leaseUntilMs: SQLiteColumn; attempts: SQLiteColumn },
  nowMs: number | Placeholder,
  firstLeaseMs: number,
): SQL | undefined {
  return or(
    lt(leaseUntilMs, nowMs),
    isFarAhead(leaseUntilMs, nowMs, LONGEST_PAUSE_MS),
    and(eq(attempts, 0), isFarAhead(leaseUntilMs, nowMs, firstLeaseMs)),
  );
}
