import { and, eq, gt, isNull, or, type SQL } from 'drizzle-orm';
import type { EarlierSubmission, InsertAccountResult, NewAccount } from '../application/ports/store.ts';
import type { ServiceAccount } from '../domain/service-account.ts';
import { accountColumns, ofTeamOfAccount, toServiceAccount } from './account-row.ts';
import type { AppendAudit } from './audit-tables.ts';
import { isActiveTeam } from './organization-tables.ts';
import { insertSendingKey } from './sending-key.ts';
import type { SqliteConnection } from './sqlite-connection.ts';
import { deliveries, serviceAccounts, submissions, teams } from './sqlite-schema.ts';

/** The transaction must hold the write lock from its start, so that what is checked still holds when it writes. */
export function insertAccount(
  tx: SqliteConnection,
  organizationId: string,
  newAccount: NewAccount,
  appendAudit: AppendAudit,
): InsertAccountResult {
  const { account, key, submissionId } = newAccount;
  const earlier = readEarlierSubmission(tx, organizationId, submissionId);
  if (earlier !== undefined) return { ok: false, reason: 'submitted_before', earlier };
  if (!isTeamActive(tx, organizationId, account.teamId)) return { ok: false, reason: 'team_archived' };
  if (isNameTaken(tx, organizationId, account)) return { ok: false, reason: 'name_taken' };
  if (isSubjectTaken(tx, organizationId, account)) return { ok: false, reason: 'subject_taken' };

  tx.insert(serviceAccounts).values(toAccountRow(organizationId, newAccount)).run();
  if (key !== undefined) insertSendingKey(tx, organizationId, account.id, key);
  tx.insert(submissions)
    .values({
      organizationId,
      submissionId,
      accountId: account.id,
      keyId: key?.record.keyId ?? null,
      createdAtMs: account.createdAtMs,
    })
    .run();
  appendAudit(newAccount.auditEvent);
  return { ok: true };
}

function isTeamActive(tx: SqliteConnection, organizationId: string, teamId: string): boolean {
  const team = tx
    .select({ id: teams.id })
    .from(teams)
    .where(and(isActiveTeam(organizationId), eq(teams.id, teamId)))
    .get();
  return team !== undefined;
}

function isNameTaken(tx: SqliteConnection, organizationId: string, account: ServiceAccount): boolean {
  return anyAccount(
    tx,
    and(
      eq(serviceAccounts.organizationId, organizationId),
      eq(serviceAccounts.teamId, account.teamId),
      eq(serviceAccounts.name, account.name),
      or(isNull(serviceAccounts.revokedAtMs), gt(serviceAccounts.nameReservedUntilMs, account.createdAtMs)),
    ),
  );
}

function isSubjectTaken(tx: SqliteConnection, organizationId: string, account: ServiceAccount): boolean {
  if (account.externalIdentity === undefined) return false;
  const { issuer, subject } = account.externalIdentity;
  return anyAccount(
    tx,
    and(
      eq(serviceAccounts.organizationId, organizationId),
      eq(serviceAccounts.issuer, issuer),
      eq(serviceAccounts.subject, subject),
      isNull(serviceAccounts.revokedAtMs),
    ),
  );
}

function anyAccount(tx: SqliteConnection, condition: SQL | undefined): boolean {
  return (
    tx.select({ id: serviceAccounts.id }).from(serviceAccounts).where(condition).limit(1).get() !== undefined
  );
}

function toAccountRow(
  organizationId: string,
  { account, nameReservedUntilMs }: NewAccount,
): typeof serviceAccounts.$inferInsert {
  return {
    organizationId,
    id: account.id,
    scope: 'team',
    teamId: account.teamId,
    name: account.name,
    method: account.method,
    issuer: account.externalIdentity?.issuer ?? null,
    subject: account.externalIdentity?.subject ?? null,
    purpose: account.purpose ?? null,
    usedBy: account.usedBy ?? null,
    contact: account.contact,
    createdBySlackUserId: account.createdBy.slackUserId,
    createdByEmail: account.createdBy.email,
    createdAtMs: account.createdAtMs,
    nameReservedUntilMs,
  };
}

export function readEarlierSubmission(
  db: SqliteConnection,
  organizationId: string,
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
    .innerJoin(teams, ofTeamOfAccount)
    .leftJoin(
      deliveries,
      and(eq(deliveries.organizationId, submissions.organizationId), eq(deliveries.keyId, submissions.keyId)),
    )
    .where(and(eq(submissions.organizationId, organizationId), eq(submissions.submissionId, submissionId)))
    .get();
  if (row === undefined) return undefined;
  return {
    account: toServiceAccount(row.account),
    keyId: row.keyId ?? undefined,
    delivery: row.delivery ?? 'none',
  };
}
