import { and, eq, isNull } from 'drizzle-orm';
import type { LeakOutcome, ReportedKey } from '../../application/leaks/leak-store.ts';
import { accountColumns, accountOfKey, teamOfAccount, toServiceAccount } from '../accounts/account-row.ts';
import { revokeKey } from '../accounts/api-keys.ts';
import type { OrganizationContext, SqliteConnection, WriteContext } from '../database/connection.ts';
import { enqueueReminder } from '../jobs/notifications.ts';
import { readPolicyOf } from '../organization/policies.ts';
import { apiKeys, serviceAccounts, teams } from '../schema/schema.ts';

export function recordLeak(
  tx: SqliteConnection,
  context: WriteContext,
  { keyId, place, nowMs, eventOf }: ReportedKey,
): LeakOutcome | 'nothing' {
  const key = readWorkingKey(tx, context, keyId, nowMs);
  if (key === undefined) return 'nothing';
  const { account, name: keyName } = key;
  const outcome = readPolicyOf(tx, context, account.teamName).onLeak === 'notify' ? 'notified' : 'revoked';
  tx.update(apiKeys)
    .set({ leakReportedAtMs: nowMs })
    .where(and(eq(apiKeys.organizationId, context.organizationId), eq(apiKeys.keyId, keyId)))
    .run();
  if (outcome === 'revoked') revokeKey(tx, context, keyId, nowMs);
  context.appendAudit(eventOf({ account, keyName, outcome }));
  const about = { accountId: account.id, keyId, keyName, place, outcome } as const;
  enqueueReminder(tx, context, { message: 'key_leaked', ...about }, nowMs);
  return outcome;
}

/** Returns undefined for a key that doesn't work anymore, or was reported before. */
function readWorkingKey(
  tx: SqliteConnection,
  { organizationId }: OrganizationContext,
  keyId: string,
  nowMs: number,
) {
  const key = tx
    .select({ account: accountColumns, name: apiKeys.name, expiresAtMs: apiKeys.expiresAtMs })
    .from(apiKeys)
    .innerJoin(serviceAccounts, accountOfKey)
    .innerJoin(teams, teamOfAccount)
    .where(
      and(
        eq(apiKeys.organizationId, organizationId),
        eq(apiKeys.keyId, keyId),
        isNull(apiKeys.revokedAtMs),
        isNull(apiKeys.leakReportedAtMs),
      ),
    )
    .get();
  if (key === undefined || (key.expiresAtMs ?? Number.POSITIVE_INFINITY) <= nowMs) return undefined;
  return { account: toServiceAccount(key.account), name: key.name };
}
