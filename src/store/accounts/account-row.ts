import { and, eq, type GetColumnData } from 'drizzle-orm';
import type { ServiceAccount } from '../../domain/accounts/service-account.ts';
import { apiKeys, deliveries, serviceAccounts, teams } from '../schema/schema.ts';

/** The columns of an account, for a query that joins its team on {@link teamOfAccount}. */
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
  state: serviceAccounts.state,
  revokedAtMs: serviceAccounts.revokedAtMs,
};

export type AccountRow = {
  [Name in keyof typeof accountColumns]: GetColumnData<(typeof accountColumns)[Name]>;
};

/** The condition that joins an account to its team. */
export const teamOfAccount = and(
  eq(teams.organizationId, serviceAccounts.organizationId),
  eq(teams.id, serviceAccounts.teamId),
);

/** The condition that joins a key and its delivery. */
export const deliveryOfKey = and(
  eq(deliveries.organizationId, apiKeys.organizationId),
  eq(deliveries.keyId, apiKeys.keyId),
);

/** The condition that joins an account to its key. */
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
    revokedAtMs: revokedAtMs ?? undefined,
  };
}
