import { and, asc, count, eq, inArray, isNull } from 'drizzle-orm';
import type { ListedAccount } from '../../application/ports/account-records.ts';
import type {
  KnownOnServer,
  OperationStore,
  ServerIdentity,
} from '../../application/ports/operation-store.ts';
import { accountColumns, teamOfAccount, toServiceAccount } from '../accounts/account-row.ts';
import { newestDeliveredKey } from '../accounts/api-keys.ts';
import type { OrganizationContext, SqliteConnection } from '../database/connection.ts';
import { isUnderWay } from '../schema/operations.ts';
import { serviceAccounts, teams } from '../schema/schema.ts';
import { selectOperations } from './operation-row.ts';

export function readAccountsOfTeams(
  db: SqliteConnection,
  context: OrganizationContext,
  teamNames: readonly string[],
  options: { name?: string; limit: number; offset?: number },
): { accounts: (ListedAccount & { server: ServerIdentity })[]; total: number } {
  const { organizationId } = context;
  const found = and(
    eq(serviceAccounts.organizationId, organizationId),
    eq(serviceAccounts.state, 'active'),
    isNull(serviceAccounts.revokedAtMs),
    inArray(teams.name, [...teamNames]),
    options.name === undefined ? undefined : eq(serviceAccounts.name, options.name),
  );
  const total = db
    .select({ total: count() })
    .from(serviceAccounts)
    .innerJoin(teams, teamOfAccount)
    .where(found)
    .get()?.total;
  const rows = db
    .select({
      account: accountColumns,
      lastUsedAtMs: serviceAccounts.lastUsedAtMs,
      memberId: serviceAccounts.backendMemberId,
      clientId: serviceAccounts.backendClientId,
    })
    .from(serviceAccounts)
    .innerJoin(teams, teamOfAccount)
    .where(found)
    .orderBy(asc(teams.name), asc(serviceAccounts.name))
    .limit(options.limit)
    .offset(options.offset ?? 0)
    .all();
  const newestKey = newestDeliveredKey(db, context);
  const accounts = rows.map(({ account, lastUsedAtMs, memberId, clientId }) => ({
    account: toServiceAccount(account),
    key: newestKey(account.id),
    lastUsedAtMs: lastUsedAtMs ?? undefined,
    server: { memberId: memberId ?? undefined, clientId: clientId ?? undefined },
  }));
  return { accounts, total: total ?? 0 };
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
    .select({ memberId: serviceAccounts.backendMemberId })
    .from(serviceAccounts)
    .where(isNamed)
    .all();
  const operations = selectOperations(db).where(isNamed).all();
  const ids = [...accounts, ...operations.map(({ operation }) => operation)].map(({ memberId }) => memberId);
  return {
    memberIds: [...new Set(ids.filter((id) => id !== null))],
    isUnderWay: operations.some(
      ({ operation: { id, state } }) => state === 'under_way' && id !== exceptOperationId,
    ),
  };
}
