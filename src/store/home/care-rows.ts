import { and, asc, count, eq, gt, isNotNull, isNull, lte, or, type SQL, sql } from 'drizzle-orm';
import type { SelectResultFields } from 'drizzle-orm/query-builders/select.types';
import type { SelectedFields } from 'drizzle-orm/sqlite-core';
import { NEVER_USED_AFTER_DAYS } from '../../domain/care/unused-key.ts';
import { nowParameter, unusedAfterDays } from '../account-lists/listed-columns.ts';
import { accountOfKey, teamOfAccount } from '../accounts/account-row.ts';
import { organizationParameter, type SqliteConnection } from '../database/connection.ts';
import { hasNotEnded } from '../schema/accounts.ts';
import { apiKeys, rotations, serviceAccounts, teams } from '../schema/schema.ts';

/*
 * The rows of the Home tab. SQLite keeps the order of tables in a cross join, so each query starts from what is few: a team, the
 * accounts of a contact, or the rows of a partial index. Only few rows are read, and what sorts them afterwards is the code: a sort in
 * SQL would read all of them.
 */

const DAY_MS = 24 * 60 * 60 * 1000;

const accountColumns = {
  accountId: serviceAccounts.id,
  name: serviceAccounts.name,
  teamName: teams.name,
  scope: serviceAccounts.scope,
};
const keyColumns = { ...accountColumns, keyId: apiKeys.keyId, keyName: apiKeys.name };

const isOpenKey = and(isNull(apiKeys.revokedAtMs), accountOfKey);
/** One whose key reached nobody replaces none. */
const isOpenRotation = and(eq(rotations.state, 'open').inlineParams(), isNotNull(rotations.newKeyId));
const oldKeyOfRotation = and(
  eq(rotations.organizationId, apiKeys.organizationId),
  eq(rotations.oldKeyId, apiKeys.keyId),
  isOpenRotation,
);
// The key's own rotation says when it ends.
const isNotReplaced = sql`not exists (select 1 from ${rotations} where ${oldKeyOfRotation})`;
// The admins of a team don't look after its accounts that may use every team.
const isOfThisTeam = and(
  eq(teams.name, sql.placeholder('teamName')),
  eq(serviceAccounts.scope, 'team').inlineParams(),
);
const isOfVisibleTeam = sql`${teams.name} in (select value from json_each(${sql.placeholder('visible')}))`;
const limit = sql.placeholder('limit');

type CareTable = typeof teams | typeof serviceAccounts | typeof apiKeys | typeof rotations;

/** A prepared query. */
export interface RowQuery<Row> {
  all(values: Record<string, unknown>): Row[];
}

interface CareRows<Columns> {
  columns: Columns;
  /** The tables besides accounts and teams, the one next to accounts first. */
  beyond: readonly CareTable[];
  which: SQL | undefined;
  /** The same for a query that starts from accounts, where another index is better. */
  whichOfAccount?: SQL | undefined;
  /** The order of the index from which all rows are read. */
  orderBy?: SQL;
}

/** Returns a query of active accounts, in active teams, that reads the tables in this order. */
function rowsFrom<Columns extends typeof accountColumns>(
  [first, ...others]: readonly [CareTable, ...CareTable[]],
  { columns, which, orderBy }: Pick<CareRows<Columns>, 'columns' | 'which' | 'orderBy'>,
) {
  const isActive = eq(serviceAccounts.state, 'active').inlineParams();
  const isOfActiveTeam = and(teamOfAccount, isNull(teams.archivedAtMs));
  // The type of a join of any tables is too general: no column of these is null because of it.
  const fields: SelectedFields = columns;
  return (db: SqliteConnection) => {
    const start = db.select(fields).from(first as typeof serviceAccounts);
    return others
      .reduce((rows, table) => rows.crossJoin(table as typeof teams) as unknown as typeof start, start)
      .where(and(eq(first.organizationId, organizationParameter), isOfActiveTeam, isActive, which))
      .orderBy(...(orderBy === undefined ? [] : [orderBy]))
      .limit(limit)
      .prepare() as RowQuery<SelectResultFields<Columns>>;
  };
}

/** Returns the queries of one list: for a team, for a contact, for everything, and for a team with many accounts. */
function careRows<Columns extends typeof accountColumns>(rows: CareRows<Columns>) {
  const { columns, beyond, which, whichOfAccount = which, orderBy } = rows;
  const isOfContact = eq(serviceAccounts.contact, sql.placeholder('slackUserId'));
  // In the words of the indexes of accounts that haven't ended.
  const started = (...more: (SQL | undefined)[]) => ({
    columns,
    which: and(hasNotEnded, whichOfAccount, ...more),
  });
  const [last = serviceAccounts, ...before] = [serviceAccounts, ...beyond].reverse();
  const fromIndex = [last, ...before, teams] as const;
  return {
    ofTeam: rowsFrom([teams, serviceAccounts, ...beyond], started(isOfThisTeam)),
    ofContact: rowsFrom([serviceAccounts, teams, ...beyond], started(isOfContact, isOfVisibleTeam)),
    ofAll: rowsFrom(fromIndex, rows),
    ofLargeTeam: rowsFrom(fromIndex, {
      columns,
      which: and(which, isOfThisTeam),
      ...(orderBy && { orderBy }),
    }),
  };
}

const expiresSoon = (expiresAtMs: SQL) =>
  and(
    isOpenKey,
    gt(expiresAtMs, nowParameter),
    lte(expiresAtMs, sql.placeholder('expiresBeforeMs')),
    isNotReplaced,
  );

export const expiringRows = careRows({
  columns: { ...keyColumns, expiresAtMs: apiKeys.expiresAtMs },
  beyond: [apiKeys],
  which: expiresSoon(sql`${apiKeys.expiresAtMs}`),
  // The plus sign keeps SQLite from reading, for each account, all keys that expire.
  whichOfAccount: expiresSoon(sql`+${apiKeys.expiresAtMs}`),
  orderBy: asc(apiKeys.expiresAtMs),
});

export const rotationRows = careRows({
  columns: { ...keyColumns, rotationId: rotations.id, overlapUntilMs: rotations.overlapUntilMs },
  beyond: [apiKeys, rotations],
  which: and(oldKeyOfRotation, accountOfKey),
});

export const unownedRows = careRows({
  columns: { ...accountColumns, sinceMs: serviceAccounts.unownedSinceMs },
  beyond: [],
  which: isNotNull(serviceAccounts.unownedSinceMs),
});

const isVerifiedHere = isNotNull(apiKeys.secretHash);
const unused = {
  columns: { ...keyColumns, lastUsedAtMs: apiKeys.lastUsedAtMs },
  beyond: [apiKeys],
  which: and(
    isOpenKey,
    isNotReplaced,
    isVerifiedHere,
    or(isNull(apiKeys.expiresAtMs), gt(apiKeys.expiresAtMs, nowParameter)),
    or(isNull(apiKeys.keptUntilMs), lte(apiKeys.keptUntilMs, nowParameter)),
    or(
      and(
        isNull(apiKeys.lastUsedAtMs),
        sql`${apiKeys.createdAtMs} <= ${nowParameter} - ${sql.raw(String(NEVER_USED_AFTER_DAYS * DAY_MS))}`,
      ),
      sql`${apiKeys.lastUsedAtMs} <= ${nowParameter} - ${unusedAfterDays} * ${sql.raw(String(DAY_MS))}`,
    ),
  ),
};

/** The unused keys of a team. */
export const unusedRows = careRows(unused).ofTeam;

/** The unused keys of one account. */
export const unusedRowsOfAccount = rowsFrom([serviceAccounts, teams, apiKeys], {
  columns: unused.columns,
  which: and(eq(serviceAccounts.id, sql.placeholder('accountId')), unused.which),
});

export const accountsOfTeam = (db: SqliteConnection) => {
  const counted = db
    .select({ id: serviceAccounts.id })
    .from(teams)
    .crossJoin(serviceAccounts)
    .where(
      and(
        eq(teams.organizationId, organizationParameter),
        eq(teams.name, sql.placeholder('teamName')),
        teamOfAccount,
        hasNotEnded,
      ),
    )
    .limit(limit)
    .as('counted');
  return db.select({ total: count() }).from(counted).prepare();
};
