import { and, eq, isNull } from 'drizzle-orm';
import type {
  AdoptAccount,
  AdoptAccountResult,
} from '../../application/outside-changes/outside-change-store.ts';
import { insertConflict, insertSubmission, toAccountRow } from '../accounts/new-accounts.ts';
import type { SqliteConnection, WriteContext } from '../database/connection.ts';
import { enqueueReminder } from '../jobs/notifications.ts';
import { ensureIssuer } from '../organization/issuers.ts';
import { serverAccounts, serviceAccounts } from '../schema/schema.ts';

export function adoptAccount(
  tx: SqliteConnection,
  context: WriteContext,
  { account, submissionId, server, reviewAtMs, nowMs, auditEvent }: AdoptAccount,
): AdoptAccountResult {
  const { organizationId } = context;
  const conflict = insertConflict(tx, context, { account, submissionId });
  if (conflict !== undefined) return conflict;
  const managed = tx
    .select({ id: serverAccounts.id })
    .from(serverAccounts)
    .where(
      and(
        eq(serverAccounts.organizationId, organizationId),
        eq(serverAccounts.memberId, server.memberId),
        isNull(serverAccounts.goneAtMs),
      ),
    )
    .get();
  if (managed !== undefined) return { ok: false, reason: 'already_managed' };
  ensureIssuer(tx, context, account.externalIdentity?.issuer, nowMs);
  tx.insert(serviceAccounts).values(toAccountRow(organizationId, account)).run();
  insertSubmission(tx, context, { submissionId, account, keyId: undefined });
  tx.insert(serverAccounts)
    .values({ organizationId, accountId: account.id, ...server, desired: 'present', createdAtMs: nowMs })
    .run();
  enqueueReminder(tx, context, { message: 'review_due', accountId: account.id }, reviewAtMs);
  context.appendAudit(auditEvent);
  return { ok: true };
}
