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
import type { KeyLifetimeDays } from '../../domain/accounts/service-account.ts';
import { issuers, organizationId, teams } from './organization-schema.ts';

/** The newest use that was seen; null before the first. */
const lastUsed = () => ({
  lastUsedAtMs: integer('last_used_at_ms'),
  lastUsedAddress: text('last_used_address'),
  lastUsedUserAgent: text('last_used_user_agent'),
});

export const serviceAccounts = sqliteTable(
  'service_accounts',
  {
    organizationId: organizationId(),
    id: text('id').notNull(),
    /** Of an account of the organization, the team is its default one. */
    scope: text('scope', { enum: ['team', 'organization'] }).notNull(),
    teamId: text('team_id').notNull(),
    name: text('name').notNull(),
    method: text('method', { enum: ['api_key', 'federated'] }).notNull(),
    issuer: text('issuer'),
    subject: text('subject'),
    purpose: text('purpose'),
    usedBy: text('used_by'),
    contact: text('contact').notNull(),
    createdBySlackUserId: text('created_by_slack_user_id').notNull(),
    createdByEmail: text('created_by_email').notNull(),
    createdAtMs: integer('created_at_ms').notNull(),
    revokedAtMs: integer('revoked_at_ms'),
    nameReservedUntilMs: integer('name_reserved_until_ms').notNull(),
    /** `creating`: it reserves name and identity, and is no account yet; `failed`: it never became one. */
    state: text('state', { enum: ['creating', 'active', 'failed'] })
      .notNull()
      .default('active'),
    /** The account on a W&B server; null while there is none. */
    backendMemberId: text('backend_member_id'),
    backendClientId: text('backend_client_id'),
    ...lastUsed(),
  },
  (table) => [
    primaryKey({ columns: [table.organizationId, table.id] }),
    foreignKey({
      name: 'service_accounts_team',
      columns: [table.organizationId, table.teamId],
      foreignColumns: [teams.organizationId, teams.id],
    }),
    foreignKey({
      name: 'service_accounts_issuer',
      columns: [table.organizationId, table.issuer],
      foreignColumns: [issuers.organizationId, issuers.url],
    }),
    // A name belongs to one active account of the team.
    uniqueIndex('service_accounts_active_name')
      .on(table.organizationId, table.teamId, table.name)
      .where(sql`${table.revokedAtMs} is null`),
    // An external identity belongs to one active account of the whole organization.
    uniqueIndex('service_accounts_active_identity')
      .on(table.organizationId, table.issuer, table.subject)
      .where(sql`${table.revokedAtMs} is null`),
    // Whether a name is still reserved by a revoked account is asked for every new one.
    index('service_accounts_name').on(table.organizationId, table.teamId, table.name),
    // One account of the server is never two of ours.
    uniqueIndex('service_accounts_backend_member')
      .on(table.organizationId, table.backendMemberId)
      .where(sql`${table.revokedAtMs} is null`),
    check(
      'service_accounts_state',
      sql`${table.state} in ('creating', 'active', 'failed') and (${table.state} <> 'failed' or ${table.revokedAtMs} is not null)`,
    ),
    check('service_accounts_scope', sql`${table.scope} in ('team', 'organization')`),
    check('service_accounts_method', sql`${table.method} in ('api_key', 'federated')`),
    check(
      'service_accounts_identity',
      sql`(${table.method} = 'federated') = (${table.issuer} is not null) and (${table.issuer} is null) = (${table.subject} is null)`,
    ),
  ],
);

export const peppers = sqliteTable(
  'peppers',
  {
    organizationId: organizationId(),
    version: integer('version').notNull(),
    sealed: text('sealed').notNull(),
    createdAtMs: integer('created_at_ms').notNull(),
  },
  (table) => [primaryKey({ columns: [table.organizationId, table.version] })],
);

export const apiKeys = sqliteTable(
  'api_keys',
  {
    organizationId: organizationId(),
    keyId: text('key_id').notNull(),
    accountId: text('account_id').notNull(),
    /** Null where another system made the key and checks it. */
    secretHash: text('secret_hash'),
    pepperVersion: integer('pepper_version'),
    createdAtMs: integer('created_at_ms').notNull(),
    expiresAtMs: integer('expires_at_ms'),
    revokedAtMs: integer('revoked_at_ms'),
    ...lastUsed(),
  },
  (table) => [
    primaryKey({ columns: [table.organizationId, table.keyId] }),
    // A key that Keysmith checks has a hash, its pepper and an end; one that it does not check has none of them.
    check(
      'api_keys_checked_here',
      sql`(${table.secretHash} is null) = (${table.pepperVersion} is null) and (${table.secretHash} is null) = (${table.expiresAtMs} is null)`,
    ),
    foreignKey({
      name: 'api_keys_account',
      columns: [table.organizationId, table.accountId],
      foreignColumns: [serviceAccounts.organizationId, serviceAccounts.id],
    }),
    // A key whose pepper is unknown could never be verified.
    foreignKey({
      name: 'api_keys_pepper',
      columns: [table.organizationId, table.pepperVersion],
      foreignColumns: [peppers.organizationId, peppers.version],
    }),
    // Who verifies a key knows nothing but the key ID, so it leads to one row of all organizations.
    uniqueIndex('api_keys_key_id').on(table.keyId),
    // Listing and revoking start from the account.
    index('api_keys_account').on(table.organizationId, table.accountId, table.createdAtMs),
  ],
);

/** Which form made which account: the same form never makes a second one. */
export const submissions = sqliteTable(
  'submissions',
  {
    organizationId: organizationId(),
    submissionId: text('submission_id').notNull(),
    accountId: text('account_id').notNull(),
    keyId: text('key_id'),
    createdAtMs: integer('created_at_ms').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.organizationId, table.submissionId] }),
    foreignKey({
      name: 'submissions_account',
      columns: [table.organizationId, table.accountId],
      foreignColumns: [serviceAccounts.organizationId, serviceAccounts.id],
    }),
    foreignKey({
      name: 'submissions_key',
      columns: [table.organizationId, table.keyId],
      foreignColumns: [apiKeys.organizationId, apiKeys.keyId],
    }),
  ],
);

export const collections = sqliteTable(
  'collections',
  {
    organizationId: organizationId(),
    id: text('id').notNull(),
    accountId: text('account_id').notNull(),
    slackUserId: text('slack_user_id').notNull(),
    email: text('email').notNull(),
    keyLifetimeDays: integer('key_lifetime_days').$type<KeyLifetimeDays>().notNull(),
    /** The last key that was cut off because nobody can say whether it arrived; null where none was sent. */
    revokedKeyId: text('dead_key_id'),
    state: text('state', {
      enum: ['open', 'collecting', 'collected', 'closed'],
    }).notNull(),
    createdAtMs: integer('created_at_ms').notNull(),
    expiresAtMs: integer('expires_at_ms').notNull(),
    toldAtMs: integer('told_at_ms'),
    tellingTries: integer('telling_tries').notNull().default(0),
    /** Until here whoever took the telling has it alone; then comes the next try. */
    tellingFromMs: integer('telling_from_ms').notNull().default(0),
  },
  (table) => [
    primaryKey({ columns: [table.organizationId, table.id] }),
    foreignKey({
      name: 'collections_account',
      columns: [table.organizationId, table.accountId],
      foreignColumns: [serviceAccounts.organizationId, serviceAccounts.id],
    }),
    foreignKey({
      name: 'collections_dead_key',
      columns: [table.organizationId, table.revokedKeyId],
      foreignColumns: [apiKeys.organizationId, apiKeys.keyId],
    }),
    // Revoking an account closes what waits to be collected.
    index('collections_account').on(table.organizationId, table.accountId),
    // Asked every few seconds, while nearly all collections are over.
    index('collections_open').on(table.organizationId, table.createdAtMs).where(sql`${table.state} = 'open'`),
    check('collections_state', sql`${table.state} in ('open', 'collecting', 'collected', 'closed')`),
    check('collections_lifetime', sql`${table.keyLifetimeDays} > 0`),
  ],
);

export const deliveries = sqliteTable(
  'deliveries',
  {
    organizationId: organizationId(),
    id: text('id').notNull(),
    keyId: text('key_id').notNull(),
    slackUserId: text('slack_user_id').notNull(),
    email: text('email').notNull(),
    route: text('route', {
      enum: ['response_url', 'post_ephemeral'],
    }).notNull(),
    /** The life of the key that a failed delivery lets its person collect. */
    keyLifetimeDays: integer('key_lifetime_days').$type<KeyLifetimeDays>().notNull(),
    collectionId: text('collection_id'),
    state: text('state', {
      enum: ['sending', 'delivered', 'failed'],
    }).notNull(),
    leaseUntilMs: integer('lease_until_ms').notNull(),
    settledAtMs: integer('settled_at_ms'),
    /** How often it was tried to cut the key off; the lease is the pause until the next try. */
    cutOffTries: integer('cut_off_tries').notNull().default(0),
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
    // A key goes out once.
    uniqueIndex('deliveries_key_once').on(table.organizationId, table.keyId),
    // Lapsed ones are looked for every few seconds, while nearly all deliveries are settled.
    index('deliveries_sending')
      .on(table.organizationId, table.leaseUntilMs)
      .where(sql`${table.state} = 'sending'`),
    check('deliveries_route', sql`${table.route} in ('response_url', 'post_ephemeral')`),
    check('deliveries_state', sql`${table.state} in ('sending', 'delivered', 'failed')`),
    check('deliveries_settled', sql`(${table.state} = 'sending') = (${table.settledAtMs} is null)`),
    check('deliveries_lifetime', sql`${table.keyLifetimeDays} > 0`),
  ],
);
