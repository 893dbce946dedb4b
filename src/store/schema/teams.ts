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
import type { Policy } from '../../domain/organization/policy.ts';
import { organizationId } from './organizations.ts';

export const teams = sqliteTable(
  'teams',
  {
    organizationId: organizationId(),
    id: text('id').notNull(),
    name: text('name').notNull(),
    /** Patterns of the subjects that the team may register. */
    subjects: text('subjects', { mode: 'json' }).$type<readonly string[]>().notNull(),
    createdAtMs: integer('created_at_ms').notNull(),
    archivedAtMs: integer('archived_at_ms'),
    /** Where its members and roles are managed: in the teams file or in Slack. */
    origin: text('origin', { enum: ['file', 'slack'] })
      .notNull()
      .default('file'),
    /** Null if the team has the organization's. */
    policy: text('policy', { mode: 'json' }).$type<Policy>(),
    /** The ID of the Slack channel for the team's requests. */
    channel: text('channel'),
  },
  (table) => [
    primaryKey({ columns: [table.organizationId, table.id] }),
    // Teams are addressed by name. An archived team keeps its name, so that it can be restored with its accounts.
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
    // Every command starts by reading the teams that the person administers.
    index('team_members_email').on(table.organizationId, table.email, table.role),
    // The admins of a team are named to people who lack access, and notified.
    index('team_members_admins')
      .on(table.organizationId, table.teamId, table.email)
      .where(sql`${table.role} = 'admin'`),
    check('team_members_role', sql`${table.role} in ('admin', 'member', 'view-only')`),
  ],
);

/** Matches the admins of a team. A constant, so that SQLite uses the index with this condition. */
export const isTeamAdmin = eq(teamMembers.role, 'admin').inlineParams();

export const projects = sqliteTable(
  'projects',
  {
    organizationId: organizationId(),
    teamId: text('team_id').notNull(),
    name: text('name').notNull(),
    visibility: text('visibility', { enum: ['private', 'public', 'open', 'restricted'] }).notNull(),
    /** Names of the accounts that may enter a restricted project. They don't have to exist yet. */
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
