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
import { LIFECYCLE_STATES } from '../../domain/accounts/lifecycle.ts';
import { issuers } from './issuers.ts';
import { organizationId } from './organizations.ts';
import { peppers } from './sealed-secrets.ts';
import { teams } from './teams.ts';

/** The latest use that Keysmith verified; null before the first. */
const lastUse = () => ({
  lastUsedAtMs: integer('last_used_at_ms'),
  lastUsedAddress: text('last_used_address'),
  lastUsedUserAgent: text('last_used_user_agent'),
});

export const serviceAccounts = sqliteTable(
  'service_accounts',
  {
    organizationId: organizationId(),
    id: text('id').notNull(),
    scope: text('scope', { enum: ['team', 'organization'] }).notNull(),
    /** For the scope `organization`, the default team. */
    teamId: text('team_id').notNull(),
    name: text('name').notNull(),
    authenticationMethod: text('authentication_method', { enum: ['api_key', 'federated'] }).notNull(),
    issuer: text('issuer'),
    subject: text('subject'),
    purpose: text('purpose'),
    usedBy: text('used_by'),
    contact: text('contact').notNull(),
    createdBySlackUserId: text('created_by_slack_user_id').notNull(),
    createdByEmail: text('created_by_email').notNull(),
    createdAtMs: integer('created_at_ms').notNull(),
    revokedAtMs: integer('revoked_at_ms'),
    /** What the account is. The times only say when that was. */
    state: text('state', { enum: LIFECYCLE_STATES }).notNull(),
    ...lastUse(),
    /** Since when the contact is known to have left; null while someone owns the account. */
    unownedSinceMs: integer('unowned_since_ms'),
    /** The contact who left, if the present one took over from them. */
    takenOverFrom: text('taken_over_from'),
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
    // A name belongs to one account of the team that isn't revoked.
    uniqueIndex('service_accounts_active_name')
      .on(table.organizationId, table.teamId, table.name)
      .where(sql`${table.state} in ('provisioning', 'active', 'revoking')`),
    // An external identity belongs to one account of the organization that isn't revoked.
    uniqueIndex('service_accounts_active_identity')
      .on(table.organizationId, table.issuer, table.subject)
      .where(sql`${table.state} in ('provisioning', 'active', 'revoking')`),
    // A JWT whose subject isn't registered may differ only in the letter case, or in GitHub's IDs after the names.
    index('service_accounts_similar_identity')
      .on(table.organizationId, table.issuer, sql`lower(${table.subject})`)
      .where(sql`${table.state} in ('provisioning', 'active', 'revoking')`),
    // What is on a W&B server is compared with all accounts that a team ever had.
    index('service_accounts_team').on(table.organizationId, table.teamId),
    // Accounts that need a contact, in lists and on the Home tab.
    index('service_accounts_unowned')
      .on(table.organizationId, table.teamId, table.name)
      .where(sql`${table.unownedSinceMs} is not null`),
    // The card of a contact who left names those who took over.
    index('service_accounts_taken_over')
      .on(table.organizationId, table.teamId, table.takenOverFrom, table.name)
      .where(sql`${table.takenOverFrom} is not null`),
    // Lists start with the accounts that have been quiet for the longest time.
    index('service_accounts_quiet')
      .on(
        table.organizationId,
        sql`case when ${table.lastUsedAtMs} is null then ${table.createdAtMs} else ${table.lastUsedAtMs} end`,
        table.id,
        table.teamId,
      )
      .where(sql`${table.state} = 'active'`),
    // Lists start with the accounts that were revoked last.
    index('service_accounts_revoked')
      .on(table.organizationId, table.revokedAtMs, table.id, table.teamId)
      .where(sql`${table.state} = 'revoked'`),
    // Each contact is checked once a day, and people see the accounts whose contact they are.
    index('service_accounts_contact')
      .on(table.organizationId, table.contact)
      .where(sql`${table.state} in ('provisioning', 'active', 'revoking')`),
    // Organization admins revoke by name alone.
    index('service_accounts_active_namesakes')
      .on(table.organizationId, table.name)
      .where(sql`${table.state} in ('provisioning', 'active', 'revoking')`),
    check(
      'service_accounts_state',
      sql`${table.state} in ('provisioning', 'active', 'revoking', 'revoked', 'failed')`,
    ),
    check(
      'service_accounts_revoked_at',
      sql`(${table.state} in ('revoked', 'failed')) = (${table.revokedAtMs} is not null)`,
    ),
    check('service_accounts_scope', sql`${table.scope} in ('team', 'organization')`),
    check(
      'service_accounts_authentication_method',
      sql`${table.authenticationMethod} in ('api_key', 'federated')`,
    ),
    check(
      'service_accounts_identity',
      sql`(${table.authenticationMethod} = 'federated') = (${table.issuer} is not null) and (${table.issuer} is null) = (${table.subject} is null)`,
    ),
  ],
);

/** Matches accounts that haven't ended, in the words of the indexes, so that SQLite uses them. */
export const hasNotEnded = sql`${serviceAccounts.state} in ('provisioning', 'active', 'revoking')`;

/** When an account was last used, or created if it never was, in the words of the index. `coalesce` has a comma, at which
 * drizzle-kit splits it. */
export const quietSinceMs = sql<number>`case when ${serviceAccounts.lastUsedAtMs} is null then ${serviceAccounts.createdAtMs} else ${serviceAccounts.lastUsedAtMs} end`;

/** Matches accounts that are or were active. */
export const hasBeenActive = sql`${serviceAccounts.state} in ('active', 'revoking', 'revoked')`;

export const apiKeys = sqliteTable(
  'api_keys',
  {
    organizationId: organizationId(),
    keyId: text('key_id').notNull(),
    accountId: text('account_id').notNull(),
    name: text('name').notNull(),
    /** Null for a key from before its deliveries were recorded. */
    createdBySlackUserId: text('created_by_slack_user_id'),
    /** Null for a key that a W&B server created and verifies. */
    secretHash: text('secret_hash'),
    pepperVersion: integer('pepper_version'),
    createdAtMs: integer('created_at_ms').notNull(),
    expiresAtMs: integer('expires_at_ms'),
    revokedAtMs: integer('revoked_at_ms'),
    ...lastUse(),
    /** The last notice of its expiry that was sent: 14, 3 or 0 days before. */
    noticedDaysBefore: integer('noticed_days_before'),
    /** Until when nobody is asked about its missing use; null if nobody chose to keep it. */
    keptUntilMs: integer('kept_until_ms'),
    /** When the key was reported as found in public. */
    leakReportedAtMs: integer('leak_reported_at_ms'),
  },
  (table) => [
    primaryKey({ columns: [table.organizationId, table.keyId] }),
    // A key that Keysmith verifies has a hash and a pepper, and may expire; any other key has neither and doesn't.
    check(
      'api_keys_checked_here',
      sql`(${table.secretHash} is null) = (${table.pepperVersion} is null) and (${table.secretHash} is not null or ${table.expiresAtMs} is null)`,
    ),
    foreignKey({
      name: 'api_keys_account',
      columns: [table.organizationId, table.accountId],
      foreignColumns: [serviceAccounts.organizationId, serviceAccounts.id],
    }),
    // A key whose pepper is missing could never be verified.
    foreignKey({
      name: 'api_keys_pepper',
      columns: [table.organizationId, table.pepperVersion],
      foreignColumns: [peppers.organizationId, peppers.version],
    }),
    // Verification starts from the key ID alone, so it must lead to one row of all organizations.
    uniqueIndex('api_keys_key_id').on(table.keyId),
    // Lists and the Home tab show the keys that expire soon.
    index('api_keys_expiry')
      .on(table.organizationId, table.expiresAtMs)
      .where(sql`${table.revokedAtMs} is null`),
    // Listing and revoking start from the account.
    index('api_keys_account').on(table.organizationId, table.accountId, table.createdAtMs),
    // A name belongs to one key of the account that isn't revoked.
    uniqueIndex('api_keys_name')
      .on(table.organizationId, table.accountId, table.name)
      .where(sql`${table.revokedAtMs} is null`),
  ],
);

/** The account that each submitted form created, so that the same form never creates a second one. */
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
    // The end of a creation on a W&B server starts from the account.
    index('submissions_account').on(table.organizationId, table.accountId),
  ],
);
