import { and, asc, count, desc, eq, gt, lt, type SQL, sql } from 'drizzle-orm';
import type { AccountPosition, ListStart } from '../../application/ports/account-records.ts';
import { teamOfAccount } from '../accounts/account-row.ts';
import {
  type OrganizationContext,
  organizationParameter,
  type SqliteConnection,
} from '../database/connection.ts';
import { isActiveTeam } from '../organization/teams.ts';
import { serviceAccounts, teams } from '../schema/schema.ts';
import type { AccountOrder } from './account-order.ts';
import { isVisible } from './listed-columns.ts';

/** The teams whose accounts are listed. */
export type ListedTeams = 'all' | readonly { id: string; name: string }[];

export interface NamedRow {
  id: string;
  teamName: string;
  name: string;
}

/** Names are lowercase ASCII. */
const BEFORE_NAMES = '';
const AFTER_NAMES = '~';

type Direction = ListStart['direction'];

/**
 * Reads teams in the order of their names, then each team's accounts: both in the order of an index, so that a page never reads
 * the accounts behind it. A part of the name is searched in the index as well, without reading the accounts that don't have it.
 * SQLite keeps the order of tables in a cross join.
 */
function namedRows(db: SqliteConnection, which: SQL | undefined, direction: Direction) {
  const inOrder = direction === 'after' ? asc : desc;
  return db
    .select({ id: serviceAccounts.id, teamName: teams.name, name: serviceAccounts.name })
    .from(teams)
    .crossJoin(serviceAccounts)
    .where(and(isActiveTeam(organizationParameter), which, teamOfAccount, hasNamePart))
    .orderBy(inOrder(teams.name), inOrder(serviceAccounts.name))
    .limit(sql.placeholder('limit'))
    .prepare();
}

function countedRows(db: SqliteConnection, which: SQL | undefined) {
  const counted = db
    .select({ id: serviceAccounts.id })
    .from(teams)
    .crossJoin(serviceAccounts)
    .where(and(isActiveTeam(organizationParameter), which, teamOfAccount, hasNamePart))
    .limit(sql.placeholder('atMost'))
    .as('counted');
  return db.select({ total: count() }).from(counted).prepare();
}

export const hasNamePart = sql`instr(${serviceAccounts.name}, ${sql.placeholder('namePart')}) > 0`;

const isThisTeam = eq(teams.id, sql.placeholder('teamId'));
const position = sql.placeholder('position');

/** Constant functions, because a connection prepares the query of each one once. */
function queries(which: SQL | undefined) {
  const isLater = gt(serviceAccounts.name, position);
  const isEarlier = lt(serviceAccounts.name, position);
  return {
    ofTeam: {
      after: (db: SqliteConnection) => namedRows(db, and(isThisTeam, which, isLater), 'after'),
      before: (db: SqliteConnection) => namedRows(db, and(isThisTeam, which, isEarlier), 'before'),
      // The position is before all names, and makes SQLite read them in their index.
      counted: (db: SqliteConnection) => countedRows(db, and(isThisTeam, which, isLater)),
    },
    ofOtherTeams: {
      after: (db: SqliteConnection) => namedRows(db, and(gt(teams.name, position), which), 'after'),
      before: (db: SqliteConnection) => namedRows(db, and(lt(teams.name, position), which), 'before'),
      counted: (db: SqliteConnection) => countedRows(db, which),
    },
  };
}

const QUERIES = {
  any: queries(isVisible),
  active: queries(and(isVisible, eq(serviceAccounts.state, 'active'))),
  // The plus sign keeps SQLite from reading all accounts of a team, in their own index.
  unowned: queries(
    sql`${serviceAccounts.unownedSinceMs} is not null and +${serviceAccounts.state} in ('active', 'revoking')`,
  ),
};

/** Returns the accounts of these teams by team and name. */
export function orderByName(
  db: SqliteConnection,
  { organizationId }: OrganizationContext,
  listed: ListedTeams,
  { status, namePart }: { status: keyof typeof QUERIES; namePart: string },
): AccountOrder<NamedRow> {
  const { ofTeam, ofOtherTeams } = QUERIES[status];
  const common = { organizationId, namePart };
  const readTeam = (direction: Direction, teamId: string, name: string | undefined, limit: number) => {
    const end = direction === 'after' ? BEFORE_NAMES : AFTER_NAMES;
    return db.once(ofTeam[direction]).all({ ...common, teamId, position: name ?? end, limit });
  };
  const readAll = (direction: Direction, from: NamePosition | undefined, limit: number): NamedRow[] => {
    const end = direction === 'after' ? '' : LAST_TEAM;
    const team = from && db.once(teamByName).get({ organizationId, name: from.teamName });
    const rows = team === undefined ? [] : readTeam(direction, team.id, from?.name, limit);
    if (rows.length === limit) return rows;
    const others = { ...common, position: from?.teamName ?? end, limit: limit - rows.length };
    return [...rows, ...db.once(ofOtherTeams[direction]).all(others)];
  };
  return {
    positionOf: ({ teamName, name }) => ({ teamName, name }),
    read(direction, start, limit) {
      const from = namePosition(start);
      if (listed === 'all') return readAll(direction, from, limit);
      const rows: NamedRow[] = [];
      for (const { id, name } of inDirection(listed, direction)) {
        if (from !== undefined && isBehind(name, from.teamName, direction)) continue;
        const fromName = from?.teamName === name ? from.name : undefined;
        rows.push(...readTeam(direction, id, fromName, limit - rows.length));
        if (rows.length === limit) break;
      }
      return rows;
    },
    count(atMost) {
      if (listed === 'all') return db.once(ofOtherTeams.counted).get({ ...common, atMost })?.total ?? 0;
      let total = 0;
      for (const { id: teamId } of listed) {
        const inTeam = { ...common, teamId, position: BEFORE_NAMES, atMost: atMost - total };
        total += db.once(ofTeam.counted).get(inTeam)?.total ?? 0;
        if (total >= atMost) break;
      }
      return total;
    },
  };
}

/** After every name in the order of UTF-8. */
const LAST_TEAM = '\u{10ffff}';

const teamByName = (db: SqliteConnection) =>
  db
    .select({ id: teams.id })
    .from(teams)
    .where(and(isActiveTeam(organizationParameter), eq(teams.name, sql.placeholder('name'))))
    .prepare();

type NamePosition = Extract<AccountPosition, { teamName: string }>;

function namePosition(position: AccountPosition | undefined): NamePosition | undefined {
  return position !== undefined && 'teamName' in position ? position : undefined;
}

function inDirection<Team>(listed: readonly Team[], direction: Direction): readonly Team[] {
  return direction === 'after' ? listed : listed.toReversed();
}

function isBehind(name: string, teamName: string, direction: Direction): boolean {
  return direction === 'after' ? name < teamName : name > teamName;
}
