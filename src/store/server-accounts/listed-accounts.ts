import { and, eq, inArray } from 'drizzle-orm';
import type { ListedAccount } from '../../application/ports/account-records.ts';
import type { KnownOnServer, ServerAccount } from '../../application/ports/server-account-store.ts';
import { readNamesakes, readPageOfTeams, toListedAccounts } from '../accounts/account-lists.ts';
import { accountColumns, teamOfAccount } from '../accounts/account-row.ts';
import type { OrganizationContext, SqliteConnection } from '../database/connection.ts';
import { readActiveTeam } from '../organization/teams.ts';
import { serverAccounts, serviceAccounts, teams } from '../schema/schema.ts';
import { accountOfServerAccount, toServerAccount } from './server-account-row.ts';

export function readAccountsOfTeams(
  db: SqliteConnection,
  context: OrganizationContext,
  teamNames: readonly string[],
  options: { name?: string; limit: number; offset?: number },
): { accounts: (ListedAccount & { server: ServerAccount | undefined })[]; total: number } {
  const { name, ...page } = options;
  const ids = [...new Set(teamNames)]
    .sort()
    .map((teamName) => readActiveTeam(db, context, teamName)?.id)
    .filter((id) => id !== undefined);
  const namesakes = name === undefined ? undefined : readNamesakes(db, context, ids, name);
  const { rows, total } =
    namesakes === undefined
      ? readPageOfTeams(db, context, ids, page)
      : { rows: namesakes.slice(0, page.limit), total: namesakes.length };
  const listed = toListedAccounts(db, context, rows);
  const onServer = readCurrent(
    db,
    context,
    listed.map(({ account }) => account.id),
  );
  return { accounts: listed.map((one) => ({ ...one, server: onServer.get(one.account.id) })), total };
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
