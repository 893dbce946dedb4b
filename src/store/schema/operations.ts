import { eq, sql } from 'drizzle-orm';
import { check, foreignKey, index, integer, primaryKey, sqliteTable, text } from 'drizzle-orm/sqlite-core';
import type { KeyLifetimeDays } from '../../domain/accounts/service-account.ts';
import { serviceAccounts } from './accounts.ts';
import { collections } from './deliveries.ts';
import { organizationId } from './organizations.ts';

/** Changes on a W&B server. A row is written before the server is called, and kept with its outcome. */
export const backendOperations = sqliteTable(
  'backend_operations',
  {
    organizationId: organizationId(),
    id: text('id').notNull(),
    kind: text('kind', { enum: ['create', 'recreate', 'remove'] }).notNull(),
    accountId: text('account_id').notNull(),
    slackUserId: text('slack_user_id').notNull(),
    email: text('email').notNull(),
    /** The IDs of the team's members before the call: a new member with the account's name may be the one it created. */
    membersBefore: text('members_before', { mode: 'json' }).$type<readonly string[]>().notNull(),
    memberId: text('member_id'),
    clientId: text('client_id'),
    isAbandoned: integer('is_abandoned', { mode: 'boolean' }).notNull().default(false),
    /** The lifetime of the key to create; null for a federated account and for a removal. */
    keyLifetimeDays: integer('key_lifetime_days').$type<KeyLifetimeDays>(),
    collectionId: text('collection_id'),
    state: text('state', { enum: ['under_way', 'done', 'failed', 'unclear'] }).notNull(),
    leaseUntilMs: integer('lease_until_ms').notNull(),
    tries: integer('tries').notNull().default(0),
    requestId: text('request_id'),
    beganAtMs: integer('began_at_ms').notNull(),
    endedAtMs: integer('ended_at_ms'),
    /** The outcome to notify the person of; null if they got it at once. */
    ending: text('ending', {
      enum: [
        'created_late',
        'not_made',
        'removed_again',
        'several_candidates',
        'revoked_late',
        'not_revoked',
        'still_there',
        'still_unclear',
        'still_not_revoked',
        'appeared_late',
      ],
    }),
    toldAtMs: integer('told_at_ms'),
    tellingTries: integer('telling_tries').notNull().default(0),
    tellingFromMs: integer('telling_from_ms').notNull().default(0),
    /** When to check next whether the server still carried out a call that was given up; null if it can't have, or never. */
    lookFromMs: integer('look_from_ms'),
  },
  (table) => [
    primaryKey({ columns: [table.organizationId, table.id] }),
    foreignKey({
      name: 'backend_operations_account',
      columns: [table.organizationId, table.accountId],
      foreignColumns: [serviceAccounts.organizationId, serviceAccounts.id],
    }),
    foreignKey({
      name: 'backend_operations_collection',
      columns: [table.organizationId, table.collectionId],
      foreignColumns: [collections.organizationId, collections.id],
    }),
    // Revoking an account and creating its next key look for operations under way.
    index('backend_operations_account').on(table.organizationId, table.accountId),
    // These three are read every few seconds, while nearly all operations have ended and were notified.
    index('backend_operations_under_way')
      .on(table.organizationId, table.leaseUntilMs)
      .where(sql`${table.state} = 'under_way'`),
    index('backend_operations_to_tell')
      .on(table.organizationId, table.tellingFromMs)
      .where(sql`${table.ending} is not null and ${table.toldAtMs} is null`),
    index('backend_operations_to_look_for')
      .on(table.organizationId, table.lookFromMs)
      .where(sql`${table.lookFromMs} is not null`),
    check('backend_operations_kind', sql`${table.kind} in ('create', 'recreate', 'remove')`),
    check('backend_operations_state', sql`${table.state} in ('under_way', 'done', 'failed', 'unclear')`),
    check('backend_operations_ended', sql`(${table.state} = 'under_way') = (${table.endedAtMs} is null)`),
    check(
      'backend_operations_ending',
      sql`${table.ending} in ('created_late', 'not_made', 'removed_again', 'several_candidates', 'revoked_late', 'not_revoked', 'still_there', 'still_unclear', 'still_not_revoked', 'appeared_late')`,
    ),
    check('backend_operations_members_before', sql`json_valid(${table.membersBefore})`),
    check(
      'backend_operations_recreate',
      sql`(${table.kind} = 'recreate') = (${table.collectionId} is not null)`,
    ),
  ],
);

/** Matches operations that haven't ended. A constant, so that SQLite uses the index with this condition. */
export const isUnderWay = eq(backendOperations.state, 'under_way').inlineParams();
