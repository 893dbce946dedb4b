import { and, count, desc, eq, gt, inArray, isNotNull, isNull, ne, or, type SQL } from 'drizzle-orm';
import { type AccountKey, MAX_LIVE_KEYS } from '../../application/keys/account-key.ts';
import type { InsertKeyResult, KeyConflict, KeyStore, NewKey } from '../../application/keys/key-store.ts';
import { deliveryOfKey, teamOfAccount } from '../accounts/account-row.ts';
import { insertSendingKey } from '../accounts/api-keys.ts';
import { readEarlierSubmission } from '../accounts/new-accounts.ts';
import type { OrganizationContext, SqliteConnection, WriteContext } from '../database/connection.ts';
import { enqueueNotification } from '../jobs/notifications.ts';
import { isActiveTeam } from '../organization/teams.ts';
import { apiKeys, collections, deliveries, serviceAccounts, submissions, teams } from '../schema/schema.ts';
import { toAccountKey } from './account-key-row.ts';
import { endKey } from './ended-key.ts';
import { insertRotation, rotationConflict } from './new-rotations.ts';

/** Far more than can work at a time. */
const MAX_LISTED = 100;

export function readAccountKeys(
  db: SqliteConnection,
  context: OrganizationContext,
  accountId: string,
): AccountKey[] {
  const unrevoked = readNewest(db, context, accountId, isNull(apiKeys.revokedAtMs));
  const revoked = readNewest(db, context, accountId, isNotNull(apiKeys.revokedAtMs));
  return [...unrevoked, ...revoked].slice(0, MAX_LISTED);
}

/** In the order of an index. */
function readNewest(
  db: SqliteConnection,
  { organizationId }: OrganizationContext,
  accountId: string,
  which: SQL,
): AccountKey[] {
  return db
    .select({ key: apiKeys, delivery: deliveries.state })
    .from(apiKeys)
    .leftJoin(deliveries, deliveryOfKey)
    .where(and(ofAccount(organizationId, accountId), which))
    .orderBy(desc(apiKeys.createdAtMs), desc(apiKeys.keyId))
    .limit(MAX_LISTED)
    .all()
    .map(({ key, delivery }) => toAccountKey(key, delivery));
}

export function insertKey(tx: SqliteConnection, context: WriteContext, key: NewKey): InsertKeyResult {
  const { accountId, submissionId, record, expiry, delivery, rotation, nowMs } = key;
  const earlier = readEarlierSubmission(tx, context, submissionId);
  if (earlier !== undefined) return { ok: false, reason: 'already_submitted', earlier };
  const reason = keyConflict(tx, context, { accountId, name: record.name, nowMs });
  if (reason !== undefined) return { ok: false, reason };
  const problem = rotation && rotationConflict(tx, context, { accountId, rotation, nowMs });
  if (problem !== undefined) return { ok: false, reason: problem };
  insertSendingKey(tx, context, accountId, { record, expiry, delivery });
  tx.insert(submissions)
    .values({
      organizationId: context.organizationId,
      submissionId,
      accountId,
      keyId: record.keyId,
      createdAtMs: nowMs,
    })
    .run();
  if (rotation !== undefined)
    insertRotation(tx, context, rotation, { newKeyId: record.keyId, delivery, nowMs });
  context.appendAudit(key.auditEvent);
  return { ok: true };
}

/** Returns why the account can't get this key. The result holds until the transaction ends. */
function keyConflict(
  tx: SqliteConnection,
  { organizationId }: OrganizationContext,
  { accountId, name, nowMs }: { accountId: string; name: string; nowMs: number },
): KeyConflict | undefined {
  const account = tx
    .select({ state: serviceAccounts.state })
    .from(serviceAccounts)
    .innerJoin(teams, teamOfAccount)
    .where(
      and(
        eq(serviceAccounts.organizationId, organizationId),
        eq(serviceAccounts.id, accountId),
        isActiveTeam(organizationId),
      ),
    )
    .get();
  if (account?.state !== 'active') return 'account_revoked';
  if (isNameTaken(tx, organizationId, { accountId, name })) return 'name_taken';
  const live = tx
    .select({ total: count() })
    .from(apiKeys)
    .where(
      and(
        ofAccount(organizationId, accountId),
        isNull(apiKeys.revokedAtMs),
        or(isNull(apiKeys.expiresAtMs), gt(apiKeys.expiresAtMs, nowMs)),
      ),
    )
    .get();
  return (live?.total ?? 0) >= MAX_LIVE_KEYS ? 'too_many_keys' : undefined;
}

/** A key that can be collected has its name already. */
function isNameTaken(
  tx: SqliteConnection,
  organizationId: string,
  { accountId, name, except }: { accountId: string; name: string; except?: string },
): boolean {
  const key = tx
    .select({ keyId: apiKeys.keyId })
    .from(apiKeys)
    .where(
      and(
        ofAccount(organizationId, accountId),
        eq(apiKeys.name, name),
        isNull(apiKeys.revokedAtMs),
        except === undefined ? undefined : ne(apiKeys.keyId, except),
      ),
    )
    .get();
  const collectable = tx
    .select({ id: collections.id })
    .from(collections)
    .where(
      and(
        eq(collections.organizationId, organizationId),
        eq(collections.accountId, accountId),
        eq(collections.keyName, name),
        inArray(collections.state, ['open', 'collecting']),
      ),
    )
    .get();
  return key !== undefined || collectable !== undefined;
}

function ofAccount(organizationId: string, accountId: string): SQL | undefined {
  return and(eq(apiKeys.organizationId, organizationId), eq(apiKeys.accountId, accountId));
}

export function renameKey(
  tx: SqliteConnection,
  { organizationId, appendAudit }: WriteContext,
  { accountId, keyId, name, auditEvent }: Parameters<KeyStore['renameKey']>[0],
): Awaited<ReturnType<KeyStore['renameKey']>> {
  const isThis = and(ofAccount(organizationId, accountId), eq(apiKeys.keyId, keyId));
  const current = tx.select().from(apiKeys).where(isThis).get();
  if (current === undefined || current.revokedAtMs !== null) return 'not_found';
  if (current.name === name) return 'unchanged';
  if (isNameTaken(tx, organizationId, { accountId, name, except: keyId })) return 'name_taken';
  tx.update(apiKeys).set({ name }).where(isThis).run();
  appendAudit(auditEvent);
  return 'renamed';
}

export function revokeOneKey(
  tx: SqliteConnection,
  context: WriteContext,
  { accountId, keyId, by, nowMs, auditEvent, notification }: Parameters<KeyStore['revokeKey']>[0],
): Awaited<ReturnType<KeyStore['revokeKey']>> {
  const isThis = and(ofAccount(context.organizationId, accountId), eq(apiKeys.keyId, keyId));
  const current = tx.select().from(apiKeys).where(isThis).get();
  if (current === undefined) return 'not_found';
  if (!endKey(tx, context, keyId, { nowMs, by })) return 'already_revoked';
  context.appendAudit(auditEvent);
  if (notification !== undefined) enqueueNotification(tx, context, notification);
  return 'revoked';
}
