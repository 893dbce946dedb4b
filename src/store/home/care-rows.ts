import { and, asc, count, desc, eq, gt, isNotNull, isNull, lte, or, type SQL, sql } from 'drizzle-orm';
import { accountOfKey, teamOfAccount } from '../accounts/account-row.ts';
import { organizationParameter, type SqliteConnection } from '../database/connection.ts';
import { hasNotEnded } from '../schema/accounts.ts';
import { apiKeys, rotations, serviceAccounts, teams, unusedReviews } from '../schema/schema.ts';

/*
 * The rows of the Home tab. SQLite keeps the order of tables in a cross join, so each query starts from what is few: a team, the
 * accounts of a contact, or the rows of a partial index. Only few rows are read, and what sorts them afterwards is the code: a sort in
 * SQL would read all of them.
 */

const accountColumns = {
  accountId: serviceAccounts.id,
  name: serviceAccounts.name,
  teamName: teams.name,
};
const keyColumns = { ...accountColumns, keyId: apiKeys.keyId, keyName: apiKeys.name };

const isActive = eq(serviceAccounts.state, 'active').inlineParams();
const isOfActiveTeam = and(teamOfAccount, isNull(teams.archivedAtMs));

const isThisTeam = eq(teams.name, sql.placeholder('teamName'));

/** The accounts of one team. */
const ofTeam = and(
  eq(teams.organizationId, organizationParameter),
  isThisTeam,
  isNull(teams.archivedAtMs),
  teamOfAccount,
  hasNotEnded,
  isActive,
);

/** The accounts whose contact a person is. */
const ofContact = and(
  eq(serviceAccounts.organizationId, organizationParameter),
  eq(serviceAccounts.contact, sql.placeholder('slackUserId')),
  hasNotEnded,
  isActive,
  isOfActiveTeam,
);

const limit = sql.placeholder('limit');

const isOpenKey = and(isNull(apiKeys.revokedAtMs), accountOfKey);
const expiresSoon = and(
  isNotNull(apiKeys.expiresAtMs),
  gt(apiKeys.expiresAtMs, sql.placeholder('nowMs')),
  lte(apiKeys.expiresAtMs, sql.placeholder('expiresBeforeMs')),
);
const isOpenRotation = eq(rotations.state, 'open').inlineParams();
/** The key's own rotation says when it ends. */
const isNotRotated = sql`not exists (select 1 from ${rotations} where ${rotations.organizationId} = ${apiKeys.organizationId} and ${rotations.oldKeyId} = ${apiKeys.keyId} and ${isOpenRotation})`;
const oldKeyOfRotation = and(
  eq(rotations.organizationId, apiKeys.organizationId),
  eq(rotations.oldKeyId, apiKeys.keyId),
  isOpenRotation,
);
const isUnowned = isNotNull(serviceAccounts.unownedSinceMs);

const isVerifiedHere = isNotNull(apiKeys.secretHash);
const isUnused = and(
  isVerifiedHere,
  or(isNull(apiKeys.expiresAtMs), gt(apiKeys.expiresAtMs, sql.placeholder('nowMs'))),
  or(isNull(apiKeys.keptUntilMs), lte(apiKeys.keptUntilMs, sql.placeholder('nowMs'))),
  or(
    and(isNull(apiKeys.lastUsedAtMs), lte(apiKeys.createdAtMs, sql.placeholder('neverUsedMs'))),
    lte(apiKeys.lastUsedAtMs, sql.placeholder('silentMs')),
  ),
);

const expiringColumns = { ...keyColumns, expiresAtMs: apiKeys.expiresAtMs };
const rotationColumns = {
  ...keyColumns,
  rotationId: rotations.id,
  overlapUntilMs: rotations.overlapUntilMs,
};
const unownedColumns = { ...accountColumns, sinceMs: serviceAccounts.unownedSinceMs };

const fromTeam = (db: SqliteConnection, where: SQL | undefined) =>
  db
    .select(expiringColumns)
    .from(teams)
    .crossJoin(serviceAccounts)
    .crossJoin(apiKeys)
    .where(and(ofTeam, isOpenKey, where))
    .limit(limit)
    .prepare();

/** Starts from an index of what is in question in the whole organization, not from the accounts of a team. */
function expiringOf(which: SQL | undefined) {
  return (db: SqliteConnection) =>
    db
      .select(expiringColumns)
      .from(apiKeys)
      .crossJoin(serviceAccounts)
      .crossJoin(teams)
      .where(
        and(
          eq(apiKeys.organizationId, organizationParameter),
          isOpenKey,
          expiresSoon,
          isActive,
          isOfActiveTeam,
          which,
          isNotRotated,
        ),
      )
      .orderBy(asc(apiKeys.expiresAtMs))
      .limit(limit)
      .prepare();
}

function rotationsOf(which: SQL | undefined) {
  return (db: SqliteConnection) =>
    db
      .select(rotationColumns)
      .from(rotations)
      .crossJoin(apiKeys)
      .crossJoin(serviceAccounts)
      .crossJoin(teams)
      .where(
        and(
          eq(rotations.organizationId, organizationParameter),
          oldKeyOfRotation,
          accountOfKey,
          isActive,
          isOfActiveTeam,
          which,
        ),
      )
      .limit(limit)
      .prepare();
}

/** Each entry builds one list: for a team, for a contact, for everything, and for a team with many accounts. */
export const expiringRows = {
  ofTeam: (db: SqliteConnection) => fromTeam(db, and(expiresSoon, isNotRotated)),
  ofContact: (db: SqliteConnection) =>
    db
      .select(expiringColumns)
      .from(serviceAccounts)
      .crossJoin(teams)
      .crossJoin(apiKeys)
      .where(and(ofContact, isOpenKey, expiresSoon, isNotRotated))
      .limit(limit)
      .prepare(),
  ofAll: expiringOf(undefined),
  ofLargeTeam: expiringOf(isThisTeam),
};

export const rotationRows = {
  ofTeam: (db: SqliteConnection) =>
    db
      .select(rotationColumns)
      .from(teams)
      .crossJoin(serviceAccounts)
      .crossJoin(apiKeys)
      .crossJoin(rotations)
      .where(and(ofTeam, accountOfKey, oldKeyOfRotation))
      .limit(limit)
      .prepare(),
  ofContact: (db: SqliteConnection) =>
    db
      .select(rotationColumns)
      .from(serviceAccounts)
      .crossJoin(teams)
      .crossJoin(apiKeys)
      .crossJoin(rotations)
      .where(and(ofContact, accountOfKey, oldKeyOfRotation))
      .limit(limit)
      .prepare(),
  ofAll: rotationsOf(undefined),
  ofLargeTeam: rotationsOf(isThisTeam),
};

export const unownedRows = {
  ofTeam: (db: SqliteConnection) =>
    db
      .select(unownedColumns)
      .from(teams)
      .crossJoin(serviceAccounts)
      .where(
        and(
          eq(teams.organizationId, organizationParameter),
          isThisTeam,
          isNull(teams.archivedAtMs),
          teamOfAccount,
          isUnowned,
          isActive,
        ),
      )
      .limit(limit)
      .prepare(),
  ofAll: (db: SqliteConnection) =>
    db
      .select(unownedColumns)
      .from(serviceAccounts)
      .crossJoin(teams)
      .where(
        and(eq(serviceAccounts.organizationId, organizationParameter), isUnowned, isActive, isOfActiveTeam),
      )
      .limit(limit)
      .prepare(),
};

export const unusedRows = (db: SqliteConnection) =>
  db
    .select({ ...keyColumns, lastUsedAtMs: apiKeys.lastUsedAtMs })
    .from(teams)
    .crossJoin(serviceAccounts)
    .crossJoin(apiKeys)
    .where(and(ofTeam, isOpenKey, isUnused))
    .limit(limit)
    .prepare();

/** Like {@link unusedRows}, for one key of the team. */
export const unusedRow = (db: SqliteConnection) =>
  db
    .select({ ...keyColumns, lastUsedAtMs: apiKeys.lastUsedAtMs })
    .from(apiKeys)
    .crossJoin(serviceAccounts)
    .crossJoin(teams)
    .where(
      and(
        eq(apiKeys.organizationId, organizationParameter),
        eq(apiKeys.keyId, sql.placeholder('keyId')),
        isOpenKey,
        isActive,
        isOfActiveTeam,
        isThisTeam,
        isUnused,
      ),
    )
    .prepare();

/** The newest of a team's monthly reviews. */
export const newestReview = (db: SqliteConnection) =>
  db
    .select({ keyIds: unusedReviews.keyIds })
    .from(teams)
    .crossJoin(unusedReviews)
    .where(
      and(
        eq(teams.organizationId, organizationParameter),
        isThisTeam,
        eq(unusedReviews.organizationId, teams.organizationId),
        eq(unusedReviews.teamId, teams.id),
      ),
    )
    .orderBy(desc(unusedReviews.createdAtMs))
    .limit(1)
    .prepare();

export const accountsOfTeam = (db: SqliteConnection) => {
  const counted = db
    .select({ id: serviceAccounts.id })
    .from(teams)
    .crossJoin(serviceAccounts)
    .where(and(eq(teams.organizationId, organizationParameter), isThisTeam, teamOfAccount, hasNotEnded))
    .limit(limit)
    .as('counted');
  return db.select({ total: count() }).from(counted).prepare();
};
