import type Database from 'better-sqlite3';
import { sql } from 'drizzle-orm';
import { drizzle } from 'drizzle-orm/better-sqlite3';
import type { Store } from '../application/ports/store.ts';
import * as accounts from './accounts/account-tables.ts';
import * as collections from './accounts/collection-tables.ts';
import * as deliveries from './accounts/delivery-tables.ts';
import { insertAccount, readEarlierSubmission } from './accounts/insert-account.ts';
import {
  claimCollectionNotifications,
  markCollectionNotified,
  readDueTellings,
} from './accounts/telling-tables.ts';
import { createAuditAppender, readAuditRecords } from './audit/audit-events.ts';
import { authorityMethods } from './authority/authority-methods.ts';
import * as peppers from './authority/pepper-tables.ts';
import { withStoreFaults } from './database/fault.ts';
import { openSqliteDatabase, type SqliteDatabaseOptions } from './database/open-database.ts';
import type { UnitsOfWork } from './database/unit-of-work.ts';
import { operationMethods } from './operations/operation-methods.ts';
import { applyOrganization } from './organization/apply-organization.ts';
import * as organizations from './organization/organization-tables.ts';
import * as schema from './schema/schema.ts';

export interface SqliteStoreOptions {
  /** The key under which audit events are chained. */
  auditKey: Uint8Array;
  /** Makes the IDs of the rows that the store makes itself: organizations (`org`) and teams (`team`). */
  newId: (prefix: string) => string;
}

type Parts<Name extends keyof Store> = Pick<Store, Name>;

/** The store over a database that `openSqliteDatabase` opened. */
export function createSqliteStore(client: Database.Database, options: SqliteStoreOptions): Store {
  const db = drizzle(client, { schema });
  const units: UnitsOfWork = {
    read: async (work) => withStoreFaults(() => db.transaction(work)),
    write: async (work) => withStoreFaults(() => db.transaction(work, { behavior: 'immediate' })),
    appenderOf: (tx, organizationId) => createAuditAppender(tx, organizationId, options.auditKey),
  };
  return {
    ...organizationMethods(units, options.newId),
    ...teamMethods(units),
    ...accountMethods(units),
    ...deliveryMethods(units),
    ...auditMethods(units),
    ...pepperMethods(units),
    ...operationMethods(units, options.newId),
    ...authorityMethods(db, units),
    ping: () => units.read((tx) => void tx.get(sql`select 1 from database_identity`)),
    close: async () => withStoreFaults(() => void client.close()),
  };
}

function organizationMethods(
  { read, write, appenderOf }: UnitsOfWork,
  newId: (prefix: string) => string,
): Parts<'organizationName' | 'openOrganization' | 'applyOrganization'> {
  return {
    organizationName: () => read(organizations.readOrganizationName),
    openOrganization: (name, nowMs) =>
      write((tx) => {
        const found = organizations.readOrganizationId(tx, name);
        if (found !== undefined) return found;
        const organizationId = newId('org');
        organizations.insertOrganization(tx, {
          organizationId,
          name,
          createdAtMs: nowMs,
        });
        appenderOf(
          tx,
          organizationId,
        )({
          atMs: nowMs,
          actor: { type: 'system', name: 'keysmith' },
          action: 'organization.created',
          subject: `organization:${name}`,
          details: { name },
          requestId: null,
        });
        return organizationId;
      }),
    applyOrganization: (organizationId, desired, nowMs) =>
      write((tx) =>
        applyOrganization(tx, { organizationId, desired, nowMs, newId }, appenderOf(tx, organizationId)),
      ),
  };
}

function teamMethods({
  read,
}: UnitsOfWork): Parts<
  | 'isOrganizationAdmin'
  | 'organizationAdmins'
  | 'teamAccess'
  | 'administeredTeams'
  | 'teamsOf'
  | 'teamAdmins'
  | 'issuers'
> {
  return {
    isOrganizationAdmin: (organizationId, email) =>
      read((db) => organizations.readIsOrganizationAdmin(db, organizationId, email)),
    organizationAdmins: (organizationId) =>
      read((db) => organizations.readOrganizationAdmins(db, organizationId)),
    teamAccess: (organizationId, email, teamName) =>
      read((db) => organizations.readStanding(db, organizationId, email, teamName)),
    administeredTeams: (organizationId, email, options) =>
      read((db) => organizations.readAdministeredTeams(db, organizationId, email, options)),
    teamsOf: (organizationId, email) => read((db) => organizations.readTeamsOf(db, organizationId, email)),
    teamAdmins: (organizationId, teamName) =>
      read((db) => organizations.readTeamAdmins(db, organizationId, teamName)),
    issuers: (organizationId) => read((db) => organizations.readIssuers(db, organizationId)),
  };
}

function accountMethods({
  read,
  write,
  appenderOf,
}: UnitsOfWork): Parts<
  | 'insertAccount'
  | 'earlierSubmission'
  | 'findAccount'
  | 'findAccountsByName'
  | 'listAccounts'
  | 'revokeAccount'
> {
  return {
    insertAccount: (organizationId, account) =>
      write((tx) => insertAccount(tx, organizationId, account, appenderOf(tx, organizationId))),
    earlierSubmission: (organizationId, submissionId) =>
      read((db) => readEarlierSubmission(db, organizationId, submissionId)),
    findAccount: (organizationId, accountId) =>
      read((db) => accounts.readAccount(db, organizationId, accountId)),
    findAccountsByName: (organizationId, email, name, teamName) =>
      read((db) =>
        accounts.readAccountsByName(db, organizationId, email, {
          name,
          teamName,
        }),
      ),
    listAccounts: (organizationId, email, options) =>
      read((db) => accounts.readManageableAccounts(db, organizationId, email, options)),
    revokeAccount: (organizationId, accountId, nowMs, auditEvent) =>
      write((tx) => {
        const result = accounts.revokeAccount(tx, organizationId, accountId, nowMs);
        if (result === 'revoked') appenderOf(tx, organizationId)(auditEvent);
        return result;
      }),
  };
}

function deliveryMethods({
  read,
  write,
  appenderOf,
}: UnitsOfWork): Parts<
  | 'settleDelivery'
  | 'lapsedDeliveries'
  | 'findCollection'
  | 'openCollections'
  | 'beginCollection'
  | 'claimCollectionNotifications'
  | 'markCollectionNotified'
> {
  return {
    settleDelivery: (organizationId, settlement) =>
      write((tx) =>
        deliveries.settleDelivery(tx, organizationId, settlement, appenderOf(tx, organizationId)),
      ),
    lapsedDeliveries: (organizationId, nowMs) =>
      read((db) => deliveries.readLapsedDeliveries(db, organizationId, nowMs)),
    findCollection: (organizationId, collectionId) =>
      read((db) => collections.readCollection(db, organizationId, collectionId)),
    openCollections: (organizationId, slackUserId, nowMs) =>
      read((db) => collections.readOpenCollections(db, organizationId, slackUserId, nowMs)),
    beginCollection: (organizationId, collectionId, key, nowMs, auditEvent) =>
      write((tx) => {
        const result = collections.beginCollection(tx, organizationId, collectionId, key, nowMs);
        if (result.ok) appenderOf(tx, organizationId)(auditEvent);
        return result;
      }),
    claimCollectionNotifications: async (organizationId, nowMs, which) => {
      // Asked every few seconds, and nearly always there is none: no reason to wait for the write lock.
      const due = await read((db) => readDueTellings(db, organizationId, nowMs, which));
      return due.length === 0
        ? []
        : write((tx) => claimCollectionNotifications(tx, organizationId, nowMs, which));
    },
    markCollectionNotified: (organizationId, told) =>
      write((tx) => markCollectionNotified(tx, organizationId, told)),
  };
}

function auditMethods({ read, write, appenderOf }: UnitsOfWork): Parts<'appendAuditEvent' | 'auditRecords'> {
  return {
    appendAuditEvent: (organizationId, event) => write((tx) => appenderOf(tx, organizationId)(event)),
    auditRecords: (organizationId) => read((db) => readAuditRecords(db, organizationId)),
  };
}

function pepperMethods({ read, write }: UnitsOfWork): Parts<'sealedPeppers' | 'insertSealedPepper'> {
  return {
    sealedPeppers: (organizationId) => read((db) => peppers.readSealedPeppers(db, organizationId)),
    insertSealedPepper: (organizationId, version, sealed, createdAtMs) =>
      write((tx) =>
        peppers.insertSealedPepper(tx, {
          organizationId,
          version,
          sealed,
          createdAtMs,
        }),
      ),
  };
}

export { DatabaseRefusedError } from './database/migrations.ts';

/** Opens the SQLite database and the store over it. Throws `DatabaseRefusedError` where it can't be used. */
export function openSqliteStore(options: SqliteDatabaseOptions & SqliteStoreOptions): Store {
  return createSqliteStore(openSqliteDatabase(options), options);
}
