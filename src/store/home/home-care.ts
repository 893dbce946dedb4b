import {
  COUNTED_ITEMS,
  type Few,
  type HomeCare,
  type HomeScope,
  type HomeStore,
  type KeyOnHome,
} from '../../application/home/home-store.ts';
import { readUnusedAfterDays } from '../account-lists/listed-columns.ts';
import { orderByTime } from '../account-lists/order-by-time.ts';
import type { OrganizationContext, SqliteConnection } from '../database/connection.ts';
import { readActiveTeam } from '../organization/teams.ts';
import {
  accountsOfTeam,
  expiringRows,
  type RowQuery,
  rotationRows,
  unownedRows,
  unusedRows,
  unusedRowsOfAccount,
} from './care-rows.ts';
import { readOwnRequests, readRequestsToDecide } from './requests.ts';

/** The queries of one list. A list without `ofContact` concerns the admins of a team alone. */
interface ListQueries<Row> {
  ofTeam: (db: SqliteConnection) => RowQuery<Row>;
  ofContact?: ((db: SqliteConnection) => RowQuery<Row>) | undefined;
  ofAll: (db: SqliteConnection) => RowQuery<Row>;
  ofLargeTeam: (db: SqliteConnection) => RowQuery<Row>;
}

/** Some have no key that anybody has to look after. */
const QUIET_ACCOUNTS = 1_000;

/** Reading all accounts of a larger team takes too long. */
const LARGE_TEAM = 1_000;

function isLarge(db: SqliteConnection, { organizationId }: OrganizationContext, teamName: string): boolean {
  const counted = db.once(accountsOfTeam).get({ organizationId, teamName, limit: LARGE_TEAM + 1 });
  return (counted?.total ?? 0) > LARGE_TEAM;
}

export function readHomeCare(
  db: SqliteConnection,
  context: OrganizationContext,
  scope: HomeScope,
  { nowMs, expiresBeforeMs, limit }: Parameters<HomeStore['homeCare']>[1],
): HomeCare {
  const { organizationId } = context;
  const values = { organizationId, nowMs, expiresBeforeMs, limit: COUNTED_ITEMS + 1 };
  const teamNames = scope.administered === 'all' ? [] : scope.administered;
  const large = new Set(teamNames.filter((teamName) => isLarge(db, context, teamName)));
  const read = <Row extends { accountId: string; keyId?: string }>(queries: ListQueries<Row>) =>
    readList(db, queries, { scope, values, large });
  const expiring = read(expiringRows)
    .flatMap((row) => (row.expiresAtMs === null ? [] : [{ ...row, expiresAtMs: row.expiresAtMs }]))
    .sort((one, other) => one.expiresAtMs - other.expiresAtMs);
  // Shown once, where it is more urgent.
  const expiringIds = new Set(expiring.map(({ keyId }) => keyId));
  const rotations = read(rotationRows).sort((one, other) => one.overlapUntilMs - other.overlapUntilMs);
  const unowned = read({ ...unownedRows, ofContact: undefined })
    .map((row) => ({ ...row, sinceMs: row.sinceMs ?? 0 }))
    .sort((one, other) => one.sinceMs - other.sinceMs);
  return {
    expiring: few(expiring, limit),
    rotations: few(rotations, limit),
    unowned: few(unowned, limit),
    unused: few(
      readUnused(db, context, { scope, large, nowMs }).filter(({ keyId }) => !expiringIds.has(keyId)),
      limit,
    ),
    requests: readRequestsToDecide(db, context, scope, limit),
    ownRequests: readOwnRequests(db, context, scope, limit),
  };
}

function readList<Row extends { accountId: string; keyId?: string }>(
  db: SqliteConnection,
  { ofTeam, ofContact, ofAll, ofLargeTeam }: ListQueries<Row>,
  { scope, values, large }: { scope: HomeScope; values: Record<string, unknown>; large: ReadonlySet<string> },
): Row[] {
  if (scope.administered === 'all') return db.once(ofAll).all(values);
  const rows = new Map<string, Row>();
  const add = (found: readonly Row[]) => {
    for (const row of found) rows.set(row.keyId ?? row.accountId, row);
  };
  for (const teamName of scope.administered) {
    add(db.once(large.has(teamName) ? ofLargeTeam : ofTeam).all({ ...values, teamName }));
  }
  if (ofContact !== undefined) {
    const visible = JSON.stringify(scope.visible);
    add(db.once(ofContact).all({ ...values, slackUserId: scope.slackUserId, visible }));
  }
  return [...rows.values()];
}

/**
 * Reads the keys of each account of a team. In a large team, or in all, reads only those of accounts that are unused as a whole, which
 * the lists of accounts find too.
 */
function readUnused(
  db: SqliteConnection,
  context: OrganizationContext,
  { scope, large, nowMs }: { scope: HomeScope; large: ReadonlySet<string>; nowMs: number },
): (KeyOnHome & { lastUsedAtMs: number | undefined })[] {
  const { organizationId } = context;
  const { administered } = scope;
  const unusedAfterDays = readUnusedAfterDays(db, context);
  const values = { organizationId, nowMs, unusedAfterDays, limit: COUNTED_ITEMS + 1 };
  const ofQuietAccounts = (listed: Parameters<typeof orderByTime>[2]) => {
    const list = { status: 'unused', namePart: '', nowMs, unusedAfterDays } as const;
    const accounts = orderByTime(db, context, listed, list).read('after', undefined, QUIET_ACCOUNTS);
    return accounts
      .values()
      .flatMap(({ id: accountId }) => db.once(unusedRowsOfAccount).all({ ...values, accountId }))
      .filter((row) => administered === 'all' || row.scope === 'team')
      .take(COUNTED_ITEMS + 1)
      .toArray();
  };
  const ofTeam = (teamName: string) => {
    if (!large.has(teamName)) return db.once(unusedRows).all({ ...values, teamName });
    const team = readActiveTeam(db, context, teamName);
    return team === undefined ? [] : ofQuietAccounts([team]);
  };
  const rows = administered === 'all' ? ofQuietAccounts('all') : administered.flatMap(ofTeam);
  return rows.map(({ lastUsedAtMs, ...row }) => ({ ...row, lastUsedAtMs: lastUsedAtMs ?? undefined }));
}

function few<Item>(items: readonly Item[], limit: number): Few<Item> {
  return { items: items.slice(0, limit), total: Math.min(items.length, COUNTED_ITEMS + 1) };
}
