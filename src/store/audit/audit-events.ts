import { asc, desc, eq, getTableColumns, sql } from 'drizzle-orm';
import { type AuditRecord, chainAuditEvent } from '../../domain/audit/audit-event.ts';
import type { AppendAudit, OrganizationContext, SqliteConnection } from '../database/connection.ts';
import { auditEvents } from '../schema/schema.ts';

/**
 * Returns a function that appends events to one organization's chain. The transaction must hold the write lock from its
 * start, because the end of the chain is read only once.
 */
export function createAuditAppender(
  tx: SqliteConnection,
  organizationId: string,
  auditKey: Uint8Array,
): AppendAudit {
  const insert = tx
    .insert(auditEvents)
    .values({
      organizationId,
      sequence: sql.placeholder('sequence'),
      atMs: sql.placeholder('atMs'),
      actor: sql.placeholder('actor'),
      action: sql.placeholder('action'),
      subject: sql.placeholder('subject'),
      details: sql.placeholder('details'),
      requestId: sql.placeholder('requestId'),
      previousHash: sql.placeholder('previousHash'),
      hash: sql.placeholder('hash'),
    })
    .prepare();
  let previous = lastRecord(tx, organizationId);
  return (event) => {
    const record = chainAuditEvent(event, previous, organizationId, auditKey);
    insert.run({ ...record });
    previous = record;
  };
}

function lastRecord(tx: SqliteConnection, organizationId: string) {
  return tx
    .select({ sequence: auditEvents.sequence, hash: auditEvents.hash })
    .from(auditEvents)
    .where(eq(auditEvents.organizationId, organizationId))
    .orderBy(desc(auditEvents.sequence))
    .limit(1)
    .get();
}

export function readAuditRecords(
  db: SqliteConnection,
  { organizationId }: OrganizationContext,
): AuditRecord[] {
  const { organizationId: ofOrganization, ...columns } = getTableColumns(auditEvents);
  return db
    .select(columns)
    .from(auditEvents)
    .where(eq(ofOrganization, organizationId))
    .orderBy(asc(auditEvents.sequence))
    .all();
}
