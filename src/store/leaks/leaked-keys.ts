import { and, eq, gte, isNull, sql } from 'drizzle-orm';
import type { LeakOutcome, ReportedKey } from '../../application/leaks/leak-store.ts';
import { accountColumns, accountOfKey, teamOfAccount, toServiceAccount } from '../accounts/account-row.ts';
import type { OrganizationContext, SqliteConnection, WriteContext } from '../database/connection.ts';
import { enqueueReminder } from '../jobs/notifications.ts';
import { endKey } from '../keys/ended-key.ts';
import { readPolicyOf } from '../organization/policies.ts';
import { apiKeys, auditEvents, auditSubjects, serviceAccounts, teams } from '../schema/schema.ts';

/** Enough to act on. Anyone who has a key can publish it in any number of places. */
const MAX_PLACES = 20;

export function recordLeak(
  tx: SqliteConnection,
  context: WriteContext,
  { keyId, place, nowMs, eventOf }: ReportedKey,
): LeakOutcome | 'nothing' {
  const key = readWorkingKey(tx, context, keyId, nowMs);
  if (key === undefined) return 'nothing';
  const { account, name: keyName, firstReportMs } = key;
  const outcome = readPolicyOf(tx, context, account.teamName).onLeak === 'notify' ? 'notified' : 'revoked';
  if (firstReportMs === null) {
    tx.update(apiKeys)
      .set({ leakReportedAtMs: nowMs })
      .where(and(eq(apiKeys.organizationId, context.organizationId), eq(apiKeys.keyId, keyId)))
      .run();
  } else if (outcome === 'notified') {
    const known = readPlaces(tx, context, { accountId: account.id, keyId, sinceMs: firstReportMs });
    if (known.includes(place) || known.length >= MAX_PLACES) return 'nothing';
  }
  if (outcome === 'revoked') endKey(tx, context, keyId, { nowMs, by: undefined });
  context.appendAudit(eventOf({ account, keyName, outcome }));
  const about = { accountId: account.id, keyId, keyName, place, outcome } as const;
  enqueueReminder(tx, context, { message: 'key_leaked', ...about }, nowMs);
  return outcome;
}

/** Returns undefined for a key that doesn't work anymore. */
function readWorkingKey(
  tx: SqliteConnection,
  { organizationId }: OrganizationContext,
  keyId: string,
  nowMs: number,
) {
  const key = tx
    .select({
      account: accountColumns,
      name: apiKeys.name,
      expiresAtMs: apiKeys.expiresAtMs,
      firstReportMs: apiKeys.leakReportedAtMs,
    })
    .from(apiKeys)
    .innerJoin(serviceAccounts, accountOfKey)
    .innerJoin(teams, teamOfAccount)
    .where(
      and(eq(apiKeys.organizationId, organizationId), eq(apiKeys.keyId, keyId), isNull(apiKeys.revokedAtMs)),
    )
    .get();
  if (key === undefined || (key.expiresAtMs ?? Number.POSITIVE_INFINITY) <= nowMs) return undefined;
  return { account: toServiceAccount(key.account), name: key.name, firstReportMs: key.firstReportMs };
}

/** Returns the places in which the record has the key. */
function readPlaces(
  tx: SqliteConnection,
  { organizationId }: OrganizationContext,
  { accountId, keyId, sinceMs }: { accountId: string; keyId: string; sinceMs: number },
): unknown[] {
  const detail = (name: string) => sql<unknown>`json_extract(${auditEvents.details}, ${`$.${name}`})`;
  return tx
    .select({ place: detail('place') })
    .from(auditSubjects)
    .innerJoin(
      auditEvents,
      and(
        eq(auditEvents.organizationId, auditSubjects.organizationId),
        eq(auditEvents.sequence, auditSubjects.sequence),
      ),
    )
    .where(
      and(
        eq(auditSubjects.organizationId, organizationId),
        eq(auditSubjects.subject, `service_account:${accountId}`),
        eq(auditEvents.action, 'api_key.leak_reported'),
        gte(auditEvents.atMs, sinceMs),
        eq(detail('key_id'), keyId),
      ),
    )
    .limit(MAX_PLACES)
    .all()
    .map(({ place }) => place);
}
