import type { AccountKey } from '../../application/keys/account-key.ts';
import type { apiKeys } from '../schema/schema.ts';

export function toAccountKey(
  row: typeof apiKeys.$inferSelect,
  delivery: AccountKey['delivery'] | null,
): AccountKey {
  const { keyId, name, createdAtMs, createdBySlackUserId, expiresAtMs, revokedAtMs, lastUsedAtMs } = row;
  return {
    keyId,
    name,
    createdAtMs,
    createdBySlackUserId: createdBySlackUserId ?? undefined,
    expiresAtMs: expiresAtMs ?? undefined,
    revokedAtMs: revokedAtMs ?? undefined,
    leakReportedAtMs: row.leakReportedAtMs ?? undefined,
    // A key from before deliveries were recorded has none.
    delivery: delivery ?? 'delivered',
    lastUse:
      lastUsedAtMs === null
        ? undefined
        : {
            atMs: lastUsedAtMs,
            address: row.lastUsedAddress ?? undefined,
            userAgent: row.lastUsedUserAgent ?? undefined,
          },
  };
}
