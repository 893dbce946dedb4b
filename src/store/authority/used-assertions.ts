import { createHash } from 'node:crypto';
import { and, eq, lte, ne, sql } from 'drizzle-orm';
import type { OrganizationContext, SqliteConnection } from '../database/connection.ts';
import { usedAssertions } from '../schema/schema.ts';

/**
 * The row, per issuer, that holds the latest expiry among its deleted rows. A JWT that expires no later may be among those, which
 * only matters after the clock was set back.
 */
const FORGOTTEN = 'forgotten';

export function useAssertionOnce(
  tx: SqliteConnection,
  context: OrganizationContext,
  assertion: { issuer: string; tokenId: string; expiresAtMs: number; nowMs: number },
): boolean {
  const { organizationId } = context;
  const { issuer, tokenId, expiresAtMs } = assertion;
  deleteExpiredAssertions(tx, context, assertion.nowMs);
  const forgotten = tx
    .select({ untilMs: usedAssertions.expiresAtMs })
    .from(usedAssertions)
    .where(isAssertion(organizationId, issuer, FORGOTTEN))
    .get();
  if (forgotten !== undefined && !(expiresAtMs > forgotten.untilMs)) return false;
  const tokenIdHash = createHash('sha256').update(tokenId, 'utf8').digest('hex');
  const inserted = tx
    .insert(usedAssertions)
    .values({ organizationId, issuer, tokenIdHash, expiresAtMs })
    .onConflictDoNothing()
    .run();
  return inserted.changes === 1;
}

function deleteExpiredAssertions(
  tx: SqliteConnection,
  { organizationId }: OrganizationContext,
  nowMs: number,
): void {
  const deleted = tx
    .delete(usedAssertions)
    .where(
      and(
        eq(usedAssertions.organizationId, organizationId),
        lte(usedAssertions.expiresAtMs, nowMs),
        ne(usedAssertions.tokenIdHash, FORGOTTEN),
      ),
    )
    .returning({ issuer: usedAssertions.issuer, expiresAtMs: usedAssertions.expiresAtMs })
    .all();
  for (const [issuer, of] of Map.groupBy(deleted, (assertion) => assertion.issuer)) {
    const expiresAtMs = of.reduce((latestMs, assertion) => Math.max(latestMs, assertion.expiresAtMs), 0);
    tx.insert(usedAssertions)
      .values({ organizationId, issuer, tokenIdHash: FORGOTTEN, expiresAtMs })
      .onConflictDoUpdate({
        target: [usedAssertions.organizationId, usedAssertions.issuer, usedAssertions.tokenIdHash],
        set: { expiresAtMs: sql`max(${usedAssertions.expiresAtMs}, ${expiresAtMs})` },
      })
      .run();
  }
}

function isAssertion(organizationId: string, issuer: string, tokenIdHash: string) {
  return and(
    eq(usedAssertions.organizationId, organizationId),
    eq(usedAssertions.issuer, issuer),
    eq(usedAssertions.tokenIdHash, tokenIdHash),
  );
}
