import { integer, primaryKey, sqliteTable, text } from 'drizzle-orm/sqlite-core';
import { organizationId } from '../organizations.ts';

/** Messages in Slack that change with their subject: one row for each place where a card was posted. */
export const cards = sqliteTable(
  'cards',
  {
    organizationId: organizationId(),
    /** The kind of the card, its subject and its place. */
    subject: text('subject').notNull(),
    channelId: text('channel_id').notNull(),
    /** Slack's ID of the message in its channel. */
    messageTs: text('message_ts').notNull(),
    /** How many entries of its log are in its thread. */
    postedEntries: integer('posted_entries').notNull(),
    postedAtMs: integer('posted_at_ms').notNull(),
  },
  (table) => [primaryKey({ columns: [table.organizationId, table.subject] })],
);
