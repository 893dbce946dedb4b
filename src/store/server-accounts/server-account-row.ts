import { and, eq, isNull, type SQL } from 'drizzle-orm';
import type { ServerAccountJob } from '../../application/ports/job-store.ts';
import type { ServerAccount } from '../../application/ports/server-account-store.ts';
import { type AccountRow, accountColumns, teamOfAccount, toServiceAccount } from '../accounts/account-row.ts';
import type { OrganizationContext, SqliteConnection, WriteContext } from '../database/connection.ts';
import { scheduleJob } from '../jobs/job-scheduling.ts';
import { serverAccounts, serviceAccounts, teams } from '../schema/schema.ts';

export type ServerAccountRow = typeof serverAccounts.$inferSelect;

export const accountOfServerAccount = and(
  eq(serviceAccounts.organizationId, serverAccounts.organizationId),
  eq(serviceAccounts.id, serverAccounts.accountId),
);

export function isServerAccount(organizationId: string, id: string): SQL | undefined {
  return and(eq(serverAccounts.organizationId, organizationId), eq(serverAccounts.id, id));
}

/** Matches the server accounts of an account that may still be on the server. */
export function isLeft(organizationId: string, accountId: string): SQL | undefined {
  return and(
    eq(serverAccounts.organizationId, organizationId),
    eq(serverAccounts.accountId, accountId),
    isNull(serverAccounts.goneAtMs),
  );
}

export function readServerAccount(
  db: SqliteConnection,
  { organizationId }: OrganizationContext,
  id: string,
): ServerAccount | undefined {
  const row = db
    .select({ server: serverAccounts, account: accountColumns })
    .from(serverAccounts)
    .innerJoin(serviceAccounts, accountOfServerAccount)
    .innerJoin(teams, teamOfAccount)
    .where(isServerAccount(organizationId, id))
    .get();
  return row && toServerAccount(row.server, row.account);
}

export function toServerAccount(row: ServerAccountRow, account: AccountRow): ServerAccount {
  return {
    id: row.id,
    account: toServiceAccount(account),
    name: row.name,
    tag: row.tag ?? undefined,
    desired: row.desired,
    memberId: row.memberId ?? undefined,
    clientId: row.clientId ?? undefined,
    scimId: row.scimId ?? undefined,
    abandonedAtMs: row.abandonedAtMs ?? undefined,
    goneAtMs: row.goneAtMs ?? undefined,
    problem: row.problem ?? undefined,
  };
}

/** Makes the job of a server account due at a time, with this payload; queues it if it has ended. */
export function scheduleServerAccount(
  tx: SqliteConnection,
  context: WriteContext,
  job: ServerAccountJob,
  runAtMs: number,
): void {
  scheduleJob(tx, context, { kind: 'server_account', subject: job.serverAccountId, payload: job, runAtMs });
}
