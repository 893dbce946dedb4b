import { eq, sql } from 'drizzle-orm';
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
import type { KeyExpiry } from '../../domain/accounts/key-expiry.ts';
import { apiKeys, serviceAccounts } from './accounts.ts';
import { organizationId } from './organizations.ts';

/** What one person may collect: a new key, created at their click. */
export const collections = sqliteTable(
  'collections',
  {
    organizationId: organizationId(),
    id: text('id').notNull(),
    accountId: text('account_id').notNull(),
    slackUserId: text('slack_user_id').notNull(),
    email: text('email').notNull(),
    keyName: text('key_name').notNull(),
    keyExpiry: text('key_expiry', { mode: 'json' }).$type<KeyExpiry>().notNull(),
    /** The last key that was revoked because its delivery wasn't accepted; null if no key was sent. */
    revokedKeyId: text('revoked_key_id'),
    /** `collecting` while the new key's delivery is open; `closed` if the account was revoked or the collection expired. */
    state: text('state', { enum: ['open', 'collecting', 'collected', 'closed'] }).notNull(),
    createdAtMs: integer('created_at_ms').notNull(),
    expiresAtMs: integer('expires_at_ms').notNull(),
    /** The approved request that it comes from; null for a key whose delivery failed. */
    accessRequestId: text('access_request_id'),
    /** The rotation that its key belongs to. */
    rotationId: text('rotation_id'),
  },
  (table) => [
    primaryKey({ columns: [table.organizationId, table.id] }),
    foreignKey({
      name: 'collections_account',
      columns: [table.organizationId, table.accountId],
      foreignColumns: [serviceAccounts.organizationId, serviceAccounts.id],
    }),
    foreignKey({
      name: 'collections_revoked_key',
      columns: [table.organizationId, table.revokedKeyId],
      foreignColumns: [apiKeys.organizationId, apiKeys.keyId],
    }),
    // The end of a rotation closes its collections.
    index('collections_rotation')
      .on(table.organizationId, table.rotationId)
      .where(sql`${table.rotationId} is not null`),
    // Revoking an account closes its collections.
    index('collections_account').on(table.organizationId, table.accountId),
    // What became of the key of a request.
    index('collections_request')
      .on(table.organizationId, table.accessRequestId)
      .where(sql`${table.accessRequestId} is not null`),
    // A person's list and the metrics look for open ones, while nearly all collections are over.
    index('collections_open').on(table.organizationId, table.slackUserId).where(sql`${table.state} = 'open'`),
    check('collections_state', sql`${table.state} in ('open', 'collecting', 'collected', 'closed')`),
    check('collections_key_expiry', sql`json_valid(${table.keyExpiry})`),
  ],
);

/** Matches open collections. A constant, so that SQLite uses the index with this condition. */
export const isOpen = eq(collections.state, 'open').inlineParams();

/** The sending of one new key to one person. */
export const deliveries = sqliteTable(
  'deliveries',
  {
    organizationId: organizationId(),
    id: text('id').notNull(),
    keyId: text('key_id').notNull(),
    slackUserId: text('slack_user_id').notNull(),
    email: text('email').notNull(),
    route: text('route', { enum: ['response_url', 'post_ephemeral'] }).notNull(),
    /** The expiry of the key that the person may collect if this delivery fails. */
    keyExpiry: text('key_expiry', { mode: 'json' }).$type<KeyExpiry>().notNull(),
    collectionId: text('collection_id'),
    /** `failed`: Slack rejected the message, or the outcome is unknown. */
    state: text('state', { enum: ['sending', 'delivered', 'failed'] }).notNull(),
    settledAtMs: integer('settled_at_ms'),
  },
  (table) => [
    primaryKey({ columns: [table.organizationId, table.id] }),
    foreignKey({
      name: 'deliveries_key',
      columns: [table.organizationId, table.keyId],
      foreignColumns: [apiKeys.organizationId, apiKeys.keyId],
    }),
    foreignKey({
      name: 'deliveries_collection',
      columns: [table.organizationId, table.collectionId],
      foreignColumns: [collections.organizationId, collections.id],
    }),
    // A key is sent once.
    uniqueIndex('deliveries_key_once').on(table.organizationId, table.keyId),
    check('deliveries_route', sql`${table.route} in ('response_url', 'post_ephemeral')`),
    check('deliveries_state', sql`${table.state} in ('sending', 'delivered', 'failed')`),
    check('deliveries_settled', sql`(${table.state} = 'sending') = (${table.settledAtMs} is null)`),
    check('deliveries_key_expiry', sql`json_valid(${table.keyExpiry})`),
  ],
);

/** Matches unsettled deliveries. A constant, so that SQLite uses the index with this condition. */
export const isSending = eq(deliveries.state, 'sending').inlineParams();
