import { and, asc, eq, lte } from 'drizzle-orm';
import type { StoredSigningKey } from '../../application/ports/authority-store.ts';
import type { SqliteConnection } from '../database/fault.ts';
import { signingKeys } from '../schema/schema.ts';

export function readSigningKeys(db: SqliteConnection, organizationId: string): StoredSigningKey[] {
  return db
    .select()
    .from(signingKeys)
    .where(eq(signingKeys.organizationId, organizationId))
    .orderBy(asc(signingKeys.number))
    .all()
    .map(({ organizationId: _, ...key }) => key);
}

/** False where this number exists already. */
export function insertSigningKey(
  tx: SqliteConnection,
  organizationId: string,
  key: StoredSigningKey,
): boolean {
  const { changes } = tx
    .insert(signingKeys)
    .values({ organizationId, ...key })
    .onConflictDoNothing()
    .run();
  return changes === 1;
}

/** Answers those that were deleted, oldest first. */
export function deleteRetiredSigningKeys(
  tx: SqliteConnection,
  organizationId: string,
  nowMs: number,
): Pick<StoredSigningKey, 'keyId' | 'number'>[] {
  return tx
    .delete(signingKeys)
    .where(and(eq(signingKeys.organizationId, organizationId), lte(signingKeys.publishedUntilMs, nowMs)))
    .returning({ keyId: signingKeys.keyId, number: signingKeys.number })
    .all()
    .sort((one, other) => one.number - other.number);
}
