import {
  COUNTED_ITEMS,
  type Few,
  type HomeCare,
  type HomeScope,
  type HomeStore,
  type KeyOnHome,
} from '../../application/home/home-store.ts';
import { NEVER_USED_AFTER_DAYS } from '../../domain/care/unused-key.ts';
import type { OrganizationContext, SqliteConnection } from '../database/connection.ts';
import { readPolicyOf } from '../organization/policies.ts';
import {
  accountsOfTeam,
  expiringRows,
  newestReview,
  rotationRows,
  unownedRows,
  unusedRow,
  unusedRows,
} from './care-rows.ts';
import { readRequestsToDecide } from './requests-to-decide.ts';

const DAY_MS = 24 * 60 * 60 * 1000;

interface RowQuery<Row> {
  all(values: Record<string, unknown>): Row[];
}

/** The queries of one list. A list without `ofContact` concerns the admins of a team alone. */
interface ListQueries<Row> {
  ofTeam: (db: SqliteConnection) => RowQuery<Row>;
  ofContact?: (db: SqliteConnection) => RowQuery<Row>;
  ofAll?: (db: SqliteConnection) => RowQuery<Row>;
  ofLargeTeam?: (db: SqliteConnection) => RowQuery<Row>;
}

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
  const unowned = read(unownedRows)
    .map((row) => ({ ...row, sinceMs: row.sinceMs ?? 0 }))
    .sort((one, other) => one.sinceMs - other.sinceMs);
  return {
    expiring: few(expiring, limit),
    rotations: few(rotations, limit),
    unowned: few(unowned, limit),
    unused: few(
      readUnused(db, context, { teamNames, large, nowMs }).filter(({ keyId }) => !expiringIds.has(keyId)),
      limit,
    ),
    requests: few(readRequestsToDecide(db, context, scope), limit),
  };
}

function readList<Row extends { accountId: string; keyId?: string }>(
  db: SqliteConnection,
  { ofTeam, ofContact, ofAll, ofLargeTeam = ofTeam }: ListQueries<Row>,
  { scope, values, large }: { scope: HomeScope; values: Record<string, unknown>; large: ReadonlySet<string> },
): Row[] {
  if (scope.administered === 'all') return ofAll === undefined ? [] : db.once(ofAll).all(values);
  const rows = new Map<string, Row>();
  const add = (found: readonly Row[]) => {
    for (const row of found) rows.set(row.keyId ?? row.accountId, row);
  };
  for (const teamName of scope.administered) {
    add(db.once(large.has(teamName) ? ofLargeTeam : ofTeam).all({ ...values, teamName }));
  }
  if (ofContact !== undefined) add(db.once(ofContact).all({ ...values, slackUserId: scope.slackUserId }));
  return [...rows.values()];
}

/** In a large team, reads only the keys of its newest review. */
function readUnused(
  db: SqliteConnection,
  context: OrganizationContext,
  { teamNames, large, nowMs }: { teamNames: readonly string[]; large: ReadonlySet<string>; nowMs: number },
): (KeyOnHome & { lastUsedAtMs: number | undefined })[] {
  const { organizationId } = context;
  const rows = teamNames.flatMap((teamName) => {
    const { unusedAfterDays } = readPolicyOf(db, context, teamName);
    const neverUsedMs = nowMs - NEVER_USED_AFTER_DAYS * DAY_MS;
    const silentMs = nowMs - unusedAfterDays * DAY_MS;
    const values = { organizationId, teamName, nowMs, neverUsedMs, silentMs };
    if (!large.has(teamName)) return db.once(unusedRows).all({ ...values, limit: COUNTED_ITEMS + 1 });
    const keyIds = db.once(newestReview).get({ organizationId, teamName })?.keyIds ?? [];
    return keyIds
      .slice(0, COUNTED_ITEMS + 1)
      .flatMap((keyId) => db.once(unusedRow).all({ ...values, keyId }));
  });
  return rows.map(({ lastUsedAtMs, ...row }) => ({ ...row, lastUsedAtMs: lastUsedAtMs ?? undefined }));
}

function few<Item>(items: readonly Item[], limit: number): Few<Item> {
  return { items: items.slice(0, limit), total: Math.min(items.length, COUNTED_ITEMS + 1) };
}
