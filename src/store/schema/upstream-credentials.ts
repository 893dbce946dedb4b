import { sql } from 'drizzle-orm';
import {
  check,
  foreignKey,
  integer,
  primaryKey,
  sqliteTable,
  text,
  uniqueIndex,
} from 'drizzle-orm/sqlite-core';
import { organizationId } from './organizations.ts';
import { teams } from './teams.ts';

/** The W&B API keys with which Keysmith forwards requests to teams. `sealed` is the key as JWE. */
export const upstreamCredentials = sqliteTable(
  'upstream_credentials',
  {
    organizationId: organizationId(),
    teamId: text('team_id').notNull(),
    /** Another one for each key, so that a process notices a replaced one. */
    id: text('id').notNull(),
    sealed: text('sealed').notNull(),
    /** A user name in W&B. */
    owner: text('owner').notNull(),
    isWider: integer('is_wider', { mode: 'boolean' }).notNull(),
    storedAtMs: integer('stored_at_ms').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.organizationId, table.teamId] }),
    foreignKey({
      name: 'upstream_credentials_team',
      columns: [table.organizationId, table.teamId],
      foreignColumns: [teams.organizationId, teams.id],
    }),
    // A process opens a key once, by its ID.
    uniqueIndex('upstream_credentials_id').on(table.organizationId, table.id),
  ],
);

/** The upstream credentials that W&B doesn't accept. A row is deleted when the credential works again or is replaced. */
export const upstreamRejections = sqliteTable(
  'upstream_rejections',
  {
    organizationId: organizationId(),
    teamId: text('team_id').notNull(),
    kind: text('kind', { enum: ['team_key', 'access_token'] }).notNull(),
    sinceMs: integer('since_ms').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.organizationId, table.teamId, table.kind] }),
    foreignKey({
      name: 'upstream_rejections_team',
      columns: [table.organizationId, table.teamId],
      foreignColumns: [teams.organizationId, teams.id],
    }),
    check('upstream_rejections_kind', sql`${table.kind} in ('team_key', 'access_token')`),
  ],
);
