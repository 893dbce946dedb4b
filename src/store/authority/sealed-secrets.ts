import { and, asc, eq, lt, lte } from 'drizzle-orm';
import type {
  AuthorityStore,
  SigningKeyPurpose,
  StoredSigningKey,
} from '../../application/ports/authority-store.ts';
import type { AuditEvent } from '../../domain/audit/audit-event.ts';
import type { OrganizationContext, SqliteConnection, WriteContext } from '../database/connection.ts';
import { peppers, signingKeys } from '../schema/schema.ts';

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

/** Returns false if this version exists. */
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

export function readSigningKeys(
  db: SqliteConnection,
  { organizationId }: OrganizationContext,
  purpose: SigningKeyPurpose,
): StoredSigningKey[] {
  return db
    .select()
    .from(signingKeys)
    .where(and(eq(signingKeys.organizationId, organizationId), eq(signingKeys.purpose, purpose)))
    .orderBy(asc(signingKeys.number))
    .all()
    .map(({ organizationId: _, ...key }) => key);
}

/** Returns false if a key of this purpose and number exists. */
export function insertSigningKey(
  tx: SqliteConnection,
  { organizationId, appendAudit }: WriteContext,
  key: StoredSigningKey,
  auditEvent: AuditEvent,
): boolean {
  const { changes } = tx
    .insert(signingKeys)
    .values({ organizationId, ...key })
    .onConflictDoNothing()
    .run();
  if (changes === 0) return false;
  appendAudit(auditEvent);
  return true;
}

export function deleteRetiredSigningKeys(
  tx: SqliteConnection,
  { organizationId, appendAudit }: WriteContext,
  { purpose, nowMs, signingNumber }: Parameters<AuthorityStore['deleteRetiredSigningKeys']>[0],
  auditEventOf: Parameters<AuthorityStore['deleteRetiredSigningKeys']>[1],
): void {
  const deleted = tx
    .delete(signingKeys)
    .where(
      and(
        eq(signingKeys.organizationId, organizationId),
        eq(signingKeys.purpose, purpose),
        lt(signingKeys.number, signingNumber),
        lte(signingKeys.publishedUntilMs, nowMs),
      ),
    )
    .returning({ keyId: signingKeys.keyId, number: signingKeys.number })
    .all();
  for (const key of deleted.sort((one, other) => one.number - other.number)) appendAudit(auditEventOf(key));
}
