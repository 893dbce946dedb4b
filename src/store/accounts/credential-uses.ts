import { and, eq, gte, isNull } from 'drizzle-orm';
import type { CredentialUse } from '../../application/accounts/revocation/account-store.ts';
import type { OrganizationContext, SqliteConnection } from '../database/connection.ts';
import { apiKeys, serviceAccounts } from '../schema/schema.ts';

/** More keys than an account can have that work. */
const MAX_USES = 100;

export function readUsesSince(
  db: SqliteConnection,
  { organizationId }: OrganizationContext,
  accountId: string,
  sinceMs: number,
): CredentialUse[] {
  const keys = db
    .select({
      keyId: apiKeys.keyId,
      name: apiKeys.name,
      atMs: apiKeys.lastUsedAtMs,
      address: apiKeys.lastUsedAddress,
      userAgent: apiKeys.lastUsedUserAgent,
    })
    .from(apiKeys)
    .where(
      and(
        eq(apiKeys.organizationId, organizationId),
        eq(apiKeys.accountId, accountId),
        gte(apiKeys.lastUsedAtMs, sinceMs),
        isNull(apiKeys.revokedAtMs),
      ),
    )
    .limit(MAX_USES)
    .all();
  if (keys.length > 0) {
    return keys
      .map(({ keyId, name, ...use }) => toUse(use, { keyId, name }))
      .sort((one, other) => other.atMs - one.atMs);
  }
  const account = db
    .select({
      atMs: serviceAccounts.lastUsedAtMs,
      address: serviceAccounts.lastUsedAddress,
      userAgent: serviceAccounts.lastUsedUserAgent,
    })
    .from(serviceAccounts)
    .where(
      and(
        eq(serviceAccounts.organizationId, organizationId),
        eq(serviceAccounts.id, accountId),
        eq(serviceAccounts.authenticationMethod, 'federated'),
        gte(serviceAccounts.lastUsedAtMs, sinceMs),
      ),
    )
    .get();
  return account === undefined ? [] : [toUse(account, undefined)];
}

interface UseColumns {
  atMs: number | null;
  address: string | null;
  userAgent: string | null;
}

function toUse({ atMs, address, userAgent }: UseColumns, key: CredentialUse['key']): CredentialUse {
  return { key, atMs: atMs ?? 0, address: address ?? undefined, userAgent: userAgent ?? undefined };
}
