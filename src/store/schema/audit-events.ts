import { sql } from 'drizzle-orm';
import { check, foreignKey, index, integer, primaryKey, sqliteTable, text } from 'drizzle-orm/sqlite-core';
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
    // The part of the record since a time.
    index('audit_events_time').on(table.organizationId, table.atMs),
    check('audit_events_sequence', sql`${table.sequence} > 0`),
    check('audit_events_actor', sql`json_valid(${table.actor})`),
    check('audit_events_details', sql`json_valid(${table.details})`),
  ],
);

/** By which teams, accounts and requests an event is found, as `auditSubjects` returns them. Append-only too. */
export const auditSubjects = sqliteTable(
  'audit_subjects',
  {
    organizationId: organizationId(),
    /** `team:` and a name, or `service_account:` and an ID. */
    subject: text('subject').notNull(),
    sequence: integer('sequence').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.organizationId, table.subject, table.sequence] }),
    foreignKey({
      name: 'audit_subjects_event',
      columns: [table.organizationId, table.sequence],
      foreignColumns: [auditEvents.organizationId, auditEvents.sequence],
    }),
  ],
);
