import { describe } from 'vitest';
import { describeAccounts } from './contract/accounts.ts';
import { describeAudit } from './contract/audit.ts';
import { describeCredentials } from './contract/authority-credentials.ts';
import { describeIssuers } from './contract/authority-issuers.ts';
import { describeAuthorityTenancy } from './contract/authority-tenancy.ts';
import { describeViews } from './contract/authority-views.ts';
import { describeCollections } from './contract/collections.ts';
import { describeCreations } from './contract/creations.ts';
import { describeDeliveries } from './contract/deliveries.ts';
import { describeEndings } from './contract/endings.ts';
import { describeLateLooks } from './contract/late-looks.ts';
import { describeManagedAccounts } from './contract/managed-accounts.ts';
import { describeOperationTenancy } from './contract/operation-tenancy.ts';
import { describeOrganizations } from './contract/organizations.ts';
import { describeRemovals } from './contract/removals.ts';
import { describeTeams } from './contract/teams.ts';
import { describeTellings } from './contract/tellings.ts';
import { describeTenancy } from './contract/tenancy.ts';
import type { OpenStore } from './contract/world.ts';

export { AUDIT_KEY, type OpenedStore, type OpenStore } from './contract/world.ts';

/** What every store guarantees, whatever the database beneath it. */
export function describeStore(name: string, openStore: OpenStore): void {
  describe(`store contract: ${name}`, () => {
    describeOrganizations(openStore);
    describeTeams(openStore);
    describeAccounts(openStore);
    describeManagedAccounts(openStore);
    describeDeliveries(openStore);
    describeCollections(openStore);
    describeTellings(openStore);
    describeAudit(openStore);
    describeTenancy(openStore);
    describeCreations(openStore);
    describeRemovals(openStore);
    describeEndings(openStore);
    describeLateLooks(openStore);
    describeOperationTenancy(openStore);
    describeCredentials(openStore);
    describeIssuers(openStore);
    describeViews(openStore);
    describeAuthorityTenancy(openStore);
  });
}
