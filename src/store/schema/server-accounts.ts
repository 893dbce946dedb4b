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
import { serviceAccounts } from './accounts.ts';
import { organizationId } from './organizations.ts';

/**
 * The accounts that Keysmith asked a W&B server for. Each attempt to create one has its own row, written before the server is called;
 * a job brings it to its desired state.
 */
export const serverAccounts = sqliteTable(
  'server_accounts',
  {
    organizationId: organizationId(),
    id: text('id').notNull(),
    accountId: text('account_id').notNull(),
    /** The name on the server. */
    name: text('name').notNull(),
    /** The end of the name, by which the account is recognized; null for one from before tags. */
    tag: text('tag'),
    desired: text('desired', { enum: ['present', 'absent'] }).notNull(),
    /** The membership in the team. */
    memberId: text('member_id'),
    /** The OAuth client of a federated account. */
    clientId: text('client_id'),
    scimId: text('scim_id'),
    /** When the attempt was abandoned with an unknown outcome, or the account was first missing: it may still appear. */
    abandonedAtMs: integer('abandoned_at_ms'),
    /** When a read last showed that the server doesn't have the account; null while it may have it. */
    goneAtMs: integer('gone_at_ms'),
    /** Why an admin has to act; null if none has to. */
    problem: text('problem', {
      enum: ['duplicate_tag', 'another_account', 'no_id', 'unknown_creation', 'stalled'],
    }),
    createdAtMs: integer('created_at_ms').notNull(),
    /** How many native keys the account may have had: 1 with the one that Keysmith issued, and at least 2 after someone created one. */
    knownKeys: integer('known_keys').notNull().default(0),
    /** When all native keys of the deleted account were known to be deleted. W&B keeps the keys of deleted accounts. */
    keysDeletedAtMs: integer('keys_deleted_at_ms'),
  },
  (table) => [
    primaryKey({ columns: [table.organizationId, table.id] }),
    foreignKey({
      name: 'server_accounts_account',
      columns: [table.organizationId, table.accountId],
      foreignColumns: [serviceAccounts.organizationId, serviceAccounts.id],
    }),
    // What carries a tag is one account, whichever organization asked for it.
    uniqueIndex('server_accounts_tag').on(table.tag).where(sql`${table.tag} is not null`),
    index('server_accounts_account').on(table.organizationId, table.accountId),
    // Entries of the server's audit log name users by these IDs.
    index('server_accounts_member').on(table.organizationId, table.memberId),
    index('server_accounts_scim').on(table.organizationId, table.scimId),
    // The list names the deleted accounts whose keys an admin hasn't confirmed as deleted.
    index('server_accounts_keys_open')
      .on(table.organizationId, table.goneAtMs)
      .where(sql`${table.goneAtMs} is not null and ${table.keysDeletedAtMs} is null`),
    // An account has one on the server at most; older attempts are being deleted.
    uniqueIndex('server_accounts_present')
      .on(table.organizationId, table.accountId)
      .where(sql`${table.desired} = 'present'`),
    check('server_accounts_desired', sql`${table.desired} in ('present', 'absent')`),
    check('server_accounts_gone', sql`${table.goneAtMs} is null or ${table.desired} = 'absent'`),
    check(
      'server_accounts_problem',
      sql`${table.problem} in ('duplicate_tag', 'another_account', 'no_id', 'unknown_creation', 'stalled')`,
    ),
  ],
);
