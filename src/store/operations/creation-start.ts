import type { BeginCollectionResult, InsertAccountResult } from '../../application/ports/account-records.ts';
import type { BeginCreation, BeginRecreation } from '../../application/ports/operation-store.ts';
import { takeCollection } from '../accounts/collections.ts';
import { insertConflict, insertSubmission, toAccountRow } from '../accounts/new-accounts.ts';
import type { OrganizationContext, SqliteConnection, WriteContext } from '../database/connection.ts';
import { backendOperations, issuers, serviceAccounts } from '../schema/schema.ts';

/** The transaction must hold the write lock from its start, so that what is checked still holds when it writes. */
export function beginCreation(
  tx: SqliteConnection,
  context: WriteContext,
  creation: BeginCreation,
): InsertAccountResult {
  const { organizationId, appendAudit } = context;
  const { account, submissionId } = creation;
  const refusal = insertConflict(tx, context, creation);
  if (refusal !== undefined) return refusal;
  ensureIssuer(tx, context, account.externalIdentity?.issuer, account.createdAtMs);
  // Once it is removed from the server its keys are dead: nothing of the name is left to confuse.
  const row = toAccountRow(organizationId, { account, nameReservedUntilMs: account.createdAtMs });
  tx.insert(serviceAccounts)
    .values({ ...row, state: 'provisioning' })
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

/** The server's own record of its issuers counts; this row is for the account to point to. */
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
