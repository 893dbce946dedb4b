import { asc, eq } from 'drizzle-orm';
import type { OrganizationContext, SqliteConnection } from '../database/connection.ts';
import { peppers } from '../schema/schema.ts';

export function readSealedPeppers(
  db: SqliteConnection,
  { organizationId }: OrganizationContext,
): { version: number; sealed: string }[] {
  return db
    .select({ version: peppers.version, sealed: peppers.sealed })
    .from(peppers)
    .where(eq(peppers.organizationId, organizationId))
    .orderBy(asc(peppers.version))
    .all();
}

/** False where this version exists already. */
export function insertSealedPepper(
  tx: SqliteConnection,
  { organizationId }: OrganizationContext,
  version: number,
  sealed: string,
  createdAtMs: number,
): boolean {
  const pepper = { organizationId, version, sealed, createdAtMs };
  return tx.insert(peppers).values(pepper).onConflictDoNothing().run().changes === 1;
}
