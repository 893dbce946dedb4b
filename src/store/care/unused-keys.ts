import { and, asc, eq, gt, isNotNull, isNull, lte, notExists, or, sql } from 'drizzle-orm';
import type { CareStore } from '../../application/care/care-store.ts';
import type { ServiceAccount } from '../../domain/accounts/service-account.ts';
import { NEVER_USED_AFTER_DAYS, needsReview } from '../../domain/care/unused-key.ts';
import { accountOfKey, deliveryOfKey } from '../accounts/account-row.ts';
import type { OrganizationContext, SqliteConnection } from '../database/connection.ts';
import { hasNotEnded } from '../schema/accounts.ts';
import { apiKeys, deliveries, rotations, serviceAccounts } from '../schema/schema.ts';

const DAY_MS = 24 * 60 * 60 * 1000;

export interface UnusedRow {
  keyId: string;
  scope: ServiceAccount['scope'];
  createdAtMs: number;
}

/** Accounts per part, which are read in a few milliseconds. */
const PART_SIZE = 2_000;

/** Reads the unused keys of the accounts whose names follow `after`. `next`: the last name; undefined after the last part. */
export function readUnusedKeys(
  db: SqliteConnection,
  { organizationId }: OrganizationContext,
  teamId: string,
  { unusedAfterDays, nowMs }: Parameters<CareStore['unusedKeys']>[1],
  after: string,
): { keys: UnusedRow[]; next: string | undefined } {
  const ofPart = and(
    eq(serviceAccounts.organizationId, organizationId),
    eq(serviceAccounts.teamId, teamId),
    hasNotEnded,
    gt(serviceAccounts.name, after),
  );
  const next = db
    .select({ name: serviceAccounts.name })
    .from(serviceAccounts)
    .where(ofPart)
    .orderBy(asc(serviceAccounts.name))
    .limit(1)
    .offset(PART_SIZE - 1)
    .get()?.name;
  const rotation = db
    .select({ one: sql`1` })
    .from(rotations)
    .where(
      and(
        eq(rotations.organizationId, apiKeys.organizationId),
        eq(rotations.oldKeyId, apiKeys.keyId),
        eq(rotations.state, 'open'),
      ),
    );
  const rows = db
    .select({
      keyId: apiKeys.keyId,
      scope: serviceAccounts.scope,
      createdAtMs: apiKeys.createdAtMs,
      lastUsedAtMs: apiKeys.lastUsedAtMs,
      keptUntilMs: apiKeys.keptUntilMs,
    })
    .from(serviceAccounts)
    // From the accounts of the team to their keys: SQLite keeps the order of a cross join.
    .crossJoin(apiKeys)
    .leftJoin(deliveries, deliveryOfKey)
    .where(
      and(
        accountOfKey,
        ofPart,
        next === undefined ? undefined : lte(serviceAccounts.name, next),
        eq(serviceAccounts.state, 'active'),
        isNotNull(apiKeys.secretHash),
        isNull(apiKeys.revokedAtMs),
        or(isNull(apiKeys.expiresAtMs), gt(apiKeys.expiresAtMs, nowMs)),
        or(isNull(deliveries.state), eq(deliveries.state, 'delivered')),
        or(
          and(isNull(apiKeys.lastUsedAtMs), lte(apiKeys.createdAtMs, nowMs - NEVER_USED_AFTER_DAYS * DAY_MS)),
          lte(apiKeys.lastUsedAtMs, nowMs - unusedAfterDays * DAY_MS),
        ),
        notExists(rotation),
      ),
    )
    .all();
  const keys = rows
    .map((row) => ({
      ...row,
      lastUsedAtMs: row.lastUsedAtMs ?? undefined,
      keptUntilMs: row.keptUntilMs ?? undefined,
    }))
    .filter((key) => needsReview(key, unusedAfterDays, nowMs));
  return { keys, next };
}

export function oldestFirst(keys: readonly UnusedRow[]): UnusedRow[] {
  return keys.toSorted((one, other) => one.createdAtMs - other.createdAtMs);
}
