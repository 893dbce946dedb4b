import { and, asc, count, eq, isNull, ne, type SQL, sql } from 'drizzle-orm';
import {
  type AccountListOptions,
  countedAccounts,
  type ListedAccount,
  type VisibleAccount,
} from '../../application/ports/account-records.ts';
import type { ServiceAccount } from '../../domain/accounts/service-account.ts';
import {
  type OrganizationContext,
  organizationParameter,
  type SqliteConnection,
} from '../database/connection.ts';
import { isActiveTeam, readActiveTeam, readIsOrganizationAdmin, readTeamsOf } from '../organization/teams.ts';
import { hasNotEnded } from '../schema/accounts.ts';
import { serviceAccounts, teams } from '../schema/schema.ts';
import { accountColumns, teamOfAccount, toServiceAccount } from './account-row.ts';
import { newestDeliveredKey } from './api-keys.ts';

const listColumns = {
  account: accountColumns,
  lastUsedAtMs: serviceAccounts.lastUsedAtMs,
};

type ListedRow = ReturnType<ReturnType<typeof pageWhere>['all']>[number];

/** An account that is being created is shown to nobody. */
const isVisible = and(hasNotEnded, ne(serviceAccounts.state, 'provisioning'));
const isThisTeam = eq(teams.id, sql.placeholder('teamId'));

/**
 * Reads teams in the order of their names, then each team's accounts: both in the order of an index, so that a page never reads
 * the accounts behind it. SQLite keeps the order of tables in a cross join.
 */
function pageWhere(db: SqliteConnection, which: SQL | undefined) {
  return db
    .select(listColumns)
    .from(teams)
    .crossJoin(serviceAccounts)
    .where(and(isActiveTeam(organizationParameter), which, teamOfAccount, isVisible))
    .orderBy(asc(teams.name), asc(serviceAccounts.name))
    .limit(sql.placeholder('limit'))
    .offset(sql.placeholder('offset'))
    .prepare();
}

function countWhere(db: SqliteConnection, which: SQL | undefined) {
  const counted = db
    .select({ id: serviceAccounts.id })
    .from(teams)
    .crossJoin(serviceAccounts)
    .where(and(isActiveTeam(organizationParameter), which, teamOfAccount, isVisible))
    .limit(sql.placeholder('atMost'))
    .as('counted');
  return db.select({ total: count() }).from(counted).prepare();
}

const pageOfAll = (db: SqliteConnection) => pageWhere(db, undefined);
const pageOfTeam = (db: SqliteConnection) => pageWhere(db, isThisTeam);
const countOfAll = (db: SqliteConnection) => countWhere(db, undefined);
const countOfTeam = (db: SqliteConnection) => countWhere(db, isThisTeam);

interface Page {
  limit: number;
  offset?: number;
}

function readPageOfAll(db: SqliteConnection, { organizationId }: OrganizationContext, page: Page) {
  const { limit, offset = 0 } = page;
  const counted = db.once(countOfAll).get({ organizationId, atMost: countedAccounts(page) + 1 });
  return { rows: db.once(pageOfAll).all({ organizationId, limit, offset }), total: counted?.total ?? 0 };
}

/** Reads a page of the accounts of these teams, in the order of the teams. */
export function readPageOfTeams(
  db: SqliteConnection,
  { organizationId }: OrganizationContext,
  teamIds: readonly string[],
  page: Page,
): { rows: ListedRow[]; total: number } {
  const { limit, offset = 0 } = page;
  const atMost = countedAccounts(page) + 1;
  const rows: ListedRow[] = [];
  let total = 0;
  for (const teamId of teamIds) {
    const inTeam = { organizationId, teamId };
    const counted = db.once(countOfTeam).get({ ...inTeam, atMost: atMost - total })?.total ?? 0;
    if (rows.length < limit && total + counted > offset) {
      const part = { limit: limit - rows.length, offset: Math.max(0, offset - total) };
      rows.push(...db.once(pageOfTeam).all({ ...inTeam, ...part }));
    }
    total += counted;
    if (total >= atMost) break;
  }
  return { rows, total };
}

export function toListedAccounts(
  db: SqliteConnection,
  { organizationId }: OrganizationContext,
  rows: readonly ListedRow[],
): ListedAccount[] {
  const newestKey = db.once(newestDeliveredKey);
  return rows.map(({ account, lastUsedAtMs }) => ({
    account: toServiceAccount(account),
    key: newestKey(organizationId, account.id),
    lastUsedAtMs: lastUsedAtMs ?? undefined,
  }));
}

export function readListedAccounts(
  db: SqliteConnection,
  context: OrganizationContext,
  email: string,
  { teamName, includesMemberTeams = false, ...page }: AccountListOptions,
): { accounts: VisibleAccount[]; total: number } {
  const isOrganizationAdmin = readIsOrganizationAdmin(db, context, email);
  const own = isOrganizationAdmin ? [] : readTeamsOf(db, context, email);
  const managed = new Set(own.filter(({ role }) => role === 'admin').map(({ team }) => team.id));
  const visible = own.filter(({ team }) => includesMemberTeams || managed.has(team.id));
  const named = teamName === undefined ? undefined : readActiveTeam(db, context, teamName);
  const ids = isOrganizationAdmin ? [named?.id ?? ''] : visible.map(({ team }) => team.id);
  const { rows, total } =
    isOrganizationAdmin && teamName === undefined
      ? readPageOfAll(db, context, page)
      : readPageOfTeams(
          db,
          context,
          ids.filter((id) => teamName === undefined || id === named?.id),
          page,
        );
  const isManaged = ({ scope, teamId }: ServiceAccount) =>
    isOrganizationAdmin || (scope === 'team' && managed.has(teamId));
  const accounts = toListedAccounts(db, context, rows).map((listed) => ({
    ...listed,
    ...(isManaged(listed.account) ? {} : { isReadOnly: true as const }),
  }));
  return { accounts, total };
}

/** More accounts of one name than a person needs to see that the name is ambiguous. */
const MAX_NAMESAKES = 100;

const byName = (db: SqliteConnection) =>
  db
    .select({ account: accountColumns, archivedAtMs: teams.archivedAtMs })
    .from(serviceAccounts)
    .crossJoin(teams)
    .where(
      and(
        eq(serviceAccounts.organizationId, organizationParameter),
        eq(serviceAccounts.name, sql.placeholder('name')),
        isVisible,
        teamOfAccount,
        isNull(teams.archivedAtMs),
      ),
    )
    .limit(MAX_NAMESAKES)
    .prepare();

const byNameInTeam = (db: SqliteConnection) =>
  db
    .select(listColumns)
    .from(teams)
    .crossJoin(serviceAccounts)
    .where(
      and(
        isActiveTeam(organizationParameter),
        isThisTeam,
        teamOfAccount,
        eq(serviceAccounts.name, sql.placeholder('name')),
        isVisible,
      ),
    )
    .prepare();

/** Reads the accounts of one name in these teams, at most one in each. */
export function readNamesakes(
  db: SqliteConnection,
  { organizationId }: OrganizationContext,
  teamIds: readonly string[],
  name: string,
): ListedRow[] {
  return teamIds.flatMap((teamId) => db.once(byNameInTeam).all({ organizationId, teamId, name }));
}

export function readAccountsByName(
  db: SqliteConnection,
  context: OrganizationContext,
  email: string,
  name: string,
  teamName: string | undefined,
): ServiceAccount[] {
  const { organizationId } = context;
  const isOrganizationAdmin = readIsOrganizationAdmin(db, context, email);
  if (isOrganizationAdmin && teamName === undefined) {
    const found = db.once(byName).all({ organizationId, name });
    return found.map(({ account }) => toServiceAccount(account)).sort(byTeamName);
  }
  const own = isOrganizationAdmin
    ? [readActiveTeam(db, context, teamName ?? '')?.id ?? '']
    : readTeamsOf(db, context, email)
        .filter(({ team, role }) => role === 'admin' && team.name === (teamName ?? team.name))
        .map(({ team }) => team.id);
  return readNamesakes(db, context, own, name).map(({ account }) => toServiceAccount(account));
}

function byTeamName(one: ServiceAccount, other: ServiceAccount): number {
  return one.teamName < other.teamName ? -1 : 1;
}
