import { and, asc, count, eq, inArray, isNull } from 'drizzle-orm';
import type { ListedAccount } from '../../application/ports/account-records.ts';
import type {
  ClaimBackendResult,
  ClaimedBackend,
  KnownOnServer,
  ServerIdentity,
} from '../../application/ports/operation-store.ts';
import type { Team } from '../../domain/organization/team.ts';
import { accountColumns, ofTeamOfAccount, toServiceAccount } from '../accounts/account-row.ts';
import { newestDeliveredKey } from '../accounts/account-tables.ts';
import type { OrganizationContext, SqliteConnection, WriteContext } from '../database/connection.ts';
import { isActiveTeam } from '../organization/organization-tables.ts';
import { backendOperations, organizations, serviceAccounts, teams } from '../schema/schema.ts';
import { selectOperations } from './operation-row.ts';

export function claimBackend(
  tx: SqliteConnection,
  context: OrganizationContext,
  backend: ClaimedBackend,
): ClaimBackendResult {
  const { organizationId } = context;
  const isIt = eq(organizations.organizationId, organizationId);
  tx.update(organizations)
    .set({ backend: backend.kind })
    .where(and(isIt, isNull(organizations.backend)))
    .run();
  const claimed = readOrganization(tx, context);
  if (claimed?.backend !== backend.kind) return { ok: false, reason: 'other_backend' };
  if (backend.kind === 'builtin') return { ok: true };
  const { address, movedFrom } = backend;
  const stored = claimed.backendAddress ?? undefined;
  if (stored !== undefined && stored !== address && stored !== movedFrom) {
    return { ok: false, reason: 'other_server', address: stored };
  }
  if (stored !== address) tx.update(organizations).set({ backendAddress: address }).where(isIt).run();
  return { ok: true };
}

export function readKeysNotShownAtMs(db: SqliteConnection, context: OrganizationContext): number | undefined {
  return readOrganization(db, context)?.keysNotShownAtMs ?? undefined;
}

function readOrganization(db: SqliteConnection, { organizationId }: OrganizationContext) {
  return db.select().from(organizations).where(eq(organizations.organizationId, organizationId)).get();
}

export function recordKeysNotShown(
  tx: SqliteConnection,
  { organizationId }: OrganizationContext,
  atMs: number | undefined,
): void {
  tx.update(organizations)
    .set({ keysNotShownAtMs: atMs ?? null })
    .where(eq(organizations.organizationId, organizationId))
    .run();
}

export function ensureTeam(
  tx: SqliteConnection,
  { organizationId, newId }: WriteContext,
  name: string,
  nowMs: number,
): Team {
  tx.insert(teams)
    .values({ organizationId, id: newId('team'), name, subjects: [], createdAtMs: nowMs })
    .onConflictDoNothing()
    .run();
  const row = tx
    .select({ id: teams.id, name: teams.name, subjects: teams.subjects })
    .from(teams)
    .where(and(eq(teams.organizationId, organizationId), eq(teams.name, name)))
    .get();
  if (row === undefined) throw new Error(`The team ${name} is not there.`);
  return row;
}

export function readTeamNames(db: SqliteConnection, { organizationId }: OrganizationContext): string[] {
  return db
    .select({ name: teams.name })
    .from(teams)
    .where(isActiveTeam(organizationId))
    .orderBy(asc(teams.name))
    .all()
    .map(({ name }) => name);
}

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
    .innerJoin(teams, ofTeamOfAccount)
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
    .innerJoin(teams, ofTeamOfAccount)
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
  const standing = db
    .select({ memberId: serviceAccounts.backendMemberId })
    .from(serviceAccounts)
    .innerJoin(teams, ofTeamOfAccount)
    .where(and(isOfTeams, isNull(serviceAccounts.revokedAtMs)))
    .all();
  const underWay = selectOperations(db)
    .where(and(isOfTeams, eq(backendOperations.state, 'under_way')))
    .all();
  const ids = [...standing, ...underWay.map(({ operation }) => operation)].map(({ memberId }) => memberId);
  return {
    memberIds: [...new Set(ids.filter((id) => id !== null))],
    beingCreated: underWay
      .filter(({ operation }) => operation.kind !== 'remove')
      .map(({ account: { teamName, name } }) => ({ teamName, name })),
  };
}
