import { and, eq, gt, gte, inArray, isNull, lt, sql } from 'drizzle-orm';
import type { SubjectChange } from '../../application/ports/authority-store.ts';
import { type NotificationPayload, notificationSubject } from '../../application/ports/notifications.ts';
import type { ServiceAccount } from '../../domain/accounts/service-account.ts';
import { similarSubjects } from '../../domain/federation/subject.ts';
import { accountColumns, teamOfAccount, toServiceAccount } from '../accounts/account-row.ts';
import type { OrganizationContext, SqliteConnection, WriteContext } from '../database/connection.ts';
import { enqueueNotification } from '../jobs/notifications.ts';
import { readOrganizationAdmins } from '../organization/organizations.ts';
import { readTeamAdmins } from '../organization/teams.ts';
import { hasNotEnded } from '../schema/accounts.ts';
import { jobs, serviceAccounts, teams } from '../schema/schema.ts';

/** Bounds the work for one JWT. A GitHub owner rarely has as many accounts. */
const MAX_ACCOUNTS = 200;

export function readAccountsWithSimilarSubject(
  db: SqliteConnection,
  { organizationId }: OrganizationContext,
  { issuer, subject }: { issuer: string; subject: string },
): ServiceAccount[] {
  const { equal, between } = similarSubjects(subject);
  const lowered = sql<string>`lower(${serviceAccounts.subject})`;
  const find = (which: ReturnType<typeof and>) =>
    db
      .select({ account: accountColumns })
      .from(serviceAccounts)
      .innerJoin(teams, teamOfAccount)
      .where(
        and(
          eq(serviceAccounts.organizationId, organizationId),
          eq(serviceAccounts.issuer, issuer),
          which,
          hasNotEnded,
          eq(serviceAccounts.state, 'active'),
          isNull(teams.archivedAtMs),
        ),
      )
      .limit(MAX_ACCOUNTS)
      .all()
      .map(({ account }) => toServiceAccount(account));
  const [from, to] = between ?? [];
  return [
    ...find(inArray(lowered, equal)),
    ...(from === undefined || to === undefined ? [] : find(and(gte(lowered, from), lt(lowered, to)))),
  ];
}

/** A finished notification is kept for seven days, which is how long the same one isn't sent again. */
const MAX_RECIPIENTS = 20;

/** Returns the admins whom no notification of this account's subject was queued for while those are kept. */
export function readAdminsToNotify(
  db: SqliteConnection,
  context: OrganizationContext,
  change: SubjectChange,
): string[] {
  const account = db
    .select({ teamName: teams.name })
    .from(serviceAccounts)
    .innerJoin(teams, teamOfAccount)
    .where(
      and(
        eq(serviceAccounts.organizationId, context.organizationId),
        eq(serviceAccounts.id, change.accountId),
        hasNotEnded,
      ),
    )
    .get();
  if (account === undefined) return [];
  const ofTeam = readTeamAdmins(db, context, account.teamName).map(({ email }) => email);
  const admins = (ofTeam.length > 0 ? ofTeam : readOrganizationAdmins(db, context)).slice(0, MAX_RECIPIENTS);
  return admins.filter((email) => !isQueued(db, context, notificationSubject(payloadOf(change, email))));
}

/** Two statements, so that each uses its index: there is none of the subjects of finished jobs. */
function isQueued(db: SqliteConnection, { organizationId }: OrganizationContext, subject: string): boolean {
  const isSame = and(
    eq(jobs.organizationId, organizationId),
    eq(jobs.kind, 'notification'),
    eq(jobs.subject, subject),
  );
  const found = (which: ReturnType<typeof and>) =>
    db.select({ id: jobs.id }).from(jobs).where(and(isSame, which)).limit(1).get() !== undefined;
  return found(isNull(jobs.finishedAtMs)) || found(gt(jobs.finishedAtMs, 0));
}

export function queueSubjectChange(
  tx: SqliteConnection,
  context: WriteContext,
  change: SubjectChange,
): string[] {
  const admins = readAdminsToNotify(tx, context, change);
  for (const email of admins) {
    enqueueNotification(tx, context, { payload: payloadOf(change, email), start: { atMs: change.nowMs } });
  }
  return admins;
}

function payloadOf({ accountId, subject }: SubjectChange, email: string): NotificationPayload {
  return { message: 'subject_changed', accountId, subject, to: { email }, requestId: null };
}
