import { and, count, eq, isNull, type SQL, sql } from 'drizzle-orm';
import type { AccountPosition } from '../../application/ports/account-records.ts';
import { EXPIRING_WITHIN_MS, NEVER_USED_AFTER_MS } from '../../domain/accounts/account-status.ts';
import { accountOfKey, teamOfAccount } from '../accounts/account-row.ts';
import {
  type OrganizationContext,
  organizationParameter,
  type SqliteConnection,
} from '../database/connection.ts';
import { isActiveTeam } from '../organization/teams.ts';
import { quietSinceMs } from '../schema/accounts.ts';
import { apiKeys, serviceAccounts, teams } from '../schema/schema.ts';
import type { AccountOrder } from './account-order.ts';
import { nextExpiringKeyId, nowParameter, unusedAfterDays } from './listed-columns.ts';
import { hasNamePart, type ListedTeams } from './order-by-name.ts';

export interface TimedRow {
  id: string;
  atMs: number;
}

type TimedStatus = 'expiring' | 'unused' | 'revoked';

const DAY_MS = 24 * 60 * 60 * 1000;

/** A status whose accounts are found through the index of a time. */
interface TimedAccounts {
  startsFrom: 'keys' | 'accounts';
  atMs: SQL<number>;
  which: SQL | undefined;
}

const ACCOUNTS: Record<TimedStatus, TimedAccounts> = {
  expiring: {
    startsFrom: 'keys',
    atMs: sql<number>`${apiKeys.expiresAtMs}`,
    which: and(
      eq(apiKeys.organizationId, organizationParameter),
      isNull(apiKeys.revokedAtMs),
      accountOfKey,
      eq(serviceAccounts.state, 'active'),
      // Of several keys, only the first one to expire leads to its account.
      eq(apiKeys.keyId, nextExpiringKeyId),
    ),
  },
  unused: {
    startsFrom: 'accounts',
    atMs: quietSinceMs,
    which: and(
      eq(serviceAccounts.organizationId, organizationParameter),
      sql`${serviceAccounts.state} = 'active'`,
      sql`${quietSinceMs} <= ${nowParameter} - (case when ${serviceAccounts.lastUsedAtMs} is null then ${sql.raw(String(NEVER_USED_AFTER_MS))} else ${unusedAfterDays} * ${sql.raw(String(DAY_MS))} end)`,
    ),
  },
  revoked: {
    startsFrom: 'accounts',
    atMs: sql<number>`${serviceAccounts.revokedAtMs}`,
    which: and(
      eq(serviceAccounts.organizationId, organizationParameter),
      sql`${serviceAccounts.state} = 'revoked'`,
    ),
  },
};

/** A list of teams comes as JSON, so that the query has one text. */
const teamIds = sql.placeholder('teamIds');
const isListedTeam = sql`(${teamIds} is null or ${serviceAccounts.teamId} in (select value from json_each(${teamIds})))`;
const startMs = sql.placeholder('startMs');
const startId = sql.placeholder('startId');
const endMs = sql.placeholder('endMs');

function isListed(accounts: TimedAccounts): SQL | undefined {
  return and(accounts.which, isListedTeam, hasNamePart, teamOfAccount, isActiveTeam(organizationParameter));
}

/** `later`: ascending. The time alone is the first condition, which the index takes. */
function timedRows(db: SqliteConnection, accounts: TimedAccounts, order: 'later' | 'earlier') {
  const { atMs, startsFrom } = accounts;
  const { id } = serviceAccounts;
  const isBeyond =
    order === 'later'
      ? sql`${atMs} >= ${startMs} and ${atMs} <= ${endMs} and (${atMs} > ${startMs} or ${id} > ${startId})`
      : sql`${atMs} <= ${startMs} and ${atMs} >= ${endMs} and (${atMs} < ${startMs} or ${id} < ${startId})`;
  const where = and(isBeyond, isListed(accounts));
  const sorted = order === 'later' ? sql`${atMs}, ${id}` : sql`${atMs} desc, ${id} desc`;
  const limit = sql.placeholder('limit');
  const columns = { id, atMs: atMs.as('at_ms') };
  return startsFrom === 'keys'
    ? db
        .select(columns)
        .from(apiKeys)
        .crossJoin(serviceAccounts)
        .crossJoin(teams)
        .where(where)
        .orderBy(sorted)
        .limit(limit)
        .prepare()
    : db
        .select(columns)
        .from(serviceAccounts)
        .crossJoin(teams)
        .where(where)
        .orderBy(sorted)
        .limit(limit)
        .prepare();
}

function countedRows(db: SqliteConnection, accounts: TimedAccounts) {
  const { atMs, startsFrom } = accounts;
  const where = and(sql`${atMs} >= ${startMs} and ${atMs} <= ${endMs}`, isListed(accounts));
  const limit = sql.placeholder('atMost');
  const columns = { id: serviceAccounts.id };
  const counted =
    startsFrom === 'keys'
      ? db
          .select(columns)
          .from(apiKeys)
          .crossJoin(serviceAccounts)
          .crossJoin(teams)
          .where(where)
          .limit(limit)
          .as('counted')
      : db.select(columns).from(serviceAccounts).crossJoin(teams).where(where).limit(limit).as('counted');
  return db.select({ total: count() }).from(counted).prepare();
}

/** Constant functions, because a connection prepares the query of each one once. */
function queries(accounts: TimedAccounts) {
  return {
    later: (db: SqliteConnection) => timedRows(db, accounts, 'later'),
    earlier: (db: SqliteConnection) => timedRows(db, accounts, 'earlier'),
    counted: (db: SqliteConnection) => countedRows(db, accounts),
  };
}

const QUERIES = {
  expiring: queries(ACCOUNTS.expiring),
  unused: queries(ACCOUNTS.unused),
  revoked: queries(ACCOUNTS.revoked),
};

export interface TimedList {
  status: TimedStatus;
  namePart: string;
  nowMs: number;
  /** Of the organization. */
  unusedAfterDays: number;
}

/** Returns the accounts of these teams by the time of their status: the oldest first, but those revoked last first. */
export function orderByTime(
  db: SqliteConnection,
  context: OrganizationContext,
  listed: ListedTeams,
  list: TimedList,
): AccountOrder<TimedRow> {
  const { status, ...parameters } = list;
  const query = QUERIES[status];
  const { firstMs, lastMs } = timesOf(db, context, list);
  const ids = listed === 'all' ? null : JSON.stringify(listed.map(({ id }) => id));
  const common = { organizationId: context.organizationId, ...parameters, teamIds: ids };
  return {
    positionOf: ({ id, atMs }) => ({ id, atMs }),
    read(direction, position, limit) {
      const isLater = (direction === 'after') === (status !== 'revoked');
      const end = isLater ? { startMs: firstMs, startId: '' } : { startMs: lastMs, startId: AFTER_IDS };
      const start = startOf(position, { firstMs, lastMs }) ?? end;
      const which = { ...common, ...start, endMs: isLater ? lastMs : firstMs, limit };
      return db.once(isLater ? query.later : query.earlier).all(which);
    },
    count(atMost) {
      const all = { ...common, startMs: firstMs, endMs: lastMs, atMost };
      return db.once(query.counted).get(all)?.total ?? 0;
    },
  };
}

/** After every ID. */
const AFTER_IDS = '~';

function startOf(
  position: AccountPosition | undefined,
  { firstMs, lastMs }: { firstMs: number; lastMs: number },
): { startMs: number; startId: string } | undefined {
  if (position === undefined || !('atMs' in position)) return undefined;
  const { atMs, id } = position;
  return { startMs: Math.min(Math.max(atMs, firstMs), lastMs), startId: id };
}

/** Returns the first and the last time that an account of the status can have. */
function timesOf(
  db: SqliteConnection,
  { organizationId }: OrganizationContext,
  { status, nowMs, unusedAfterDays: ofOrganization }: TimedList,
): { firstMs: number; lastMs: number } {
  switch (status) {
    case 'expiring':
      return { firstMs: nowMs + 1, lastMs: nowMs + EXPIRING_WITHIN_MS };
    case 'unused': {
      const ofTeams = db.once(shortestOfTeams).get({ organizationId })?.days ?? ofOrganization;
      const shortestMs = Math.min(NEVER_USED_AFTER_MS, Math.min(ofOrganization, ofTeams) * DAY_MS);
      return { firstMs: 0, lastMs: nowMs - shortestMs };
    }
    case 'revoked':
      return { firstMs: 0, lastMs: Number.MAX_SAFE_INTEGER };
  }
}

const shortestOfTeams = (db: SqliteConnection) =>
  db
    .select({ days: sql<number | null>`min(json_extract(${teams.policy}, '$.unusedAfterDays'))` })
    .from(teams)
    .where(isActiveTeam(organizationParameter))
    .prepare();
