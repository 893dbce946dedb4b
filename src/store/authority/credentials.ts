import { and, eq, gt, isNull, lt, or, sql } from 'drizzle-orm';
import type { AccountStatus, CredentialUse, StoredApiKey } from '../../application/ports/authority-store.ts';
import { CLOCK_TOLERANCE_MS } from '../../domain/stored-time.ts';
import { accountColumns, accountOfKey, teamOfAccount, toServiceAccount } from '../accounts/account-row.ts';
import type { OrganizationContext, SqliteConnection } from '../database/connection.ts';
import { apiKeys, deliveries, issuers, serviceAccounts, teams } from '../schema/schema.ts';

const statusColumns = { account: accountColumns, archivedAtMs: teams.archivedAtMs };

/** Returns a function that finds a key by its ID. Every verification calls it, so it is one statement, prepared once. */
export function createKeyReader(
  db: SqliteConnection,
  { organizationId }: OrganizationContext,
): (keyId: string) => StoredApiKey | undefined {
  const byKeyId = db
    .select({
      ...statusColumns,
      keyId: apiKeys.keyId,
      secretHash: apiKeys.secretHash,
      pepperVersion: apiKeys.pepperVersion,
      createdAtMs: apiKeys.createdAtMs,
      expiresAtMs: apiKeys.expiresAtMs,
      revokedAtMs: apiKeys.revokedAtMs,
      delivery: deliveries.state,
    })
    .from(apiKeys)
    .innerJoin(serviceAccounts, accountOfKey)
    .innerJoin(teams, teamOfAccount)
    .leftJoin(
      deliveries,
      and(eq(deliveries.organizationId, apiKeys.organizationId), eq(deliveries.keyId, apiKeys.keyId)),
    )
    .where(
      and(
        eq(apiKeys.organizationId, organizationId),
        eq(apiKeys.keyId, sql.placeholder('keyId')),
        eq(serviceAccounts.state, 'active'),
      ),
    )
    .prepare();
  return (keyId) => {
    const row = byKeyId.get({ keyId });
    if (row === undefined) return undefined;
    const { account, archivedAtMs, secretHash, pepperVersion, expiresAtMs, revokedAtMs, delivery, ...key } =
      row;
    if (secretHash === null || pepperVersion === null || expiresAtMs === null) return undefined;
    return {
      ...key,
      secretHash,
      pepperVersion,
      expiresAtMs,
      revokedAtMs: revokedAtMs ?? undefined,
      // A key from before deliveries were recorded has none.
      isDelivered: delivery === null || delivery === 'delivered',
      account: toServiceAccount(account),
      isTeamArchived: archivedAtMs !== null,
    };
  };
}

export function readAccountStatus(
  db: SqliteConnection,
  context: OrganizationContext,
  accountId: string,
): AccountStatus | undefined {
  return readStatusWhere(db, context, eq(serviceAccounts.id, accountId));
}

export function readAccountByIdentity(
  db: SqliteConnection,
  context: OrganizationContext,
  { issuer, subject }: { issuer: string; subject: string },
): AccountStatus | undefined {
  const hasIdentity = and(
    eq(serviceAccounts.issuer, issuer),
    eq(serviceAccounts.subject, subject),
    isNull(serviceAccounts.revokedAtMs),
  );
  return readStatusWhere(db, context, hasIdentity);
}

function readStatusWhere(
  db: SqliteConnection,
  { organizationId }: OrganizationContext,
  which: ReturnType<typeof and>,
): AccountStatus | undefined {
  const row = db
    .select({ ...statusColumns, registeredIssuer: issuers.url })
    .from(serviceAccounts)
    .innerJoin(teams, teamOfAccount)
    .leftJoin(
      issuers,
      and(
        eq(issuers.organizationId, serviceAccounts.organizationId),
        eq(issuers.url, serviceAccounts.issuer),
        isNull(issuers.removedAtMs),
      ),
    )
    .where(
      and(eq(serviceAccounts.organizationId, organizationId), eq(serviceAccounts.state, 'active'), which),
    )
    .get();
  if (row === undefined) return undefined;
  const account = toServiceAccount(row.account);
  return {
    account,
    isTeamArchived: row.archivedAtMs !== null,
    isIssuerRemoved: account.externalIdentity !== undefined && row.registeredIssuer === null,
  };
}

/** Never replaces a later use, which another replica may have written, unless it lies in the future: the clock was set back since. */
export function recordUses(
  tx: SqliteConnection,
  { organizationId }: OrganizationContext,
  uses: readonly CredentialUse[],
  nowMs: number,
): void {
  for (const { accountId, keyId, atMs, address, userAgent } of uses) {
    const used = { lastUsedAtMs: atMs, lastUsedAddress: address, lastUsedUserAgent: userAgent ?? null };
    tx.update(serviceAccounts)
      .set(used)
      .where(
        and(
          eq(serviceAccounts.organizationId, organizationId),
          eq(serviceAccounts.id, accountId),
          isEarlier(serviceAccounts.lastUsedAtMs, atMs, nowMs),
        ),
      )
      .run();
    if (keyId === undefined) continue;
    tx.update(apiKeys)
      .set(used)
      .where(
        and(
          eq(apiKeys.organizationId, organizationId),
          eq(apiKeys.keyId, keyId),
          eq(apiKeys.accountId, accountId),
          isEarlier(apiKeys.lastUsedAtMs, atMs, nowMs),
        ),
      )
      .run();
  }
}

function isEarlier(
  lastUsedAtMs: typeof serviceAccounts.lastUsedAtMs | typeof apiKeys.lastUsedAtMs,
  atMs: number,
  nowMs: number,
) {
  return or(isNull(lastUsedAtMs), lt(lastUsedAtMs, atMs), gt(lastUsedAtMs, nowMs + CLOCK_TOLERANCE_MS));
}
