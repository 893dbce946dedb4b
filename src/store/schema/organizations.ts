import { sql } from 'drizzle-orm';
import { check, integer, primaryKey, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core';
import type { Policy } from '../../domain/organization/policy.ts';

/** One row: whether the database belongs to the sandbox or to a real workspace. */
export const databaseIdentity = sqliteTable(
  'database_identity',
  {
    singleton: integer('singleton').primaryKey(),
    mode: text('mode', { enum: ['sandbox', 'live'] }).notNull(),
    createdAtMs: integer('created_at_ms').notNull(),
  },
  (table) => [
    check('database_identity_singleton', sql`${table.singleton} = 1`),
    check('database_identity_mode', sql`${table.mode} in ('sandbox', 'live')`),
  ],
);

export const organizations = sqliteTable(
  'organizations',
  {
    organizationId: text('organization_id').primaryKey(),
    name: text('name').notNull(),
    createdAtMs: integer('created_at_ms').notNull(),
    /** Where the organization's accounts live. The first start sets it, and it never changes. */
    backend: text('backend', { enum: ['builtin', 'wandb'] }),
    /** When the W&B server last created an account without returning its key; null if it returned the last one. */
    keysNotShownAtMs: integer('keys_not_shown_at_ms'),
    /** The W&B server's address. The member IDs in this database mean nothing to another server. */
    backendAddress: text('backend_address'),
    /** Null for a policy without entries. */
    policy: text('policy', { mode: 'json' }).$type<Policy>(),
  },
  // Two processes that start at the same moment must not create the organization twice.
  (table) => [uniqueIndex('organizations_name').on(table.name)],
);

/**
 * The column that every table carries, except the database's identity. It is part of every primary key and foreign key, so
 * that no row can refer to another organization's, whatever the code asks for.
 */
export const organizationId = () =>
  text('organization_id')
    .notNull()
    .references(() => organizations.organizationId);

export const organizationAdmins = sqliteTable(
  'organization_admins',
  {
    organizationId: organizationId(),
    email: text('email').notNull(),
    addedAtMs: integer('added_at_ms').notNull(),
  },
  (table) => [primaryKey({ columns: [table.organizationId, table.email] })],
);
