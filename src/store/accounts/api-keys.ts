import { and, desc, eq, sql } from 'drizzle-orm';
import type { ListedAccount, PendingDelivery, SentKey } from '../../application/ports/account-records.ts';
import type { KeyExpiry } from '../../domain/accounts/key-expiry.ts';
import type { ApiKeyRecord, ExternalKeyRecord } from '../../domain/accounts/service-account.ts';
import { scheduleExpiryNotices } from '../care/expiry-notices.ts';
import {
  type OrganizationContext,
  organizationParameter,
  type SqliteConnection,
  type WriteContext,
} from '../database/connection.ts';
import { insertJob } from '../jobs/job-scheduling.ts';
import { apiKeys, collections, deliveries, serviceAccounts } from '../schema/schema.ts';
import { accountOfKey, deliveryOfKey } from './account-row.ts';

export interface SendingKey {
  record: ApiKeyRecord | ExternalKeyRecord;
  expiry: KeyExpiry;
  delivery: PendingDelivery;
}

/** Inserts a new key and its delivery, with the job that settles it after its lease. */
export function insertSendingKey(
  tx: SqliteConnection,
  context: WriteContext,
  accountId: string,
  { record, expiry, delivery }: SendingKey,
): void {
  const { organizationId } = context;
  const { keyId } = record;
  tx.insert(apiKeys)
    .values({ organizationId, accountId, ...record, createdBySlackUserId: delivery.person.slackUserId })
    .run();
  tx.insert(deliveries)
    .values({
      organizationId,
      id: delivery.id,
      keyId,
      slackUserId: delivery.person.slackUserId,
      email: delivery.person.email,
      route: delivery.route,
      keyExpiry: expiry,
      collectionId: delivery.collectionId ?? null,
      state: 'sending',
    })
    .run();
  insertJob(tx, context, {
    id: context.newId('job'),
    kind: 'delivery',
    subject: delivery.id,
    payload: { deliveryId: delivery.id },
    start: { atMs: delivery.leaseUntilMs },
  });
  scheduleExpiryNotices(tx, context, record);
}

const collectionOfDelivery = and(
  eq(collections.organizationId, deliveries.organizationId),
  eq(collections.id, deliveries.collectionId),
);

/** Far more than are created within the 24 hours of a collection. */
const MAX_KEYS = 100;

export function readKeysOfAccount(
  db: SqliteConnection,
  { organizationId }: OrganizationContext,
  accountId: string,
): SentKey[] {
  return db
    .select({
      keyId: apiKeys.keyId,
      delivery: deliveries.state,
      expiresAtMs: apiKeys.expiresAtMs,
      revokedAtMs: apiKeys.revokedAtMs,
      sentTo: deliveries.email,
      accessRequestId: collections.accessRequestId,
    })
    .from(apiKeys)
    .innerJoin(deliveries, deliveryOfKey)
    .leftJoin(collections, collectionOfDelivery)
    .where(and(eq(apiKeys.organizationId, organizationId), eq(apiKeys.accountId, accountId)))
    .orderBy(desc(apiKeys.createdAtMs), desc(apiKeys.keyId))
    .limit(MAX_KEYS)
    .all()
    .map(({ expiresAtMs, revokedAtMs, sentTo, accessRequestId, ...key }) => ({
      ...key,
      requestedBy: accessRequestId === null ? undefined : sentTo,
      expiresAtMs: expiresAtMs ?? undefined,
      revokedAtMs: revokedAtMs ?? undefined,
    }));
}

type ListedKey = ListedAccount['key'];

/** Returns a function that reads an account's newest key that was delivered. */
export function newestDeliveredKey(
  db: SqliteConnection,
): (organizationId: string, accountId: string) => ListedKey {
  const newest = db
    .select({
      keyId: apiKeys.keyId,
      expiresAtMs: apiKeys.expiresAtMs,
      revokedAtMs: apiKeys.revokedAtMs,
    })
    .from(apiKeys)
    .innerJoin(deliveries, deliveryOfKey)
    .where(
      and(
        eq(apiKeys.organizationId, organizationParameter),
        eq(apiKeys.accountId, sql.placeholder('accountId')),
        eq(deliveries.state, 'delivered'),
      ),
    )
    .orderBy(sql`${apiKeys.createdAtMs} desc`, sql`${apiKeys.keyId} desc`)
    .limit(1)
    .prepare();
  return (organizationId, accountId) => {
    const key = newest.get({ organizationId, accountId });
    return (
      key && {
        ...key,
        expiresAtMs: key.expiresAtMs ?? undefined,
        revokedAtMs: key.revokedAtMs ?? undefined,
      }
    );
  };
}

/** Returns what a key's account needs for the key to be revoked or replaced. */
export function readAccountOfKey(
  tx: SqliteConnection,
  { organizationId }: OrganizationContext,
  keyId: string,
) {
  const account = tx
    .select({
      id: serviceAccounts.id,
      state: serviceAccounts.state,
      keyName: apiKeys.name,
    })
    .from(apiKeys)
    .innerJoin(serviceAccounts, accountOfKey)
    .where(and(eq(apiKeys.organizationId, organizationId), eq(apiKeys.keyId, keyId)))
    .get();
  if (account === undefined) throw new Error(`The key ${keyId} has no account.`);
  return account;
}
