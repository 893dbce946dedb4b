import { and, asc, eq, isNull, ne, type SQL, sql } from 'drizzle-orm';
import type { AccountOnHome, HomeStore } from '../../application/home/home-store.ts';
import { teamOfAccount } from '../accounts/account-row.ts';
import {
  type OrganizationContext,
  organizationParameter,
  type SqliteConnection,
} from '../database/connection.ts';
import { hasNotEnded } from '../schema/accounts.ts';
import { serviceAccounts, teams } from '../schema/schema.ts';

const columns = { accountId: serviceAccounts.id, name: serviceAccounts.name, teamName: teams.name };

const isVisible = and(hasNotEnded, ne(serviceAccounts.state, 'provisioning'));
/** A range of the index. Names are ASCII and in lowercase, so `~` follows every character of one. */
const begins = sql`${serviceAccounts.name} >= ${sql.placeholder('query')} and ${serviceAccounts.name} < ${sql.placeholder('query')} || '~'`;
/** Reads all names from the index. Unlike LIKE, instr has no wildcards to escape. */
const contains = sql`instr(${serviceAccounts.name}, ${sql.placeholder('query')}) > 1`;

/** Reads the names from an index, in its order, until there are enough. Only a name that matches leads to its account. */
const inAllTeams = (which: SQL) => (db: SqliteConnection) =>
  db
    .select(columns)
    .from(serviceAccounts)
    .crossJoin(teams)
    .where(
      and(
        eq(serviceAccounts.organizationId, organizationParameter),
        which,
        isVisible,
        teamOfAccount,
        isNull(teams.archivedAtMs),
      ),
    )
    .orderBy(asc(serviceAccounts.name))
    .limit(sql.placeholder('limit'))
    .prepare();

const inTeam = (which: SQL) => (db: SqliteConnection) =>
  db
    .select(columns)
    .from(teams)
    .crossJoin(serviceAccounts)
    .where(
      and(
        eq(teams.organizationId, organizationParameter),
        eq(teams.name, sql.placeholder('teamName')),
        isNull(teams.archivedAtMs),
        teamOfAccount,
        which,
        isVisible,
      ),
    )
    .orderBy(asc(serviceAccounts.name))
    .limit(sql.placeholder('limit'))
    .prepare();

const SEARCHES = [begins, contains].map((which) => ({
  inAllTeams: inAllTeams(which),
  inTeam: inTeam(which),
}));

export function readAccountsByPartOfName(
  db: SqliteConnection,
  { organizationId }: OrganizationContext,
  teamNames: readonly string[] | 'all',
  { query, limit }: Parameters<HomeStore['accountsByPartOfName']>[1],
): AccountOnHome[] {
  const found: AccountOnHome[] = [];
  for (const search of SEARCHES) {
    const values = { organizationId, query, limit: limit - found.length };
    if (values.limit <= 0) break;
    const rows =
      teamNames === 'all'
        ? db.once(search.inAllTeams).all(values)
        : teamNames.flatMap((teamName) => db.once(search.inTeam).all({ ...values, teamName }));
    rows.sort((one, other) => compare(one.name, other.name) || compare(one.teamName, other.teamName));
    found.push(...rows.slice(0, values.limit));
  }
  return found;
}

function compare(one: string, other: string): number {
  return one === other ? 0 : one < other ? -1 : 1;
}
