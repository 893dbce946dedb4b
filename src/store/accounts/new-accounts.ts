import { and, eq, type SQL } from 'drizzle-orm';
import type {
  AccountConflict,
  EarlierSubmission,
  InsertAccountResult,
  NewAccount,
} from '../../application/ports/account-records.ts';
import type { ServiceAccount } from '../../domain/accounts/service-account.ts';
import type { OrganizationContext, SqliteConnection, WriteContext } from '../database/connection.ts';
import { enqueueNotification } from '../jobs/notifications.ts';
import { isActiveTeam } from '../organization/teams.ts';
import { accountOfRequestConflict, completeRequest } from '../requests/account-of-request.ts';
import { hasNotEnded } from '../schema/accounts.ts';
import { collections, deliveries, serviceAccounts, submissions, teams } from '../schema/schema.ts';
import { accountColumns, teamOfAccount, toServiceAccount } from './account-row.ts';
import { insertSendingKey } from './api-keys.ts';

export function insertAccount(
  tx: SqliteConnection,
  context: WriteContext,
  newAccount: NewAccount,
): InsertAccountResult {
  const { organizationId, appendAudit } = context;
  const { account, key, submissionId, ofRequest } = newAccount;
  const conflict =
    (ofRequest && accountOfRequestConflict(tx, context, ofRequest)) ??
    insertConflict(tx, context, newAccount);
  if (conflict !== undefined) return conflict;
  tx.insert(serviceAccounts).values(toAccountRow(organizationId, account)).run();
  if (key !== undefined) insertSendingKey(tx, context, account.id, key);
  insertSubmission(tx, context, { submissionId, account, keyId: key?.record.keyId });
  // The approval comes before what it led to.
  if (ofRequest !== undefined) completeRequest(tx, context, account, ofRequest);
  appendAudit(newAccount.auditEvent);
  if (newAccount.notification !== undefined) enqueueNotification(tx, context, newAccount.notification);
  return { ok: true };
}

/** Returns why the account can't be inserted. The result holds until the transaction ends. */
export function insertConflict(
  tx: SqliteConnection,
  context: OrganizationContext,
  {
    account,
    submissionId,
  }: {
    account: Pick<ServiceAccount, 'teamId' | 'name' | 'externalIdentity'>;
    submissionId: string;
  },
): AccountConflict | undefined {
  const earlier = readEarlierSubmission(tx, context, submissionId);
  if (earlier !== undefined) return { ok: false, reason: 'already_submitted', earlier };
  if (!isTeamActive(tx, context, account.teamId)) return { ok: false, reason: 'team_archived' };
  if (isNameTaken(tx, context, account)) return { ok: false, reason: 'name_taken' };
  if (isSubjectTaken(tx, context, account)) return { ok: false, reason: 'subject_taken' };
  return undefined;
}

export function insertSubmission(
  tx: SqliteConnection,
  { organizationId }: OrganizationContext,
  submission: { submissionId: string; account: ServiceAccount; keyId: string | undefined },
): void {
  const { submissionId, account, keyId } = submission;
  tx.insert(submissions)
    .values({
      organizationId,
      submissionId,
      accountId: account.id,
      keyId: keyId ?? null,
      createdAtMs: account.createdAtMs,
    })
    .run();
}

export function setSubmittedKey(
  tx: SqliteConnection,
  { organizationId }: OrganizationContext,
  accountId: string,
  keyId: string,
): void {
  tx.update(submissions)
    .set({ keyId })
    .where(and(eq(submissions.organizationId, organizationId), eq(submissions.accountId, accountId)))
    .run();
}

/** The form may be submitted again. */
export function deleteSubmission(
  tx: SqliteConnection,
  { organizationId }: OrganizationContext,
  accountId: string,
): void {
  tx.delete(submissions)
    .where(and(eq(submissions.organizationId, organizationId), eq(submissions.accountId, accountId)))
    .run();
}

function isTeamActive(
  tx: SqliteConnection,
  { organizationId }: OrganizationContext,
  teamId: string,
): boolean {
  const team = tx
    .select({ id: teams.id })
    .from(teams)
    .where(and(isActiveTeam(organizationId), eq(teams.id, teamId)))
    .get();
  return team !== undefined;
}

function isNameTaken(
  tx: SqliteConnection,
  { organizationId }: OrganizationContext,
  account: Pick<ServiceAccount, 'teamId' | 'name'>,
): boolean {
  return hasAccount(
    tx,
    and(
      eq(serviceAccounts.organizationId, organizationId),
      eq(serviceAccounts.teamId, account.teamId),
      eq(serviceAccounts.name, account.name),
      hasNotEnded,
    ),
  );
}

function isSubjectTaken(
  tx: SqliteConnection,
  { organizationId }: OrganizationContext,
  account: Pick<ServiceAccount, 'externalIdentity'>,
): boolean {
  if (account.externalIdentity === undefined) return false;
  const { issuer, subject } = account.externalIdentity;
  return hasAccount(
    tx,
    and(
      eq(serviceAccounts.organizationId, organizationId),
      eq(serviceAccounts.issuer, issuer),
      eq(serviceAccounts.subject, subject),
      hasNotEnded,
    ),
  );
}

function hasAccount(tx: SqliteConnection, condition: SQL | undefined): boolean {
  return (
    tx.select({ id: serviceAccounts.id }).from(serviceAccounts).where(condition).limit(1).get() !== undefined
  );
}

export function toAccountRow(
  organizationId: string,
  account: ServiceAccount,
): typeof serviceAccounts.$inferInsert {
  return {
    organizationId,
    id: account.id,
    scope: account.scope,
    teamId: account.teamId,
    name: account.name,
    authenticationMethod: account.method,
    issuer: account.externalIdentity?.issuer ?? null,
    subject: account.externalIdentity?.subject ?? null,
    purpose: account.purpose ?? null,
    usedBy: account.usedBy ?? null,
    contact: account.contact,
    createdBySlackUserId: account.createdBy.slackUserId,
    createdByEmail: account.createdBy.email,
    createdAtMs: account.createdAtMs,
    state: account.state,
    revokedAtMs: account.revokedAtMs ?? null,
  };
}

export function readEarlierSubmission(
  db: SqliteConnection,
  { organizationId }: OrganizationContext,
  submissionId: string,
): EarlierSubmission | undefined {
  const row = db
    .select({
      account: accountColumns,
      keyId: submissions.keyId,
      delivery: deliveries.state,
    })
    .from(submissions)
    .innerJoin(
      serviceAccounts,
      and(
        eq(serviceAccounts.organizationId, submissions.organizationId),
        eq(serviceAccounts.id, submissions.accountId),
      ),
    )
    .innerJoin(teams, teamOfAccount)
    .leftJoin(
      deliveries,
      and(eq(deliveries.organizationId, submissions.organizationId), eq(deliveries.keyId, submissions.keyId)),
    )
    .where(and(eq(submissions.organizationId, organizationId), eq(submissions.submissionId, submissionId)))
    .get();
  if (row === undefined) return undefined;
  const account = toServiceAccount(row.account);
  // Its key was never sent, if it has one.
  const withoutDelivery = hasCollection(db, account) ? 'failed' : 'none';
  return {
    account,
    keyId: row.keyId ?? undefined,
    delivery: account.state === 'provisioning' ? 'provisioning' : (row.delivery ?? withoutDelivery),
  };
}

function hasCollection(db: SqliteConnection, { organizationId, id }: ServiceAccount): boolean {
  const ofAccount = and(eq(collections.organizationId, organizationId), eq(collections.accountId, id));
  return db.select({ id: collections.id }).from(collections).where(ofAccount).limit(1).get() !== undefined;
}
