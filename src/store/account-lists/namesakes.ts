import { and, eq, isNull, sql } from 'drizzle-orm';
import type { ServiceAccount } from '../../domain/accounts/service-account.ts';
import { accountColumns, teamOfAccount, toServiceAccount } from '../accounts/account-row.ts';
import {
  type OrganizationContext,
  organizationParameter,
  type SqliteConnection,
} from '../database/connection.ts';
import { isActiveTeam, readActiveTeam, readIsOrganizationAdmin, readTeamsOf } from '../organization/teams.ts';
import { serviceAccounts, teams } from '../schema/schema.ts';
import { isVisible } from './listed-columns.ts';

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
    .select({ account: accountColumns })
    .from(teams)
    .crossJoin(serviceAccounts)
    .where(
      and(
        isActiveTeam(organizationParameter),
        eq(teams.id, sql.placeholder('teamId')),
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
): ServiceAccount[] {
  return teamIds
    .flatMap((teamId) => db.once(byNameInTeam).all({ organizationId, teamId, name }))
    .map(({ account }) => toServiceAccount(account));
}

export function readAccountsByName(
  db: SqliteConnection,
  context: OrganizationContext,
  email: string,
  name: string,
  teamName: string | undefined,
  includesMemberTeams = false,
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
        .filter(({ role }) => includesMemberTeams || role === 'admin')
        .filter(({ team }) => teamName === undefined || team.name === teamName)
        .map(({ team }) => team.id);
  return readNamesakes(db, context, own, name);
}

function byTeamName(one: ServiceAccount, other: ServiceAccount): number {
  return one.teamName < other.teamName ? -1 : 1;
}
