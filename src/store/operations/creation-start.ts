import type { BeginCollectionResult, InsertAccountResult } from '../../application/ports/account-records.ts';
import type { BeginCreation, BeginRecreation } from '../../application/ports/operation-store.ts';
import { takeCollection } from '../accounts/collections.ts';
import { insertConflict, insertSubmission, toAccountRow } from '../accounts/new-accounts.ts';
import type { OrganizationContext, SqliteConnection, WriteContext } from '../database/connection.ts';
import { backendOperations, issuers, serviceAccounts } from '../schema/schema.ts';

export function beginCreation(
  tx: SqliteConnection,
  context: WriteContext,
  creation: BeginCreation,
): InsertAccountResult {
  const { organizationId, appendAudit } = context;
  const { account, submissionId } = creation;
  const conflict = insertConflict(tx, context, creation);
  if (conflict !== undefined) return conflict;
  ensureIssuer(tx, context, account.externalIdentity?.issuer, account.createdAtMs);
  tx.insert(serviceAccounts)
    .values({ ...toAccountRow(organizationId, account), state: 'provisioning' })
    .run();
  insertSubmission(tx, context, { submissionId, account, keyId: undefined });
  tx.insert(backendOperations)
    .values({
      organizationId,
      id: creation.operationId,
      kind: 'create',
      accountId: account.id,
      ...account.createdBy,
      membersBefore: creation.membersBefore,
      keyLifetimeDays: creation.keyLifetimeDays ?? null,
      state: 'under_way',
      leaseUntilMs: creation.leaseUntilMs,
      requestId: creation.auditEvent.requestId,
      beganAtMs: account.createdAtMs,
    })
    .run();
  appendAudit(creation.auditEvent);
  return { ok: true };
}

/** Only for the account's foreign key: whether an issuer is accepted is the server's decision. */
function ensureIssuer(
  tx: SqliteConnection,
  { organizationId }: OrganizationContext,
  url: string | undefined,
  addedAtMs: number,
): void {
  if (url === undefined) return;
  tx.insert(issuers).values({ organizationId, url, addedAtMs }).onConflictDoNothing().run();
}

export function beginRecreation(
  tx: SqliteConnection,
  context: WriteContext,
  recreation: BeginRecreation,
): BeginCollectionResult {
  const { organizationId, appendAudit } = context;
  const { operationId, collectionId, membersBefore, leaseUntilMs, nowMs, auditEvent } = recreation;
  const taken = takeCollection(tx, context, collectionId, nowMs);
  if (!taken.ok) return taken;
  const { accountId, slackUserId, email, keyLifetimeDays } = taken.collection;
  tx.insert(backendOperations)
    .values({
      organizationId,
      id: operationId,
      kind: 'recreate',
      accountId,
      slackUserId,
      email,
      membersBefore,
      keyLifetimeDays,
      collectionId,
      state: 'under_way',
      leaseUntilMs,
      requestId: auditEvent.requestId,
      beganAtMs: nowMs,
    })
    .run();
  appendAudit(auditEvent);
  return { ok: true };
}
