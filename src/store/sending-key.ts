import { and, eq, isNull } from 'drizzle-orm';
import type { PendingDelivery } from '../application/ports/store.ts';
import type { ApiKeyRecord, ForeignKeyRecord, KeyLifetimeDays } from '../domain/service-account.ts';
import type { SqliteConnection } from './sqlite-connection.ts';
import { apiKeys, deliveries } from './sqlite-schema.ts';

export interface SendingKey {
  record: ApiKeyRecord | ForeignKeyRecord;
  lifetimeDays: KeyLifetimeDays;
  delivery: PendingDelivery;
}

/** Writes a new key and the delivery that is about to carry it. */
export function insertSendingKey(
  tx: SqliteConnection,
  organizationId: string,
  accountId: string,
  { record, lifetimeDays, delivery }: SendingKey,
): void {
  const { keyId } = record;
  tx.insert(apiKeys)
    .values({ organizationId, accountId, ...record })
    .run();
  tx.insert(deliveries)
    .values({
      organizationId,
      id: delivery.id,
      keyId,
      slackUserId: delivery.person.slackUserId,
      email: delivery.person.email,
      route: delivery.route,
      keyLifetimeDays: lifetimeDays,
      collectionId: delivery.collectionId ?? null,
      state: 'sending',
      leaseUntilMs: delivery.leaseUntilMs,
    })
    .run();
}

export function cutOffKey(tx: SqliteConnection, organizationId: string, keyId: string, nowMs: number): void {
  tx.update(apiKeys)
    .set({ revokedAtMs: nowMs })
    .where(
      and(eq(apiKeys.organizationId, organizationId), eq(apiKeys.keyId, keyId), isNull(apiKeys.revokedAtMs)),
    )
    .run();
}
