import { and, eq, sql } from 'drizzle-orm';
import {
  type AccountListOptions,
  type AccountPage,
  type AccountPageOptions,
  COUNTED_ACCOUNTS,
  type ListedAccount,
  type VisibleAccount,
} from '../../application/ports/account-records.ts';
import type { ServiceAccount } from '../../domain/accounts/service-account.ts';
import { teamOfAccount } from '../accounts/account-row.ts';
import {
  type OrganizationContext,
  organizationParameter,
  type SqliteConnection,
} from '../database/connection.ts';
import { readActiveTeam, readIsOrganizationAdmin, readTeamsOf } from '../organization/teams.ts';
import { serviceAccounts, teams } from '../schema/schema.ts';
import { type AccountOrder, readOrderedPage } from './account-order.ts';
import { listedColumns, readUnusedAfterDays, toListedAccounts } from './listed-columns.ts';
import { type ListedTeams, orderByName } from './order-by-name.ts';
import { orderByTime } from './order-by-time.ts';

/** Reads a page of the accounts of these teams. Teams by their IDs are in the order of their names. */
export function readAccountPage(
  db: SqliteConnection,
  context: OrganizationContext,
  listed: ListedTeams,
  options: AccountPageOptions,
  nowMs: number,
): AccountPage<ListedAccount> {
  const { status, namePart = '', limit, start } = options;
  const { organizationId } = context;
  const unusedAfterDays = readUnusedAfterDays(db, context);
  const page = <Row extends { id: string }>(order: AccountOrder<Row>) => {
    const { rows, previous, next } = readOrderedPage(order, { start, limit });
    const parameters = { organizationId, nowMs, unusedAfterDays };
    const read = rows.map(({ id }) => db.once(listedRow).get({ ...parameters, id }));
    const found = read.filter((row) => row !== undefined);
    const accounts = toListedAccounts(db, context, found, nowMs);
    return { accounts, total: order.count(COUNTED_ACCOUNTS + 1), previous, next };
  };
  // Names have no capital letters.
  const part = namePart.toLowerCase();
  if (status === 'expiring' || status === 'unused' || status === 'revoked') {
    return page(orderByTime(db, context, listed, { status, namePart: part, nowMs, unusedAfterDays }));
  }
  return page(orderByName(db, context, listed, { status: status ?? 'any', namePart: part }));
}

const listedRow = (db: SqliteConnection) =>
  db
    .select(listedColumns)
    .from(serviceAccounts)
    .innerJoin(teams, teamOfAccount)
    .where(
      and(
        eq(serviceAccounts.organizationId, organizationParameter),
        eq(serviceAccounts.id, sql.placeholder('id')),
      ),
    )
    .prepare();

export function readListedAccounts(
  db: SqliteConnection,
  context: OrganizationContext,
  email: string,
  { teamName, includesMemberTeams = false, ...options }: AccountListOptions,
  nowMs: number,
): AccountPage<VisibleAccount> {
  const isOrganizationAdmin = readIsOrganizationAdmin(db, context, email);
  const own = isOrganizationAdmin ? [] : readTeamsOf(db, context, email);
  const managed = new Set(own.filter(({ role }) => role === 'admin').map(({ team }) => team.id));
  const named = teamName === undefined ? undefined : readActiveTeam(db, context, teamName);
  const visible = own
    .filter(({ team }) => includesMemberTeams || managed.has(team.id))
    .map(({ team }) => team)
    .filter(({ id }) => teamName === undefined || id === named?.id);
  const ofOrganization = teamName === undefined ? 'all' : named === undefined ? [] : [named];
  const listed = isOrganizationAdmin ? ofOrganization : visible;
  const page = readAccountPage(db, context, listed, options, nowMs);
  const isManaged = ({ scope, teamId }: ServiceAccount) =>
    isOrganizationAdmin || (scope === 'team' && managed.has(teamId));
  const accounts = page.accounts.map((one) => ({
    ...one,
    ...(isManaged(one.account) ? {} : { isReadOnly: true as const }),
  }));
  return { ...page, accounts };
}
