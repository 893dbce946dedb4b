import type { KeyObject } from 'node:crypto';
import { asc, desc, eq, getTableColumns, sql } from 'drizzle-orm';
import { type AuditRecord, chainAuditEvent } from '../../domain/audit/audit-event.ts';
import {
  type AppendAudit,
  type OrganizationContext,
  organizationParameter,
  type SqliteConnection,
} from '../database/connection.ts';
import { auditEvents } from '../schema/schema.ts';

/**
 * Returns a function that appends events to one organization's chain. The transaction must hold the write lock from its
 * start, because the end of the chain is read only once.
 */
export function createAuditAppender(
  tx: SqliteConnection,
  organizationId: string,
  auditKey: KeyObject,
): AppendAudit {
  const insert = tx.once(insertEvent);
  let previous = tx.once(lastRecord).get({ organizationId });
  return (event) => {
    const record = chainAuditEvent(event, previous, organizationId, auditKey);
    insert.run({ organizationId, ...record });
    previous = record;
  };
}

const insertEvent = (db: SqliteConnection) =>
  db
    .insert(auditEvents)
    .values({
      organizationId: organizationParameter,
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

const lastRecord = (db: SqliteConnection) =>
  db
    .select({ sequence: auditEvents.sequence, hash: auditEvents.hash })
    .from(auditEvents)
    .where(eq(auditEvents.organizationId, organizationParameter))
    .orderBy(desc(auditEvents.sequence))
    .limit(1)
    .prepare();

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
