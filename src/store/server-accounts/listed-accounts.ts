import { and, eq, inArray } from 'drizzle-orm';
import type {
  AccountPage,
  AccountPageOptions,
  ListedAccount,
} from '../../application/ports/account-records.ts';
import type { KnownOnServer, ServerAccount } from '../../application/ports/server-account-store.ts';
import type { ServiceAccount } from '../../domain/accounts/service-account.ts';
import type { Team } from '../../domain/organization/team.ts';
import { readAccountPage } from '../account-lists/account-lists.ts';
import { readNamesakes } from '../account-lists/namesakes.ts';
import { accountColumns, teamOfAccount } from '../accounts/account-row.ts';
import type { OrganizationContext, SqliteConnection } from '../database/connection.ts';
import { readActiveTeam } from '../organization/teams.ts';
import { serverAccounts, serviceAccounts, teams } from '../schema/schema.ts';
import { accountOfServerAccount, toServerAccount } from './server-account-row.ts';

export function readAccountsOfTeams(
  db: SqliteConnection,
  context: OrganizationContext,
  teamNames: readonly string[],
  options: AccountPageOptions,
  nowMs: number,
): AccountPage<ListedAccount & { server: ServerAccount | undefined }> {
  const page = readAccountPage(db, context, activeTeams(db, context, teamNames), options, nowMs);
  const onServer = readCurrent(
    db,
    context,
    page.accounts.map(({ account }) => account.id),
  );
  return {
    ...page,
    accounts: page.accounts.map((one) => ({ ...one, server: onServer.get(one.account.id) })),
  };
}

export function readAccountsOfTeamsByName(
  db: SqliteConnection,
  context: OrganizationContext,
  teamNames: readonly string[],
  name: string,
): ServiceAccount[] {
  const ids = activeTeams(db, context, teamNames).map(({ id }) => id);
  return readNamesakes(db, context, ids, name);
}

/** Returns the teams in the order of their names. */
function activeTeams(
  db: SqliteConnection,
  context: OrganizationContext,
  teamNames: readonly string[],
): Team[] {
  return [...new Set(teamNames)]
    .sort()
    .map((teamName) => readActiveTeam(db, context, teamName))
    .filter((team) => team !== undefined);
}

/** Returns the server account of each account: the one that should be there, else one that is still being deleted. */
function readCurrent(
  db: SqliteConnection,
  { organizationId }: OrganizationContext,
  accountIds: readonly string[],
): Map<string, ServerAccount> {
  if (accountIds.length === 0) return new Map();
  const rows = db
    .select({ server: serverAccounts, account: accountColumns })
    .from(serverAccounts)
    .innerJoin(serviceAccounts, accountOfServerAccount)
    .innerJoin(teams, teamOfAccount)
    .where(
      and(
        eq(serverAccounts.organizationId, organizationId),
        inArray(serverAccounts.accountId, [...accountIds]),
      ),
    )
    .all()
    .filter(({ server }) => server.goneAtMs === null)
    // The last one of an account stays in the map.
    .sort((one, other) => rank(one.server) - rank(other.server));
  return new Map(rows.map(({ server, account }) => [account.id, toServerAccount(server, account)]));
}

export function readCurrentServerAccount(
  db: SqliteConnection,
  context: OrganizationContext,
  accountId: string,
): ServerAccount | undefined {
  return readCurrent(db, context, [accountId]).get(accountId);
}

function rank({ desired }: { desired: 'present' | 'absent' }): number {
  return desired === 'present' ? 1 : 0;
}

export function readKnownOnServer(
  db: SqliteConnection,
  { organizationId }: OrganizationContext,
  teamNames: readonly string[],
): KnownOnServer {
  // Cross joins, because SQLite keeps their order: from the team to its accounts.
  const rows = db
    .select({ name: serverAccounts.name, tag: serverAccounts.tag, memberId: serverAccounts.memberId })
    .from(teams)
    .crossJoin(serviceAccounts)
    .crossJoin(serverAccounts)
    .where(
      and(
        eq(teams.organizationId, organizationId),
        inArray(teams.name, [...teamNames]),
        teamOfAccount,
        accountOfServerAccount,
      ),
    )
    .all();
  return {
    names: new Set(rows.filter(({ tag }) => tag !== null).map(({ name }) => name)),
    memberIds: new Set(rows.map(({ memberId }) => memberId).filter((id) => id !== null)),
  };
}
