import { index, integer, primaryKey, sqliteTable, text } from 'drizzle-orm/sqlite-core';
import { OUTSIDE_CHANGE_KINDS } from '../../domain/accounts/outside-change.ts';
import { organizationId } from './organizations.ts';

/** Where reading the audit log of the W&B server continues; one row. */
export const auditLogPositions = sqliteTable(
  'audit_log_positions',
  {
    organizationId: organizationId(),
    /** In UTC: `2026-11-30`. */
    day: text('day').notNull(),
    /** The server's, for a page of that day; null for the first. */
    cursor: text('cursor'),
    /** Earlier entries are ignored, and may be missing. */
    sinceMs: integer('since_ms').notNull(),
    /** The time of the newest entry that was read. */
    seenUntilMs: integer('seen_until_ms').notNull(),
  },
  (table) => [primaryKey({ columns: [table.organizationId] })],
);

/** What others changed on the W&B server, from the server's audit log. Deleted after 90 days. */
export const outsideChanges = sqliteTable(
  'outside_changes',
  {
    organizationId: organizationId(),
    /** Of the entry in the log, which is read several times. */
    entryId: text('entry_id').notNull(),
    /** The team may not have a row: it needs no account. */
    teamName: text('team_name').notNull(),
    kind: text('kind', { enum: OUTSIDE_CHANGE_KINDS }).notNull(),
    actor: text('actor'),
    /** The user on the server whom the change is about. */
    userId: text('user_id'),
    subject: text('subject'),
    atMs: integer('at_ms').notNull(),
    recordedAtMs: integer('recorded_at_ms').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.organizationId, table.entryId, table.teamName] }),
    // The limit of a day counts the changes of a team, and its digest reads them.
    index('outside_changes_team').on(table.organizationId, table.teamName, table.atMs),
    // Entries about an account that is no longer in a team are recognized by its user.
    index('outside_changes_user').on(table.organizationId, table.userId),
    // Old changes are deleted.
    index('outside_changes_time').on(table.organizationId, table.atMs),
  ],
);

/** How many changes of a team and day weren't stored, because there were too many. */
export const unstoredChanges = sqliteTable(
  'unstored_changes',
  {
    organizationId: organizationId(),
    teamName: text('team_name').notNull(),
    day: text('day').notNull(),
    count: integer('count').notNull(),
    recordedAtMs: integer('recorded_at_ms').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.organizationId, table.teamName, table.day] }),
    // Old counts are deleted.
    index('unstored_changes_time').on(table.organizationId, table.recordedAtMs),
  ],
);
