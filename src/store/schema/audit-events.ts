import { sql } from 'drizzle-orm';
import { check, integer, primaryKey, sqliteTable, text } from 'drizzle-orm/sqlite-core';
import type { RecordedAction } from '../../domain/audit/audit-actions.ts';
import type { AuditActor, AuditDetail } from '../../domain/audit/audit-event.ts';
import { organizationId } from './organizations.ts';

/**
 * The append-only record. Triggers in `drizzle/sqlite/0001_audit_triggers.sql` refuse updates, deletions and gaps, for
 * anyone who writes through SQLite.
 */
export const auditEvents = sqliteTable(
  'audit_events',
  {
    organizationId: organizationId(),
    sequence: integer('sequence').notNull(),
    atMs: integer('at_ms').notNull(),
    actor: text('actor', { mode: 'json' }).$type<AuditActor>().notNull(),
    action: text('action').$type<RecordedAction>().notNull(),
    subject: text('subject').notNull(),
    details: text('details', { mode: 'json' }).$type<Readonly<Record<string, AuditDetail>>>().notNull(),
    requestId: text('request_id'),
    previousHash: text('previous_hash').notNull(),
    hash: text('hash').notNull(),
  },
  (table) => [
    // Two writers can't append the same sequence number.
    primaryKey({ columns: [table.organizationId, table.sequence] }),
    check('audit_events_sequence', sql`${table.sequence} > 0`),
    check('audit_events_actor', sql`json_valid(${table.actor})`),
    check('audit_events_details', sql`json_valid(${table.details})`),
  ],
);
