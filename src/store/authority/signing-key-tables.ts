import { and, asc, eq, lte } from 'drizzle-orm';
import type { AuthorityStore, StoredSigningKey } from '../../application/ports/authority-store.ts';
import type { AuditEvent } from '../../domain/audit/audit-event.ts';
import type { OrganizationContext, SqliteConnection, WriteContext } from '../database/connection.ts';
import { signingKeys } from '../schema/schema.ts';

export function readSigningKeys(
  db: SqliteConnection,
  { organizationId }: OrganizationContext,
): StoredSigningKey[] {
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
  nowMs: number,
  auditEventOf: Parameters<AuthorityStore['deleteRetiredSigningKeys']>[1],
): void {
  const deleted = tx
    .delete(signingKeys)
    .where(and(eq(signingKeys.organizationId, organizationId), lte(signingKeys.publishedUntilMs, nowMs)))
    .returning({ keyId: signingKeys.keyId, number: signingKeys.number })
    .all();
  for (const key of deleted.sort((one, other) => one.number - other.number)) appendAudit(auditEventOf(key));
}
