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
import { apiKeys } from '../accounts.ts';
import { organizationId } from '../organizations.ts';

/** Replacements of a key by a new one, while both work. */
export const rotations = sqliteTable(
  'rotations',
  {
    organizationId: organizationId(),
    id: text('id').notNull(),
    oldKeyId: text('old_key_id').notNull(),
    /** Null until a new key was created, and after one that didn't reach anyone. */
    newKeyId: text('new_key_id'),
    startedBySlackUserId: text('started_by_slack_user_id').notNull(),
    startedByEmail: text('started_by_email').notNull(),
    startedAtMs: integer('started_at_ms').notNull(),
    /** When the old key expires. */
    overlapUntilMs: integer('overlap_until_ms').notNull(),
    /** The expiry of the old key before the rotation; null if it had none. */
    oldExpiresAtMs: integer('old_expires_at_ms'),
    /** Whether the old key is revoked as soon as it is no longer used. */
    revokesUnused: integer('revokes_unused', { mode: 'boolean' }).notNull(),
    state: text('state', { enum: ['open', 'finished', 'canceled'] }).notNull(),
    finishedAtMs: integer('finished_at_ms'),
    finishedBySlackUserId: text('finished_by_slack_user_id'),
    /** When the contact was asked about the old key, which was still used near the end. */
    askedAtMs: integer('asked_at_ms'),
    /** When the contact was notified of a use after the end. */
    lateUseAtMs: integer('late_use_at_ms'),
  },
  (table) => [
    primaryKey({ columns: [table.organizationId, table.id] }),
    foreignKey({
      name: 'rotations_old_key',
      columns: [table.organizationId, table.oldKeyId],
      foreignColumns: [apiKeys.organizationId, apiKeys.keyId],
    }),
    foreignKey({
      name: 'rotations_new_key',
      columns: [table.organizationId, table.newKeyId],
      foreignColumns: [apiKeys.organizationId, apiKeys.keyId],
    }),
    // A key is replaced by one rotation at a time.
    uniqueIndex('rotations_open')
      .on(table.organizationId, table.oldKeyId)
      .where(sql`${table.state} = 'open'`),
    // The use of an old key after its rotation is recognized by its key ID.
    index('rotations_old_key').on(table.organizationId, table.oldKeyId),
    // The delivery of a new key starts the overlap.
    uniqueIndex('rotations_new_key')
      .on(table.organizationId, table.newKeyId)
      .where(sql`${table.newKeyId} is not null`),
    check('rotations_state', sql`${table.state} in ('open', 'finished', 'canceled')`),
    check('rotations_finished', sql`(${table.state} = 'open') = (${table.finishedAtMs} is null)`),
  ],
);

/** The long pauses between two uses of a key: how long it must be quiet before it counts as no longer used. */
export const keyPauses = sqliteTable(
  'key_pauses',
  {
    organizationId: organizationId(),
    keyId: text('key_id').notNull(),
    startedAtMs: integer('started_at_ms').notNull(),
    endedAtMs: integer('ended_at_ms').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.organizationId, table.keyId, table.startedAtMs] }),
    foreignKey({
      name: 'key_pauses_key',
      columns: [table.organizationId, table.keyId],
      foreignColumns: [apiKeys.organizationId, apiKeys.keyId],
    }),
  ],
);
