import { and, asc, count, eq, inArray, isNull, type SQL } from 'drizzle-orm';
import type { AccountListOptions, VisibleAccount } from '../../application/ports/account-records.ts';
import type { NewNotification } from '../../application/ports/job-store.ts';
import type { ServiceAccount } from '../../domain/accounts/service-account.ts';
import type { AuditEvent } from '../../domain/audit/audit-event.ts';
import type { OrganizationContext, SqliteConnection, WriteContext } from '../database/connection.ts';
import { enqueueNotification } from '../jobs/notifications.ts';
import { isActiveTeam, isAdministered, readIsOrganizationAdmin, readTeamsOf } from '../organization/teams.ts';
import { isOpen } from '../schema/deliveries.ts';
import { apiKeys, collections, serviceAccounts, teams } from '../schema/schema.ts';
import { accountColumns, teamOfAccount, toServiceAccount } from './account-row.ts';
import { newestDeliveredKey } from './api-keys.ts';

export function readAccount(
  db: SqliteConnection,
  { organizationId }: OrganizationContext,
  accountId: string,
): ServiceAccount | undefined {
  const row = db
    .select(accountColumns)
    .from(serviceAccounts)
    .innerJoin(teams, teamOfAccount)
    .where(
      and(
        eq(serviceAccounts.organizationId, organizationId),
        eq(serviceAccounts.id, accountId),
        eq(serviceAccounts.state, 'active'),
      ),
    )
    .get();
  return row && toServiceAccount(row);
}

export function readAccountsByName(
  db: SqliteConnection,
  context: OrganizationContext,
  email: string,
  name: string,
  teamName: string | undefined,
): ServiceAccount[] {
  return db
    .select(accountColumns)
    .from(serviceAccounts)
    .innerJoin(teams, teamOfAccount)
    .where(and(isManageable(db, context, email, teamName), eq(serviceAccounts.name, name)))
    .orderBy(asc(teams.name))
    .all()
    .map(toServiceAccount);
}

export function readListedAccounts(
  db: SqliteConnection,
  context: OrganizationContext,
  email: string,
  options: AccountListOptions,
): { accounts: VisibleAccount[]; total: number } {
  const isOrganizationAdmin = readIsOrganizationAdmin(db, context, email);
  const ownTeams = readTeamsOf(db, context, email);
  const managed = new Set(ownTeams.filter(({ role }) => role === 'admin').map(({ team }) => team.id));
  const visible = options.includesMemberTeams ? ownTeams.map(({ team }) => team.id) : [...managed];
  const found = and(
    isActiveAccount(context, options.teamName),
    isOrganizationAdmin ? undefined : inArray(teams.id, visible),
  );
  const total = db
    .select({ total: count() })
    .from(serviceAccounts)
    .innerJoin(teams, teamOfAccount)
    .where(found)
    .get()?.total;
  const rows = db
    .select({ account: accountColumns, lastUsedAtMs: serviceAccounts.lastUsedAtMs })
    .from(serviceAccounts)
    .innerJoin(teams, teamOfAccount)
    .where(found)
    .orderBy(asc(teams.name), asc(serviceAccounts.name))
    .limit(options.limit)
    .offset(options.offset ?? 0)
    .all();
  const newestKey = newestDeliveredKey(db, context);
  return {
    accounts: rows.map(({ account, lastUsedAtMs }) => ({
      account: toServiceAccount(account),
      key: newestKey(account.id),
      lastUsedAtMs: lastUsedAtMs ?? undefined,
      ...(isOrganizationAdmin || managed.has(account.teamId) ? {} : { isReadOnly: true as const }),
    })),
    total: total ?? 0,
  };
}

/** Matches active accounts of the active teams that the person administers. The query must join the team. */
function isManageable(
  db: SqliteConnection,
  context: OrganizationContext,
  email: string,
  teamName: string | undefined,
): SQL | undefined {
  return and(isActiveAccount(context, teamName), isAdministered(db, context, email));
}

/** Matches active accounts of active teams, or of one. The query must join the team. */
function isActiveAccount(
  { organizationId }: OrganizationContext,
  teamName: string | undefined,
): SQL | undefined {
  return and(
    eq(serviceAccounts.organizationId, organizationId),
    eq(serviceAccounts.state, 'active'),
    isNull(serviceAccounts.revokedAtMs),
    isActiveTeam(organizationId),
    teamName === undefined ? undefined : eq(teams.name, teamName),
  );
}

export function revokeAccount(
  tx: SqliteConnection,
  context: WriteContext,
  accountId: string,
  nowMs: number,
  auditEvent: AuditEvent,
  notification?: NewNotification,
): AccountRevocation {
  const result = setAccountRevoked(tx, context, accountId, nowMs);
  if (result !== 'revoked') return result;
  context.appendAudit(auditEvent);
  if (notification !== undefined) enqueueNotification(tx, context, notification);
  return result;
}

type AccountRevocation = 'revoked' | 'already_revoked' | 'not_found';

/** Revokes the account and its keys, and closes its collections. The caller appends the audit event. */
export function setAccountRevoked(
  tx: SqliteConnection,
  context: OrganizationContext,
  accountId: string,
  nowMs: number,
): AccountRevocation {
  const { organizationId } = context;
  const account = readAccount(tx, context, accountId);
  if (account === undefined) return 'not_found';
  if (account.status === 'revoked') return 'already_revoked';
  tx.update(serviceAccounts)
    .set({ revokedAtMs: nowMs })
    .where(and(eq(serviceAccounts.organizationId, organizationId), eq(serviceAccounts.id, accountId)))
    .run();
  tx.update(apiKeys)
    .set({ revokedAtMs: nowMs })
    .where(
      and(
        eq(apiKeys.organizationId, organizationId),
        eq(apiKeys.accountId, accountId),
        isNull(apiKeys.revokedAtMs),
      ),
    )
    .run();
  tx.update(collections)
    .set({ state: 'closed' })
    .where(and(eq(collections.organizationId, organizationId), eq(collections.accountId, accountId), isOpen))
    .run();
  return 'revoked';
}
