import { sql } from 'drizzle-orm';
import { check, foreignKey, index, integer, primaryKey, sqliteTable, text } from 'drizzle-orm/sqlite-core';
import type { CardPlace } from '../../../application/cards/card.ts';
import type { RequestedAccount } from '../../../application/requests/access-request.ts';
import { ACCESS_REQUEST_STATES } from '../../../domain/requests/request-state.ts';
import { serviceAccounts } from '../accounts.ts';
import { organizationId } from '../organizations.ts';
import { teams } from '../teams.ts';

/** What members ask the admins of their team to create. */
export const accessRequests = sqliteTable(
  'access_requests',
  {
    organizationId: organizationId(),
    id: text('id').notNull(),
    teamId: text('team_id').notNull(),
    slackUserId: text('slack_user_id').notNull(),
    email: text('email').notNull(),
    /** The form, validated. Contains no secret. */
    requested: text('requested', { mode: 'json' }).$type<RequestedAccount>().notNull(),
    reason: text('reason').notNull(),
    isUrgent: integer('is_urgent', { mode: 'boolean' }).notNull(),
    state: text('state', { enum: ACCESS_REQUEST_STATES }).notNull(),
    createdAtMs: integer('created_at_ms').notNull(),
    /** When it was approved, denied, withdrawn or lapsed; null while it is open. */
    decidedAtMs: integer('decided_at_ms'),
    denialReason: text('denial_reason'),
    /** The account that an approval or an urgent grant created. */
    accountId: text('account_id'),
    /** When an urgent account is revoked, unless the admins have confirmed it. */
    confirmUntilMs: integer('confirm_until_ms'),
    /** When its approvers were reminded; null before. */
    remindedAtMs: integer('reminded_at_ms'),
    /** Where its card is. */
    cardPlaces: text('card_places', { mode: 'json' }).$type<readonly CardPlace[]>().notNull().default([]),
  },
  (table) => [
    primaryKey({ columns: [table.organizationId, table.id] }),
    foreignKey({
      name: 'access_requests_team',
      columns: [table.organizationId, table.teamId],
      foreignColumns: [teams.organizationId, teams.id],
    }),
    foreignKey({
      name: 'access_requests_account',
      columns: [table.organizationId, table.accountId],
      foreignColumns: [serviceAccounts.organizationId, serviceAccounts.id],
    }),
    // The Home tab shows the requests that a team's admins have to decide.
    index('access_requests_open').on(table.organizationId, table.teamId).where(sql`${table.state} = 'open'`),
    // The number of those that wait for a decision is limited.
    index('access_requests_undecided')
      .on(table.organizationId, table.teamId)
      .where(sql`${table.state} in ('open', 'granted')`),
    // A person's own requests, and how many of them are open.
    index('access_requests_person').on(table.organizationId, table.slackUserId, table.createdAtMs),
    // The audit log and reconciliation look for the request of an account.
    index('access_requests_account_request')
      .on(table.organizationId, table.accountId)
      .where(sql`${table.accountId} is not null`),
    check(
      'access_requests_state',
      sql`${table.state} in ('open', 'granted', 'approved', 'denied', 'withdrawn', 'lapsed')`,
    ),
    check('access_requests_requested', sql`json_valid(${table.requested})`),
  ],
);

/** Matches requests that wait for a decision, in the words of the index, so that SQLite uses it. */
export const isUndecidedRequest = sql`${accessRequests.state} in ('open', 'granted')`;

/** The decisions on a request: one of each person. */
export const requestDecisions = sqliteTable(
  'request_decisions',
  {
    organizationId: organizationId(),
    requestId: text('request_id').notNull(),
    email: text('email').notNull(),
    slackUserId: text('slack_user_id').notNull(),
    decision: text('decision', { enum: ['approved', 'denied', 'confirmed'] }).notNull(),
    atMs: integer('at_ms').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.organizationId, table.requestId, table.email, table.decision] }),
    foreignKey({
      name: 'request_decisions_request',
      columns: [table.organizationId, table.requestId],
      foreignColumns: [accessRequests.organizationId, accessRequests.id],
    }),
    check('request_decisions_decision', sql`${table.decision} in ('approved', 'denied', 'confirmed')`),
  ],
);
