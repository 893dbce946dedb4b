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
import type { JSONWebKeySet } from 'jose';
import type { RecordedAction } from '../../domain/audit/audit-actions.ts';
import type { AuditActor, AuditDetail } from '../../domain/audit/audit-event.ts';
import { DEFAULT_ASSERTION_LIFETIME_SECONDS } from '../../domain/federation/issuer.ts';

/*
 * Every key starts with the organization, and every foreign key carries it along: a row can't point into another
 * organization, whatever the code above asks for.
 */

/** One row: whose database this is. */
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
    /** Where its accounts live; whoever opens the database first decides. */
    backend: text('backend', { enum: ['builtin', 'wandb'] }),
    /** When the W&B server was last seen to keep a new key to itself. */
    keysNotShownAtMs: integer('keys_not_shown_at_ms'),
    /** Of the W&B server: the IDs of members mean nothing to another. */
    backendAddress: text('backend_address'),
  },
  // Two processes that start at once must not make the organization twice.
  (table) => [uniqueIndex('organizations_name').on(table.name)],
);

/** The column that every row carries. */
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

/** JWT issuers. One that left the teams file stays for the accounts that name it, but takes no new ones. */
export const issuers = sqliteTable(
  'issuers',
  {
    organizationId: organizationId(),
    url: text('url').notNull(),
    addedAtMs: integer('added_at_ms').notNull(),
    removedAtMs: integer('removed_at_ms'),
    isSingleUse: integer('is_single_use', { mode: 'boolean' }).notNull().default(false),
    isPrivateNetwork: integer('is_private_network', { mode: 'boolean' }).notNull().default(false),
    /** PEM certificates. */
    ca: text('ca'),
    /** Stated public keys, which are never fetched. */
    jwks: text('jwks', { mode: 'json' }).$type<JSONWebKeySet>(),
    maxLifetimeSeconds: integer('max_lifetime_seconds').notNull().default(DEFAULT_ASSERTION_LIFETIME_SECONDS),
  },
  (table) => [
    primaryKey({ columns: [table.organizationId, table.url] }),
    check('issuers_jwks', sql`${table.jwks} is null or json_valid(${table.jwks})`),
  ],
);

export const teams = sqliteTable(
  'teams',
  {
    organizationId: organizationId(),
    id: text('id').notNull(),
    name: text('name').notNull(),
    subjects: text('subjects', { mode: 'json' }).$type<readonly string[]>().notNull(),
    createdAtMs: integer('created_at_ms').notNull(),
    archivedAtMs: integer('archived_at_ms'),
  },
  (table) => [
    primaryKey({ columns: [table.organizationId, table.id] }),
    // Teams are addressed by name; an archived one keeps its name, so that it can come back with its accounts.
    uniqueIndex('teams_name').on(table.organizationId, table.name),
    check('teams_subjects', sql`json_valid(${table.subjects})`),
  ],
);

export const teamMembers = sqliteTable(
  'team_members',
  {
    organizationId: organizationId(),
    teamId: text('team_id').notNull(),
    email: text('email').notNull(),
    username: text('username').notNull(),
    role: text('role', { enum: ['admin', 'member', 'view-only'] }).notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.organizationId, table.teamId, table.email] }),
    foreignKey({
      name: 'team_members_team',
      columns: [table.organizationId, table.teamId],
      foreignColumns: [teams.organizationId, teams.id],
    }),
    // Every command starts with "which teams does this person administer".
    index('team_members_email').on(table.organizationId, table.email, table.role),
    check('team_members_role', sql`${table.role} in ('admin', 'member', 'view-only')`),
  ],
);

export const projects = sqliteTable(
  'projects',
  {
    organizationId: organizationId(),
    teamId: text('team_id').notNull(),
    name: text('name').notNull(),
    visibility: text('visibility', {
      enum: ['private', 'public', 'open', 'restricted'],
    }).notNull(),
    /** Names of accounts that may enter a restricted project; they need not exist yet. */
    serviceAccounts: text('service_accounts', { mode: 'json' }).$type<readonly string[]>().notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.organizationId, table.teamId, table.name] }),
    foreignKey({
      name: 'projects_team',
      columns: [table.organizationId, table.teamId],
      foreignColumns: [teams.organizationId, teams.id],
    }),
    check('projects_visibility', sql`${table.visibility} in ('private', 'public', 'open', 'restricted')`),
    check('projects_service_accounts', sql`json_valid(${table.serviceAccounts})`),
  ],
);

export const auditEvents = sqliteTable(
  'audit_events',
  {
    organizationId: organizationId(),
    sequence: integer('sequence').notNull(),
    atMs: integer('at_ms').notNull(),
    actor: text('actor', { mode: 'json' }).$type<AuditActor>().notNull(),
    action: text('action').$type<RecordedAction>().notNull(),
    subject: text('subject').notNull(),
    details: text('details', { mode: 'json' }).$type<Readonly<Record<string, AuditDetail>>>().notNull(),
    requestId: text('request_id'),
    previousHash: text('previous_hash').notNull(),
    hash: text('hash').notNull(),
  },
  (table) => [
    // Two writers can't both append the same number. Triggers in the migrations refuse updates and deletions.
    primaryKey({ columns: [table.organizationId, table.sequence] }),
    check('audit_events_sequence', sql`${table.sequence} > 0`),
    check('audit_events_actor', sql`json_valid(${table.actor})`),
    check('audit_events_details', sql`json_valid(${table.details})`),
  ],
);
