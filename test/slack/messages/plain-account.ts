import type { ServiceAccount } from '../../../src/domain/accounts/service-account.ts';

/** Returns an account as a message shows it, which no store has. */
export function plainAccount(changes: Partial<ServiceAccount> = {}): ServiceAccount {
  return {
    id: 'sa_1',
    organizationId: 'org_1',
    scope: 'team',
    teamId: 'team_1',
    teamName: 'ml-platform',
    name: 'nightly-eval',
    method: 'api_key',
    externalIdentity: undefined,
    purpose: undefined,
    usedBy: undefined,
    contact: 'U0ADA00001',
    createdBy: { slackUserId: 'U0ADA00001', email: 'ada@acme.test' },
    createdAtMs: 0,
    state: 'active',
    revokedAtMs: undefined,
    ...changes,
  };
}
