import { sql } from 'drizzle-orm';
import { check, foreignKey, index, integer, primaryKey, sqliteTable, text } from 'drizzle-orm/sqlite-core';
import type { JSONWebKeySet } from 'jose';
import { organizationId } from './organizations.ts';

/** JWT issuers. An issuer that is removed from the teams file keeps its row for the accounts that name it. */
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
    /** The public keys of the teams file, which are used instead of fetched ones. */
    jwks: text('jwks', { mode: 'json' }).$type<JSONWebKeySet>(),
    /** The teams file sets it. The default is only for issuers of a W&B server, whose JWTs Keysmith doesn't see. */
    maxLifetimeSeconds: integer('max_lifetime_seconds').notNull().default(86_400),
    /** Where its keys are fetched instead of through discovery. */
    jwksUrl: text('jwks_url'),
    /** Its place in the teams file, from 0. */
    position: integer('position').notNull().default(0),
  },
  (table) => [
    primaryKey({ columns: [table.organizationId, table.url] }),
    check('issuers_jwks', sql`${table.jwks} is null or json_valid(${table.jwks})`),
  ],
);

/** The last valid keys fetched from each issuer, used while the issuer is down. */
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

/** Assertions of single-use issuers, kept until they expire, so that a second use is refused. */
export const usedAssertions = sqliteTable(
  'used_assertions',
  {
    organizationId: organizationId(),
    issuer: text('issuer').notNull(),
    /**
     * SHA-256 of the `jti`, hexadecimal: an issuer's `jti` may be of any length, this is always 64 characters. `forgotten` in the
     * one row per issuer that isn't an assertion.
     */
    tokenIdHash: text('token_id_hash').notNull(),
    expiresAtMs: integer('expires_at_ms').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.organizationId, table.issuer, table.tokenIdHash] }),
    foreignKey({
      name: 'used_assertions_issuer',
      columns: [table.organizationId, table.issuer],
      foreignColumns: [issuers.organizationId, issuers.url],
    }),
    // Each new assertion deletes the expired ones.
    index('used_assertions_expiry').on(table.organizationId, table.expiresAtMs),
  ],
);
