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
