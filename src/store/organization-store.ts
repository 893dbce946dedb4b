import type { AuthorityStore } from '../application/ports/authority-store.ts';
import type { ClaimJobs, JobStore } from '../application/ports/job-store.ts';
import type { OperationStore } from '../application/ports/operation-store.ts';
import type { Store } from '../application/ports/store.ts';
import type { UpstreamStore } from '../application/ports/upstream-store.ts';
import * as accountLists from './accounts/account-lists.ts';
import * as accounts from './accounts/accounts.ts';
import * as apiKeys from './accounts/api-keys.ts';
import * as collectionNotifications from './accounts/collection-notifications.ts';
import * as collections from './accounts/collections.ts';
import * as deliveries from './accounts/deliveries.ts';
import * as newAccounts from './accounts/new-accounts.ts';
import { readAuditRecords } from './audit/audit-events.ts';
import * as credentials from './authority/credentials.ts';
import * as sealedSecrets from './authority/sealed-secrets.ts';
import * as similarSubjects from './authority/similar-subjects.ts';
import * as teamViews from './authority/team-views.ts';
import * as upstream from './authority/upstream-credentials.ts';
import * as usedAssertions from './authority/used-assertions.ts';
import * as jobLists from './jobs/job-lists.ts';
import * as jobs from './jobs/jobs.ts';
import * as backend from './operations/backend.ts';
import * as endedCreations from './operations/creation-end.ts';
import * as startedCreations from './operations/creation-start.ts';
import * as endingNotifications from './operations/ending-notifications.ts';
import * as keyRevocations from './operations/key-revocations.ts';
import * as leases from './operations/operation-leases.ts';
import * as removals from './operations/removals.ts';
import * as serverAccounts from './operations/server-accounts.ts';
import { readAdministeredTeams } from './organization/administered-teams.ts';
import { applyOrganization } from './organization/apply-organization.ts';
import * as issuers from './organization/issuers.ts';
import { readOrganizationAdmins } from './organization/organizations.ts';
import * as teams from './organization/teams.ts';
import {
  bindMethods,
  claims,
  type MethodTable,
  reads,
  revokes,
  type StoreScope,
  writes,
  writesInParts,
} from './unit-of-work.ts';

/** Returns the store of one organization over an open database. */
export function createOrganizationStore(scope: StoreScope): Store {
  return { organizationId: scope.organizationId, ...bindMethods(methods, scope) };
}

type OwnMethods = Omit<
  Store,
  'organizationId' | keyof OperationStore | keyof AuthorityStore | keyof JobStore | keyof UpstreamStore
>;

const accountMethods: MethodTable<OwnMethods> = {
  applyOrganization: writes(applyOrganization),
  organizationAdmins: reads(readOrganizationAdmins),
  teamAccess: reads(teams.readTeamAccess),
  administeredTeams: reads(readAdministeredTeams),
  teamsOf: reads(teams.readTeamsOf),
  teamAdmins: reads(teams.readTeamAdmins),
  issuers: reads(issuers.readIssuerUrls),

  insertAccount: writes(newAccounts.insertAccount),
  earlierSubmission: reads(newAccounts.readEarlierSubmission),
  findAccount: reads(accounts.readAccount),
  findAccountsByName: reads(accountLists.readAccountsByName),
  listAccounts: reads(accountLists.readListedAccounts),
  keysOfAccount: reads(apiKeys.readKeysOfAccount),
  revokeAccount: revokes(accounts.revokeAccount),

  settleDelivery: revokes(deliveries.settleDelivery),
  lapsedDeliveries: reads(deliveries.readLapsedDeliveries),
  findCollection: reads(collections.readCollection),
  openCollections: reads(collections.readOpenCollections),
  beginCollection: writes(collections.beginCollection),
  claimCollectionNotifications: claims(
    collectionNotifications.readDueCollectionNotifications,
    collectionNotifications.claimCollectionNotifications,
  ),
  markCollectionNotified: writes(collectionNotifications.markCollectionNotified),

  appendAuditEvent: writes((_, { appendAudit }, event) => appendAudit(event)),
  auditRecords: reads(readAuditRecords),

  sealedPeppers: reads(sealedSecrets.readSealedPeppers),
  insertSealedPepper: writes(sealedSecrets.insertSealedPepper),
};

const operationMethods: MethodTable<OperationStore> = {
  claimBackend: writes(backend.claimBackend),
  keysNotShownAtMs: reads(backend.readKeysNotShownAtMs),
  recordKeysNotShown: writes(backend.recordKeysNotShown),
  ensureTeam: writes(backend.ensureTeam),
  teamNames: reads(backend.readTeamNames),
  accountsOfTeams: reads(serverAccounts.readAccountsOfTeams),
  knownOnServer: reads(serverAccounts.readKnownOnServer),

  beginCreation: writes(startedCreations.beginCreation),
  beginRecreation: writes(startedCreations.beginRecreation),
  recordServerIdentity: writes(endedCreations.recordServerIdentity),
  completeCreation: writes(endedCreations.completeCreation),
  abandonCreation: writes(endedCreations.abandonCreation),
  failCreation: writes(endedCreations.failCreation),
  undoCreation: revokes(endedCreations.undoCreation),
  queueEndingNotification: writes(endingNotifications.queueEndingNotification),

  beginRemoval: revokes(removals.beginRemoval),
  completeRemoval: revokes(removals.completeRemoval),
  failRemoval: revokes(removals.failRemoval),

  claimLapsedOperations: claims(leases.readLapsedOperations, leases.claimLapsedOperations),
  postponeOperation: revokes(leases.postponeOperation),
  claimLateChecks: claims(leases.readDueLateChecks, leases.claimLateChecks),
  createdUnderName: reads(serverAccounts.readCreatedUnderName),
  recordLateEffect: writes(leases.recordLateEffect),
  claimKeyRevocation: revokes(keyRevocations.claimKeyRevocation),
  isKeyRevocationUnderWay: reads(keyRevocations.readIsKeyRevocationUnderWay),
  claimEndingNotifications: claims(
    endingNotifications.readDueEndings,
    endingNotifications.claimEndingNotifications,
  ),
  markEndingNotified: writes(endingNotifications.markEndingNotified),
};

const authorityMethods: MethodTable<AuthorityStore> = {
  findApiKey: (scope) => (keyId) => scope.access.read(() => credentials.readApiKey(scope.db, scope, keyId)),
  accountStatus: reads(credentials.readAccountStatus),
  accountByIdentity: reads(credentials.readAccountByIdentity),
  accountsWithSimilarSubject: reads(similarSubjects.readAccountsWithSimilarSubject),
  queueSubjectChange: claims(similarSubjects.readAdminsToNotify, similarSubjects.queueSubjectChange),
  recordUses: writesInParts(credentials.recordUses),

  issuer: reads(issuers.readIssuer),
  issuerKeySet: reads(issuers.readIssuerKeySet),
  saveIssuerKeySet: writes(issuers.saveIssuerKeySet),
  useAssertionOnce: writes(usedAssertions.useAssertionOnce),

  signingKeys: reads(sealedSecrets.readSigningKeys),
  insertSigningKey: writes(sealedSecrets.insertSigningKey),
  deleteRetiredSigningKeys: writes(sealedSecrets.deleteRetiredSigningKeys),

  runTarget: (scope) => {
    const readNamed = reads(teamViews.readRunTarget)(scope);
    return (run) =>
      run.username !== undefined || run.email !== undefined
        ? readNamed(run)
        : scope.access.read(() => teamViews.readRunTarget(scope.db, scope, run));
  },
  findTeam: reads(teamViews.readTeam),
  teamPeople: reads(teamViews.readTeamPeople),
  teamServiceAccounts: reads(teamViews.readTeamServiceAccounts),
  queueLengths: reads(teamViews.readQueueLengths),
};

const jobMethods: MethodTable<JobStore> = {
  claimJobs: (scope) => {
    const claimJobs = claims(jobs.readDueJobs, jobs.claimJobs)(scope);
    const claimRevocations = claims(jobs.readDueJobs, jobs.claimJobs, { mayUseReserve: true })(scope);
    const claim = (which: ClaimJobs) => (which.revokes ? claimRevocations(which) : claimJobs(which));
    return claim as JobStore['claimJobs'];
  },
  finishJob: writes(jobs.finishJob),
  retryJob: writes(jobs.retryJob),
  repeatJob: writes(jobs.repeatJob),
  listJobs: reads(jobLists.readJobs),
  runJobNow: writes(jobLists.runJobNow),
  deleteFinishedJobs: claims(jobs.readOldJobs, jobs.deleteOldJobs),
};

const upstreamMethods: MethodTable<UpstreamStore> = {
  upstreamVersion: reads(upstream.readUpstreamVersion),
  upstreamState: reads(upstream.readUpstreamState),
  sealedTeamKey: reads(upstream.readSealedTeamKey),
  saveTeamKey: writes(upstream.saveTeamKey),
  // Like a revocation: a leaked key must stop being used.
  removeTeamKey: revokes(upstream.removeTeamKey),
  recordUpstreamRejection: writes(upstream.recordUpstreamRejection),
  recordUpstreamRecovery: writes(upstream.recordUpstreamRecovery),
};

const methods = {
  ...accountMethods,
  ...operationMethods,
  ...authorityMethods,
  ...jobMethods,
  ...upstreamMethods,
};
