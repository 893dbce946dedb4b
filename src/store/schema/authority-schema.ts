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
import type { JSONWebKeySet, JWK } from 'jose';
import { issuers, organizationId } from './organization-schema.ts';

/** The last good keys of issuers, for when they are down. */
export const issuerKeySets = sqliteTable(
  'issuer_key_sets',
  {
    organizationId: organizationId(),
    url: text('url').notNull(),
    jwks: text('jwks', { mode: 'json' }).$type<JSONWebKeySet>().notNull(),
    fetchedAtMs: integer('fetched_at_ms').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.organizationId, table.url] }),
    foreignKey({
      name: 'issuer_key_sets_issuer',
      columns: [table.organizationId, table.url],
      foreignColumns: [issuers.organizationId, issuers.url],
    }),
    check('issuer_key_sets_jwks', sql`json_valid(${table.jwks})`),
  ],
);

/** JWTs of issuers whose JWTs are good once, until they end. */
export const usedAssertions = sqliteTable(
  'used_assertions',
  {
    organizationId: organizationId(),
    issuer: text('issuer').notNull(),
    /** SHA-256 of the `jti`, hexadecimal: as long as it likes to be, it takes the same room. */
    tokenIdHash: text('token_id_hash').notNull(),
    endsAtMs: integer('ends_at_ms').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.organizationId, table.issuer, table.tokenIdHash] }),
    foreignKey({
      name: 'used_assertions_issuer',
      columns: [table.organizationId, table.issuer],
      foreignColumns: [issuers.organizationId, issuers.url],
    }),
    // Those that have ended are forgotten with every new one.
    index('used_assertions_ends').on(table.organizationId, table.endsAtMs),
  ],
);

export const signingKeys = sqliteTable(
  'signing_keys',
  {
    organizationId: organizationId(),
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
    // Two replicas can't both make the next one.
    primaryKey({ columns: [table.organizationId, table.number] }),
    uniqueIndex('signing_keys_key_id').on(table.organizationId, table.keyId),
    check('signing_keys_public_jwk', sql`json_valid(${table.publicJwk})`),
    check(
      'signing_keys_times',
      sql`${table.signsFromMs} < ${table.signsUntilMs} and ${table.signsUntilMs} <= ${table.publishedUntilMs}`,
    ),
  ],
);
