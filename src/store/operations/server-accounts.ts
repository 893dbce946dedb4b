import { and, eq, inArray, isNull } from 'drizzle-orm';
import type { ListedAccount } from '../../application/ports/account-records.ts';
import type {
  KnownOnServer,
  OperationStore,
  ServerIdentity,
} from '../../application/ports/operation-store.ts';
import { readNamesakes, readPageOfTeams, toListedAccounts } from '../accounts/account-lists.ts';
import { teamOfAccount } from '../accounts/account-row.ts';
import type { OrganizationContext, SqliteConnection } from '../database/connection.ts';
import { readActiveTeam } from '../organization/teams.ts';
import { isUnderWay } from '../schema/operations.ts';
import { backendOperations, serviceAccounts, teams } from '../schema/schema.ts';
import { selectOperations } from './operation-row.ts';

export function readAccountsOfTeams(
  db: SqliteConnection,
  context: OrganizationContext,
  teamNames: readonly string[],
  options: { name?: string; limit: number; offset?: number },
): { accounts: (ListedAccount & { server: ServerIdentity })[]; total: number } {
  const { name, ...page } = options;
  const ids = [...new Set(teamNames)]
    .sort()
    .map((teamName) => readActiveTeam(db, context, teamName)?.id)
    .filter((id) => id !== undefined);
  if (name !== undefined) {
    const rows = readNamesakes(db, context, ids, name);
    return { accounts: toListedAccounts(db, context, rows.slice(0, page.limit)), total: rows.length };
  }
  const { rows, total } = readPageOfTeams(db, context, ids, page);
  return { accounts: toListedAccounts(db, context, rows), total };
}

export function readKnownOnServer(
  db: SqliteConnection,
  { organizationId }: OrganizationContext,
  teamNames: readonly string[],
): KnownOnServer {
  const isOfTeams = and(
    eq(serviceAccounts.organizationId, organizationId),
    inArray(teams.name, [...teamNames]),
  );
  const accounts = db
    .select({ memberId: serviceAccounts.backendMemberId })
    .from(serviceAccounts)
    .innerJoin(teams, teamOfAccount)
    .where(and(isOfTeams, isNull(serviceAccounts.revokedAtMs)))
    .all();
  const underWay = selectOperations(db).where(and(isOfTeams, isUnderWay)).all();
  const ids = [...accounts, ...underWay.map(({ operation }) => operation)].map(({ memberId }) => memberId);
  return {
    memberIds: [...new Set(ids.filter((id) => id !== null))],
    beingCreated: underWay
      .filter(({ operation }) => operation.kind !== 'remove')
      .map(({ account: { teamName, name } }) => ({ teamName, name })),
  };
}

type AccountName = Parameters<OperationStore['createdUnderName']>[0];

/** Includes revoked and failed accounts: the server's response may be older than their end. */
export function readCreatedUnderName(
  db: SqliteConnection,
  { organizationId }: OrganizationContext,
  { teamId, name, exceptOperationId }: AccountName,
): { memberIds: string[]; isUnderWay: boolean } {
  const isNamed = and(
    eq(serviceAccounts.organizationId, organizationId),
    eq(serviceAccounts.teamId, teamId),
    eq(serviceAccounts.name, name),
  );
  const accounts = db
    .select({ id: serviceAccounts.id, memberId: serviceAccounts.backendMemberId })
    .from(serviceAccounts)
    .where(isNamed)
    .all();
  if (accounts.length === 0) return { memberIds: [], isUnderWay: false };
  const isOfOne = inArray(
    backendOperations.accountId,
    accounts.map(({ id }) => id),
  );
  const operations = selectOperations(db)
    .where(and(eq(backendOperations.organizationId, organizationId), isOfOne))
    .all();
  const ids = [...accounts, ...operations.map(({ operation }) => operation)].map(({ memberId }) => memberId);
  return {
    memberIds: [...new Set(ids.filter((id) => id !== null))],
    isUnderWay: operations.some(
      ({ operation: { id, state } }) => state === 'under_way' && id !== exceptOperationId,
    ),
  };
}
