import type { ServiceAccount } from '../domain/service-account.ts';
import type { AccountRequest } from './ports/backend.ts';

/** The account that was asked for, as every backend keeps it. */
export function newServiceAccount(
  request: AccountRequest,
  made: { id: string; organizationId: string; teamId: string; createdAtMs: number },
): ServiceAccount {
  const { team, name, authentication, purpose, usedBy, contact, requestedBy } = request;
  return {
    ...made,
    scope: 'team',
    teamName: team.name,
    name,
    method: authentication.method,
    externalIdentity: authentication.method === 'federated' ? authentication.identity : undefined,
    purpose,
    usedBy,
    contact,
    createdBy: requestedBy,
    status: 'active',
    revokedAtMs: undefined,
  };
}
