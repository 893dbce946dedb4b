import { sql } from 'drizzle-orm';
import {
  check,
  foreignKey,
  index,
  integer,
  primaryKey,
  sqliteTable,
  text,
  uniqueIndex,
} from 'drizzle-orm/sqlite-core';
import type { ReviewedKey } from '../../../application/care/care-records.ts';
import { serviceAccounts } from '../accounts.ts';
import { organizationId } from '../organizations.ts';
import { teams } from '../teams.ts';

/** Subjects of correctly signed JWTs that resemble the registered subject of an account. */
export const nearMatches = sqliteTable(
  'near_matches',
  {
    organizationId: organizationId(),
    id: text('id').notNull(),
    accountId: text('account_id').notNull(),
    subject: text('subject').notNull(),
    /** `used`: it became the account's subject. */
    state: text('state', { enum: ['open', 'used', 'ignored'] }).notNull(),
    firstSeenAtMs: integer('first_seen_at_ms').notNull(),
    decidedAtMs: integer('decided_at_ms'),
    decidedBySlackUserId: text('decided_by_slack_user_id'),
  },
  (table) => [
    primaryKey({ columns: [table.organizationId, table.id] }),
    uniqueIndex('near_matches_subject').on(table.organizationId, table.accountId, table.subject),
    foreignKey({
      name: 'near_matches_account',
      columns: [table.organizationId, table.accountId],
      foreignColumns: [serviceAccounts.organizationId, serviceAccounts.id],
    }),
    check('near_matches_state', sql`${table.state} in ('open', 'used', 'ignored')`),
  ],
);

/** The monthly reviews of a team's unused keys. */
export const unusedReviews = sqliteTable(
  'unused_reviews',
  {
    organizationId: organizationId(),
    id: text('id').notNull(),
    teamId: text('team_id').notNull(),
    /** The keys that were unused at that time, and who chose to keep them. */
    keyIds: text('key_ids', { mode: 'json' }).$type<readonly ReviewedKey[]>().notNull(),
    createdAtMs: integer('created_at_ms').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.organizationId, table.id] }),
    foreignKey({
      name: 'unused_reviews_team',
      columns: [table.organizationId, table.teamId],
      foreignColumns: [teams.organizationId, teams.id],
    }),
    // The next review of a team comes a month after its last one.
    index('unused_reviews_team').on(table.organizationId, table.teamId, table.createdAtMs),
    check('unused_reviews_key_ids', sql`json_valid(${table.keyIds})`),
  ],
);

/** Everyone who has opened the Home tab, with the direct messages that they don't want. */
export const personSettings = sqliteTable(
  'person_settings',
  {
    organizationId: organizationId(),
    slackUserId: text('slack_user_id').notNull(),
    /** Kinds of notifications. */
    muted: text('muted', { mode: 'json' }).$type<readonly string[]>().notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.organizationId, table.slackUserId] }),
    check('person_settings_muted', sql`json_valid(${table.muted})`),
  ],
);
