import { and, eq, ne, type SQL, sql } from 'drizzle-orm';
import { alias } from 'drizzle-orm/sqlite-core';
import type { ListedAccount } from '../../application/ports/account-records.ts';
import { accountMarks } from '../../domain/accounts/account-status.ts';
import {
  DEFAULT_POLICY,
  effectivePolicy,
  isLongerThanPolicy,
  type Policy,
} from '../../domain/organization/policy.ts';
import { accountColumns, toServiceAccount } from '../accounts/account-row.ts';
import { newestDeliveredKey } from '../accounts/api-keys.ts';
import {
  type OrganizationContext,
  organizationParameter,
  type SqliteConnection,
} from '../database/connection.ts';
import { hasNotEnded } from '../schema/accounts.ts';
import { apiKeys, organizations, rotations, serviceAccounts, teams } from '../schema/schema.ts';

export const nowParameter = sql.placeholder('nowMs');

/** An account that is being created is shown to nobody. */
export const isVisible = and(hasNotEnded, ne(serviceAccounts.state, 'provisioning'));

/** What the policy of an account's team says; the organization's comes as a parameter. */
export const unusedAfterDays = sql<number>`coalesce(json_extract(${teams.policy}, '$.unusedAfterDays'), ${sql.placeholder('unusedAfterDays')})`;

export function readUnusedAfterDays(db: SqliteConnection, { organizationId }: OrganizationContext): number {
  const policy = db.once(organizationPolicy).get({ organizationId })?.policy;
  return policy?.unusedAfterDays ?? DEFAULT_POLICY.unusedAfterDays;
}

const organizationPolicy = (db: SqliteConnection) =>
  db
    .select({ policy: organizations.policy })
    .from(organizations)
    .where(eq(organizations.organizationId, organizationParameter))
    .prepare();

const key = alias(apiKeys, 'key_of_account');

/** The plus sign keeps SQLite from reading the keys of all accounts, in the index of their expiry. */
const expiresAtMs = sql`+${key.expiresAtMs}`;

/** The keys of an account that haven't been revoked and haven't expired. */
const worksOfAccount = sql`${key.organizationId} = ${serviceAccounts.organizationId} and ${key.accountId} = ${serviceAccounts.id} and ${key.revokedAtMs} is null and (${expiresAtMs} is null or ${expiresAtMs} > ${nowParameter})`;

/** Longer than any policy allows. */
const WITHOUT_END_MS = Number.MAX_SAFE_INTEGER;

/** How long the key lives that lives longest, of those that Keysmith verifies and that still work. */
const longestLifeMs = sql<
  number | null
>`(select max(coalesce(${key.expiresAtMs} - ${key.createdAtMs}, ${sql.raw(String(WITHOUT_END_MS))})) from ${apiKeys} "key_of_account" where ${worksOfAccount} and ${key.secretHash} is not null)`;

const isBeingReplaced = sql`exists (select 1 from ${rotations} where ${rotations.organizationId} = ${key.organizationId} and ${rotations.oldKeyId} = ${key.keyId} and ${rotations.state} = 'open')`;

/** Returns a column of the key that expires first, of those that still work and aren't being replaced. */
function ofNextExpiry<Value>(column: SQL.Aliased | typeof key.keyId | typeof key.expiresAtMs): SQL<Value> {
  return sql<Value>`(select ${column} from ${apiKeys} "key_of_account" where ${worksOfAccount} and ${expiresAtMs} is not null and not ${isBeingReplaced} order by ${expiresAtMs}, ${key.keyId} limit 1)`;
}

export const nextExpiringKeyId = ofNextExpiry<string | null>(key.keyId);

/** When the first of the keys expires that still work and are being replaced. */
const replacedExpiryMs = sql<
  number | null
>`(select min(${expiresAtMs}) from ${apiKeys} "key_of_account" where ${worksOfAccount} and ${isBeingReplaced})`;

/** The columns of a row of a list, for a query that joins accounts and teams. */
export const listedColumns = {
  account: accountColumns,
  lastUsedAtMs: serviceAccounts.lastUsedAtMs,
  unownedSinceMs: serviceAccounts.unownedSinceMs,
  unusedAfterDays: unusedAfterDays.as('unused_after_days'),
  nextExpiryMs: ofNextExpiry<number | null>(key.expiresAtMs).as('next_expiry_ms'),
  replacedExpiryMs: replacedExpiryMs.as('replaced_expiry_ms'),
  workingKeys: sql<number>`(select count(*) from ${apiKeys} "key_of_account" where ${worksOfAccount})`.as(
    'working_keys',
  ),
  teamPolicy: teams.policy,
  longestLifeMs: longestLifeMs.as('longest_life_ms'),
  isRotating:
    sql<number>`exists (select 1 from ${apiKeys} "key_of_account" where ${worksOfAccount} and ${isBeingReplaced})`.as(
      'is_rotating',
    ),
};

export interface ListedRow {
  account: Parameters<typeof toServiceAccount>[0];
  lastUsedAtMs: number | null;
  unownedSinceMs: number | null;
  unusedAfterDays: number;
  nextExpiryMs: number | null;
  replacedExpiryMs: number | null;
  workingKeys: number;
  teamPolicy: Policy | null;
  longestLifeMs: number | null;
  isRotating: number;
}

/** Returns what a list shows of the rows. An account that has ended has no marks. */
export function toListedAccounts(
  db: SqliteConnection,
  { organizationId }: OrganizationContext,
  rows: readonly ListedRow[],
  nowMs: number,
): ListedAccount[] {
  const newestKey = db.once(newestDeliveredKey);
  const ofOrganization = db.once(organizationPolicy).get({ organizationId })?.policy ?? {};
  return rows.map(({ account: row, workingKeys, ...facts }) => {
    const account = toServiceAccount(row);
    const lastUsedAtMs = facts.lastUsedAtMs ?? undefined;
    const known = {
      createdAtMs: account.createdAtMs,
      lastUsedAtMs,
      unusedAfterDays: facts.unusedAfterDays,
      nextExpiryMs: facts.nextExpiryMs ?? undefined,
      unownedSinceMs: facts.unownedSinceMs ?? undefined,
      isRotating: facts.isRotating === 1,
      isBeyondPolicy: isBeyondPolicy(facts, ofOrganization),
    };
    return {
      account,
      key: newestKey(organizationId, account.id),
      workingKeys,
      firstExpiry: firstExpiry(facts),
      lastUsedAtMs,
      marks: account.state === 'active' ? accountMarks(known, nowMs) : [],
    };
  });
}

function firstExpiry({
  nextExpiryMs,
  replacedExpiryMs: replacedMs,
}: Pick<ListedRow, 'nextExpiryMs' | 'replacedExpiryMs'>): ListedAccount['firstExpiry'] {
  const isReplaced = replacedMs !== null && (nextExpiryMs === null || replacedMs <= nextExpiryMs);
  const atMs = isReplaced ? replacedMs : nextExpiryMs;
  return atMs === null ? undefined : { atMs, isReplaced };
}

function isBeyondPolicy(
  { teamPolicy, longestLifeMs: lifeMs }: Pick<ListedRow, 'teamPolicy' | 'longestLifeMs'>,
  ofOrganization: Policy,
): boolean {
  if (lifeMs === null) return false;
  return isLongerThanPolicy(effectivePolicy(ofOrganization, teamPolicy ?? {}), {
    createdAtMs: 0,
    expiresAtMs: lifeMs,
  });
}
