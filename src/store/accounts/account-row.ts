import { and, eq, type GetColumnData, type SQL, sql } from 'drizzle-orm';
import type { ServiceAccount } from '../../domain/accounts/service-account.ts';
import { apiKeys, backendOperations, serviceAccounts, teams } from '../schema/schema.ts';

/** What a query selects of an account, its team joined by {@link ofTeamOfAccount}. */
export const accountColumns = {
  id: serviceAccounts.id,
  organizationId: serviceAccounts.organizationId,
  scope: serviceAccounts.scope,
  teamId: serviceAccounts.teamId,
  teamName: teams.name,
  name: serviceAccounts.name,
  method: serviceAccounts.authenticationMethod,
  issuer: serviceAccounts.issuer,
  subject: serviceAccounts.subject,
  purpose: serviceAccounts.purpose,
  usedBy: serviceAccounts.usedBy,
  contact: serviceAccounts.contact,
  createdBySlackUserId: serviceAccounts.createdBySlackUserId,
  createdByEmail: serviceAccounts.createdByEmail,
  createdAtMs: serviceAccounts.createdAtMs,
  revokedAtMs: serviceAccounts.revokedAtMs,
};

export type AccountRow = {
  [Name in keyof typeof accountColumns]: GetColumnData<(typeof accountColumns)[Name]>;
};

export const teamOfAccount = and(
  eq(teams.organizationId, serviceAccounts.organizationId),
  eq(teams.id, serviceAccounts.teamId),
);

/** Joins an account to its key. */
export const accountOfKey = and(
  eq(serviceAccounts.organizationId, apiKeys.organizationId),
  eq(serviceAccounts.id, apiKeys.accountId),
);

export function toServiceAccount(row: AccountRow): ServiceAccount {
  const { issuer, subject, purpose, usedBy, revokedAtMs, createdBySlackUserId, createdByEmail, ...same } =
    row;
  return {
    ...same,
    externalIdentity: issuer === null || subject === null ? undefined : { issuer, subject },
    purpose: purpose ?? undefined,
    usedBy: usedBy ?? undefined,
    createdBy: { slackUserId: createdBySlackUserId, email: createdByEmail },
    status: revokedAtMs === null ? 'active' : 'revoked',
    revokedAtMs: revokedAtMs ?? undefined,
  };
}

/**
 * Is somebody revoking it on another system, to be met by a row of accounts? Meanwhile no key of it may be made: what is
 * removed there is the account as it was when the removal began.
 */
export const isBeingRemoved: SQL<number> = sql<number>`exists (
  select 1 from ${backendOperations}
  where ${backendOperations.organizationId} = ${serviceAccounts.organizationId}
    and ${backendOperations.accountId} = ${serviceAccounts.id}
    and ${backendOperations.kind} = 'remove'
    and ${backendOperations.state} = 'under_way'
)`;
