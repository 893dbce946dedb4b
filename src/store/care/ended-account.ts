import { and, eq } from 'drizzle-orm';
import type { SqliteConnection, WriteContext } from '../database/connection.ts';
import { apiKeys, serviceAccounts } from '../schema/schema.ts';
import { showNearMatchesOf } from './near-matches.ts';
import { showUnowned } from './unowned-card.ts';
import { showRevokedInReview } from './unused-reviews.ts';

/** Shows on the cards about an account that it has ended, in the transaction that ends it. */
export function showEnded(
  tx: SqliteConnection,
  context: WriteContext,
  accountId: string,
  nowMs: number,
): void {
  const { organizationId } = context;
  const account = tx
    .select({
      contact: serviceAccounts.contact,
      teamId: serviceAccounts.teamId,
      unownedSinceMs: serviceAccounts.unownedSinceMs,
    })
    .from(serviceAccounts)
    .where(and(eq(serviceAccounts.organizationId, organizationId), eq(serviceAccounts.id, accountId)))
    .get();
  if (account === undefined) return;
  if (account.unownedSinceMs !== null) showUnowned(tx, context, account, nowMs);
  showNearMatchesOf(tx, context, accountId, nowMs);
  const keyIds = tx
    .select({ keyId: apiKeys.keyId })
    .from(apiKeys)
    .where(and(eq(apiKeys.organizationId, organizationId), eq(apiKeys.accountId, accountId)))
    .all()
    .map(({ keyId }) => keyId);
  showRevokedInReview(tx, context, { accountId, keyIds }, nowMs);
}
