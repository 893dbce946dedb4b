import { and, eq, gt, isNull, lt, or, type SQL, sql } from 'drizzle-orm';
import type { AccountStatus, CredentialUse, StoredApiKey } from '../../application/ports/authority-store.ts';
import { PAUSE_KEPT_MS, SHORTEST_PAUSE_MS } from '../../domain/keys/rotation.ts';
import { CLOCK_TOLERANCE_MS } from '../../domain/stored-time.ts';
import {
  accountColumns,
  accountOfKey,
  deliveryOfKey,
  teamOfAccount,
  toServiceAccount,
} from '../accounts/account-row.ts';
import {
  type OrganizationContext,
  organizationParameter,
  type SqliteConnection,
} from '../database/connection.ts';
import { hasBeenActive, hasNotEnded } from '../schema/accounts.ts';
import { apiKeys, deliveries, issuers, keyPauses, serviceAccounts, teams } from '../schema/schema.ts';

const statusColumns = { account: accountColumns, archivedAtMs: teams.archivedAtMs };

const keyById = (db: SqliteConnection) =>
  db
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
    .leftJoin(deliveries, deliveryOfKey)
    .where(
      and(
        eq(apiKeys.organizationId, organizationParameter),
        eq(apiKeys.keyId, sql.placeholder('keyId')),
        hasBeenActive,
      ),
    )
    .prepare();

/** Finds a key by its ID. Every verification calls it, so it is one statement, without a transaction around it. */
export function readApiKey(
  db: SqliteConnection,
  { organizationId }: OrganizationContext,
  keyId: string,
): StoredApiKey | undefined {
  const row = db.once(keyById).get({ organizationId, keyId });
  if (row === undefined) return undefined;
  const { account, archivedAtMs, secretHash, pepperVersion, expiresAtMs, revokedAtMs, delivery, ...key } =
    row;
  if (secretHash === null || pepperVersion === null) return undefined;
  return {
    ...key,
    secretHash,
    pepperVersion,
    expiresAtMs: expiresAtMs ?? undefined,
    revokedAtMs: revokedAtMs ?? undefined,
    // A key from before deliveries were recorded has none.
    isDelivered: delivery === null || delivery === 'delivered',
    account: toServiceAccount(account),
    isTeamArchived: archivedAtMs !== null,
  };
}

export function readAccountStatus(
  db: SqliteConnection,
  { organizationId }: OrganizationContext,
  accountId: string,
): AccountStatus | undefined {
  return toStatus(db.once(statusById).get({ organizationId, accountId }));
}

export function readAccountByIdentity(
  db: SqliteConnection,
  { organizationId }: OrganizationContext,
  { issuer, subject }: { issuer: string; subject: string },
): AccountStatus | undefined {
  return toStatus(db.once(statusByIdentity).get({ organizationId, issuer, subject }));
}

const statusById = (db: SqliteConnection) =>
  statusWhere(db, eq(serviceAccounts.id, sql.placeholder('accountId')));

const statusByIdentity = (db: SqliteConnection) =>
  statusWhere(
    db,
    and(
      eq(serviceAccounts.issuer, sql.placeholder('issuer')),
      eq(serviceAccounts.subject, sql.placeholder('subject')),
      hasNotEnded,
    ),
  );

function statusWhere(db: SqliteConnection, which: SQL | undefined) {
  return db
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
    .where(and(eq(serviceAccounts.organizationId, organizationParameter), hasBeenActive, which))
    .prepare();
}

function toStatus(row: ReturnType<ReturnType<typeof statusWhere>['get']>): AccountStatus | undefined {
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
  const ofAccount = tx.once(updateAccountUse);
  const ofKey = tx.once(updateKeyUse);
  const recordPause = tx.once(insertPause);
  const deletePauses = tx.once(deleteOldPauses);
  const tooLateMs = nowMs + CLOCK_TOLERANCE_MS;
  for (const { keyId, userAgent = null, ...use } of uses) {
    ofAccount.run({ organizationId, userAgent, tooLateMs, ...use });
    if (keyId === undefined) continue;
    const paused = recordPause.run({ organizationId, keyId, atMs: use.atMs });
    if (paused.changes > 0) deletePauses.run({ organizationId, keyId, atMs: use.atMs });
    ofKey.run({ organizationId, userAgent, tooLateMs, keyId, ...use });
  }
}

/** Before the last use is replaced: it began the pause that this use ends. */
const insertPause = (db: SqliteConnection) =>
  db
    .insert(keyPauses)
    .select(
      db
        .select({
          organizationId: apiKeys.organizationId,
          keyId: apiKeys.keyId,
          startedAtMs: sql<number>`${apiKeys.lastUsedAtMs}`.as('started_at_ms'),
          endedAtMs: sql<number>`${sql.placeholder('atMs')}`.as('ended_at_ms'),
        })
        .from(apiKeys)
        .where(
          and(
            eq(apiKeys.organizationId, organizationParameter),
            eq(apiKeys.keyId, sql.placeholder('keyId')),
            lt(apiKeys.lastUsedAtMs, sql`${sql.placeholder('atMs')} - ${SHORTEST_PAUSE_MS}`),
          ),
        ),
    )
    .onConflictDoNothing()
    .prepare();

const deleteOldPauses = (db: SqliteConnection) =>
  db
    .delete(keyPauses)
    .where(
      and(
        eq(keyPauses.organizationId, organizationParameter),
        eq(keyPauses.keyId, sql.placeholder('keyId')),
        lt(keyPauses.endedAtMs, sql`${sql.placeholder('atMs')} - ${PAUSE_KEPT_MS}`),
      ),
    )
    .prepare();

const lastUse = {
  lastUsedAtMs: sql`${sql.placeholder('atMs')}`,
  lastUsedAddress: sql`${sql.placeholder('address')}`,
  lastUsedUserAgent: sql`${sql.placeholder('userAgent')}`,
};

const updateAccountUse = (db: SqliteConnection) =>
  db
    .update(serviceAccounts)
    .set(lastUse)
    .where(
      and(
        eq(serviceAccounts.organizationId, organizationParameter),
        eq(serviceAccounts.id, sql.placeholder('accountId')),
        isEarlier(serviceAccounts.lastUsedAtMs),
      ),
    )
    .prepare();

const updateKeyUse = (db: SqliteConnection) =>
  db
    .update(apiKeys)
    .set(lastUse)
    .where(
      and(
        eq(apiKeys.organizationId, organizationParameter),
        eq(apiKeys.keyId, sql.placeholder('keyId')),
        eq(apiKeys.accountId, sql.placeholder('accountId')),
        isEarlier(apiKeys.lastUsedAtMs),
      ),
    )
    .prepare();

function isEarlier(lastUsedAtMs: typeof serviceAccounts.lastUsedAtMs | typeof apiKeys.lastUsedAtMs) {
  return or(
    isNull(lastUsedAtMs),
    lt(lastUsedAtMs, sql.placeholder('atMs')),
    gt(lastUsedAtMs, sql.placeholder('tooLateMs')),
  );
}
