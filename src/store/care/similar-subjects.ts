import { and, eq, gte, inArray, isNull, lt, type SQL, sql } from 'drizzle-orm';
import type { FederatedAccount } from '../../application/care/care-store.ts';
import { similarSubjects } from '../../domain/federation/subject.ts';
import { teamOfAccount } from '../accounts/account-row.ts';
import type { OrganizationContext, SqliteConnection } from '../database/connection.ts';
import { hasNotEnded } from '../schema/accounts.ts';
import { serviceAccounts, teams } from '../schema/schema.ts';

/** Bounds the work for one JWT, in each range. A GitHub owner rarely has as many accounts. */
const MAX_ACCOUNTS = 200;

export function readAccountsWithSimilarSubject(
  db: SqliteConnection,
  { organizationId }: OrganizationContext,
  { issuer, subject }: { issuer: string; subject: string },
): FederatedAccount[] {
  const { equal, ranges } = similarSubjects(subject);
  const lowered = sql<string>`lower(${serviceAccounts.subject})`;
  const find = (which: SQL | undefined) =>
    db
      .select({
        id: serviceAccounts.id,
        subject: serviceAccounts.subject,
        teamName: teams.name,
        teamSubjects: teams.subjects,
      })
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
      .all();
  const found = [
    ...find(inArray(lowered, equal)),
    ...ranges.flatMap(([from, to]) => find(and(gte(lowered, from), lt(lowered, to)))),
  ];
  const unique = new Map(
    found.map((account) => [account.id, { ...account, subject: account.subject ?? '' }]),
  );
  return [...unique.values()];
}
