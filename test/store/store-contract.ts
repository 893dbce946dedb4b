import { describe } from 'vitest';
import { describeAccounts } from './contract/accounts.ts';
import { describeAudit } from './contract/audit.ts';
import { describeAuthorityTenancy } from './contract/authority/authority-tenancy.ts';
import { describeCredentials } from './contract/authority/credentials.ts';
import { describeIssuers } from './contract/authority/issuers.ts';
import { describeSimilarSubjects } from './contract/authority/similar-subjects.ts';
import { describeTeamViews } from './contract/authority/team-views.ts';
import { describeUpstreamCredentials } from './contract/authority/upstream-credentials.ts';
import { describeClockSteps } from './contract/clock-steps.ts';
import { describeCollections } from './contract/collections.ts';
import { describeDeliveries } from './contract/deliveries.ts';
import { describeHome } from './contract/home/home.ts';
import { describeJobLists } from './contract/job-lists.ts';
import { describeJobs } from './contract/jobs.ts';
import { describeAccountKeys } from './contract/keys/account-keys.ts';
import { describeKeyTenancy } from './contract/keys/key-tenancy.ts';
import { describeRotations } from './contract/keys/rotations.ts';
import { describeCards } from './contract/lifecycle/cards.ts';
import { describePolicies } from './contract/lifecycle/policies.ts';
import { describeManagedAccounts } from './contract/managed-accounts.ts';
import { describeManagedTeams } from './contract/managed-teams.ts';
import { describeOrganizations } from './contract/organizations.ts';
import { describeOutsideChanges } from './contract/outside-changes.ts';
import { describeAbandonedCreations } from './contract/server-accounts/abandoned-creations.ts';
import { describeCreations } from './contract/server-accounts/creations.ts';
import { describeRemovals } from './contract/server-accounts/removals.ts';
import { describeServerAccountTenancy } from './contract/server-accounts/server-account-tenancy.ts';
import { describeTeams } from './contract/teams.ts';
import { describeTenancy } from './contract/tenancy.ts';
import type { OpenStore } from './contract/world.ts';

export { AUDIT_KEY, type OpenedStore, type OpenStore } from './contract/world.ts';

/** Tests what every store guarantees, whatever its database. */
export function describeStore(name: string, openStore: OpenStore): void {
  describe(`store contract: ${name}`, () => {
    describeOrganizations(openStore);
    describeTeams(openStore);
    describePolicies(openStore);
    describeManagedTeams(openStore);
    describeAccounts(openStore);
    describeManagedAccounts(openStore);
    describeDeliveries(openStore);
    describeCollections(openStore);
    describeCards(openStore);
    describeClockSteps(openStore);
    describeAudit(openStore);
    describeTenancy(openStore);
    describeAccountKeys(openStore);
    describeKeyTenancy(openStore);
    describeRotations(openStore);
    describeCreations(openStore);
    describeAbandonedCreations(openStore);
    describeRemovals(openStore);
    describeServerAccountTenancy(openStore);
    describeCredentials(openStore);
    describeIssuers(openStore);
    describeSimilarSubjects(openStore);
    describeTeamViews(openStore);
    describeUpstreamCredentials(openStore);
    describeAuthorityTenancy(openStore);
    describeJobs(openStore);
    describeJobLists(openStore);
    describeOutsideChanges(openStore);
    describeHome(openStore);
  });
}
