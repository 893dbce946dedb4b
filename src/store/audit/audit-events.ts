import { asc, desc, eq, getTableColumns, sql } from 'drizzle-orm';
import { type AuditEvent, type AuditRecord, chainAuditEvent } from '../../domain/audit/audit-event.ts';
import type { SqliteConnection } from '../database/fault.ts';
import { auditEvents } from '../schema/schema.ts';

/** Links an event to the end of the organization's chain. */
export type AppendAudit = (event: AuditEvent) => void;

/**
 * Appends to one organization's chain in one transaction, which must hold the write lock from its start: the end of the
 * chain is read once.
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

export function readAuditRecords(db: SqliteConnection, organizationId: string): AuditRecord[] {
  const { organizationId: ofOrganization, ...columns } = getTableColumns(auditEvents);
  return db
    .select(columns)
    .from(auditEvents)
    .where(eq(ofOrganization, organizationId))
    .orderBy(asc(auditEvents.sequence))
    .all();
}
