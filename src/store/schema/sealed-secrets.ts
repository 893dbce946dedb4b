import { sql } from 'drizzle-orm';
import { check, integer, primaryKey, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core';
import type { JWK } from 'jose';
import { organizationId } from './organizations.ts';

/** The keys of the HMAC that hashes API key secrets, sealed as JWE. */
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

/** The keys that sign access tokens, and those that sign JWTs for the W&B server. `sealed` is the private JWK as JWE. */
export const signingKeys = sqliteTable(
  'signing_keys',
  {
    organizationId: organizationId(),
    purpose: text('purpose', { enum: ['access_token', 'federation'] })
      .notNull()
      .default('access_token'),
    number: integer('number').notNull(),
    keyId: text('key_id').notNull(),
    sealed: text('sealed').notNull(),
    publicJwk: text('public_jwk', { mode: 'json' }).$type<JWK>().notNull(),
    createdAtMs: integer('created_at_ms').notNull(),
    signsFromMs: integer('signs_from_ms').notNull(),
    signsUntilMs: integer('signs_until_ms').notNull(),
    publishedUntilMs: integer('published_until_ms').notNull(),
  },
  (table) => [
    // Two replicas can't both create the next key.
    primaryKey({ columns: [table.organizationId, table.purpose, table.number] }),
    // A token names its key by ID, so an ID must lead to one key.
    uniqueIndex('signing_keys_key_id').on(table.organizationId, table.keyId),
    check('signing_keys_purpose', sql`${table.purpose} in ('access_token', 'federation')`),
    check('signing_keys_public_jwk', sql`json_valid(${table.publicJwk})`),
    check(
      'signing_keys_times',
      sql`${table.signsFromMs} < ${table.signsUntilMs} and ${table.signsUntilMs} <= ${table.publishedUntilMs}`,
    ),
  ],
);
