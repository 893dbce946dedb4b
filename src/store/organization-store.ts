import type { AccountStore } from '../application/accounts/revocation/account-store.ts';
import type { AuditStore } from '../application/audit/audit-store.ts';
import type { CardStore } from '../application/cards/card.ts';
import type { CareStore } from '../application/care/care-store.ts';
import type { HomeStore } from '../application/home/home-store.ts';
import type { KeyStore } from '../application/keys/key-store.ts';
import type { RotationStore } from '../application/keys/rotation-store.ts';
import type { LeakStore } from '../application/leaks/leak-store.ts';
import type { OutsideChangeStore } from '../application/outside-changes/outside-change-store.ts';
import type { AuthorityStore } from '../application/ports/authority-store.ts';
import type { ClaimJobs, JobStore } from '../application/ports/job-store.ts';
import type { ServerAccountStore } from '../application/ports/server-account-store.ts';
import type { Store } from '../application/ports/store.ts';
import type { UpstreamStore } from '../application/ports/upstream-store.ts';
import type { KeyReportStore } from '../application/reported-keys/key-report-store.ts';
import type { RequestStore } from '../application/requests/request-store.ts';
import type { TeamStore } from '../application/teams/team-store.ts';
import { readListedAccounts } from './account-lists/account-lists.ts';
import { readAccountsByName } from './account-lists/namesakes.ts';
import { editAccount } from './accounts/account-edits.ts';
import * as accounts from './accounts/accounts.ts';
import * as apiKeys from './accounts/api-keys.ts';
import * as collections from './accounts/collections.ts';
import { readUsesSince } from './accounts/credential-uses.ts';
import * as deliveries from './accounts/deliveries.ts';
import * as newAccounts from './accounts/new-accounts.ts';
import { readAuditRecords } from './audit/audit-events.ts';
import * as auditHeads from './audit/audit-heads.ts';
import * as auditPages from './audit/audit-pages.ts';
import * as credentials from './authority/credentials.ts';
import * as sealedSecrets from './authority/sealed-secrets.ts';
import * as teamViews from './authority/team-views.ts';
import * as upstream from './authority/upstream-credentials.ts';
import * as usedAssertions from './authority/used-assertions.ts';
import * as cards from './cards/cards.ts';
import { careMethods } from './care/care-methods.ts';
import { homeMethods } from './home/home-methods.ts';
import * as jobLists from './jobs/job-lists.ts';
import * as jobs from './jobs/jobs.ts';
import * as accountKeys from './keys/account-keys.ts';
import * as rotationRows from './keys/rotation-rows.ts';
import * as rotations from './keys/rotations.ts';
import { recordLeak } from './leaks/leaked-keys.ts';
import { readAdministeredTeams } from './organization/administered-teams.ts';
import { applyOrganization } from './organization/apply-organization.ts';
import * as backend from './organization/backend.ts';
import * as issuers from './organization/issuers.ts';
import * as managedTeams from './organization/managed-teams.ts';
import { readOrganizationAdmins } from './organization/organizations.ts';
import * as policies from './organization/policies.ts';
import * as teams from './organization/teams.ts';
import { adoptAccount } from './outside-changes/adoptions.ts';
import * as auditLog from './outside-changes/audit-log.ts';
import * as leftKeys from './outside-changes/left-keys.ts';
import * as outsideChanges from './outside-changes/outside-changes.ts';
import { recordKeyReport } from './reported-keys/key-reports.ts';
import { requestMethods } from './requests/request-methods.ts';
import * as creations from './server-accounts/creations.ts';
import * as listedAccounts from './server-accounts/listed-accounts.ts';
import * as removals from './server-accounts/removals.ts';
import { readServerAccount, scheduleServerAccount } from './server-accounts/server-account-row.ts';
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
  | 'organizationId'
  | keyof AccountStore
  | keyof ServerAccountStore
  | keyof OutsideChangeStore
  | keyof KeyStore
  | keyof CardStore
  | keyof RotationStore
  | keyof CareStore
  | keyof LeakStore
  | keyof AuditStore
  | keyof AuthorityStore
  | keyof JobStore
  | keyof UpstreamStore
  | keyof TeamStore
  | keyof HomeStore
  | keyof RequestStore
  | keyof KeyReportStore
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
  findAnyAccount: reads(accounts.readAnyAccount),
  findAccountsByName: reads(readAccountsByName),
  listAccounts: reads(readListedAccounts),
  keysOfAccount: reads(apiKeys.readKeysOfAccount),
  revokeAccount: revokes(accounts.revokeAccount),

  settleDelivery: revokes(deliveries.settleDelivery),
  openDelivery: reads(deliveries.readOpenDelivery),
  findCollection: reads(collections.readCollection),
  openCollections: reads(collections.readOpenCollections),
  beginCollection: writes(collections.beginCollection),
  expireCollection: writes(collections.expireCollection),

  appendAuditEvent: writes((_, { appendAudit }, event) => appendAudit(event)),
  auditRecords: reads(readAuditRecords),

  sealedPeppers: reads(sealedSecrets.readSealedPeppers),
  insertSealedPepper: writes(sealedSecrets.insertSealedPepper),
};

const singleAccountMethods: MethodTable<AccountStore> = {
  usesSince: reads(readUsesSince),
  editAccount: writes(editAccount),
};

const serverAccountMethods: MethodTable<ServerAccountStore> = {
  claimBackend: writes(backend.claimBackend),
  keysNotShownAtMs: reads(backend.readKeysNotShownAtMs),
  recordKeysNotShown: writes(backend.recordKeysNotShown),
  ensureTeam: writes(backend.ensureTeam),
  teamNames: reads(backend.readTeamNames),
  accountsOfTeams: reads(listedAccounts.readAccountsOfTeams),
  accountsOfTeamsByName: reads(listedAccounts.readAccountsOfTeamsByName),
  knownOnServer: reads(listedAccounts.readKnownOnServer),
  serverAccount: reads(readServerAccount),
  currentServerAccount: reads(listedAccounts.readCurrentServerAccount),

  beginCreation: writes(creations.beginCreation),
  beginRecreation: writes(creations.beginRecreation),
  recordServerIdentity: writes(creations.recordServerIdentity),
  completeCreation: writes(creations.completeCreation),
  abandonCreation: revokes(creations.abandonCreation),
  renewTag: writes(creations.renewTag),

  beginRemoval: revokes(removals.beginRemoval),
  recordGone: revokes(removals.recordGone),
  recordProblem: revokes(removals.recordProblem),
  scheduleServerAccount: writes(scheduleServerAccount),
};

const outsideChangeMethods: MethodTable<OutsideChangeStore> = {
  startAuditLog: writes(auditLog.startAuditLog),
  auditLogPosition: reads(auditLog.readAuditLogPosition),
  recordLogPage: writes(auditLog.recordLogPage),
  usersOnServer: reads(outsideChanges.readUsersOnServer),
  outsideCreations: reads(outsideChanges.readOutsideCreations),
  changesOfTeam: reads(outsideChanges.readChangesOfTeam),
  adoptAccount: writes(adoptAccount),
  leftKeys: reads(leftKeys.readLeftKeys),
  leftKeysOfTeams: reads(leftKeys.readLeftKeysOfTeams),
  confirmKeysDeleted: writes(leftKeys.confirmKeysDeleted),
  sendReminder: writes(leftKeys.sendReminder),
};

const keyMethods: MethodTable<KeyStore> = {
  accountKeys: reads(accountKeys.readAccountKeys),
  insertKey: writes(accountKeys.insertKey),
  renameKey: writes(accountKeys.renameKey),
  revokeKey: revokes(accountKeys.revokeOneKey),
};

const cardMethods: MethodTable<CardStore> = {
  postedCard: reads(cards.readPostedCard),
  recordCard: writes(cards.recordCard),
};
const auditMethods: MethodTable<AuditStore> = {
  auditPage: reads(auditPages.readAuditPage),
  firstAuditSequence: reads(auditPages.readFirstAuditSequence),
  auditRecordsAfter: reads(auditPages.readAuditRecordsAfter),
  auditHead: reads(auditPages.readAuditHead),
  startAuditHeads: writes(auditHeads.startAuditHeads),
  postAuditHead: writes(auditHeads.postAuditHead),
  accountsEverNamed: reads(auditPages.readAccountsEverNamed),
};

const leakMethods: MethodTable<LeakStore> = { recordLeak: revokes(recordLeak) };

const rotationMethods: MethodTable<RotationStore> = {
  rotation: reads(rotationRows.readRotation),
  openRotations: reads(rotationRows.readOpenRotations),
  finishRotation: revokes(rotations.finishRotation),
  extendRotation: writes(rotations.extendRotation),
  askAboutOldKey: writes(rotations.askAboutOldKey),
  refreshRotation: writes(rotations.refreshRotation),
  queueLateUse: claims(rotations.readUnreportedRotation, rotations.queueLateUse),
};

const authorityMethods: MethodTable<AuthorityStore> = {
  findApiKey: (scope) => (keyId) => scope.access.read(() => credentials.readApiKey(scope.db, scope, keyId)),
  accountStatus: reads(credentials.readAccountStatus),
  accountByIdentity: reads(credentials.readAccountByIdentity),
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

const teamMethods: MethodTable<TeamStore> = {
  policyOf: reads(policies.readPolicyOf),
  hasTeamPolicies: reads(policies.hasTeamPolicies),
  teamChannel: reads(policies.readTeamChannel),
  applyPolicies: writes(policies.applyPolicies),
  keysBeyondPolicy: reads(policies.readKeysBeyondPolicy),
  managedTeams: reads(managedTeams.readManagedTeams),
  managedTeam: reads(managedTeams.readManagedTeam),
  usernameOf: reads(managedTeams.readUsername),
  editTeam: writes(managedTeams.editTeam),
};

const keyReportMethods: MethodTable<KeyReportStore> = {
  recordKeyReport: writes(recordKeyReport),
};

const methods = {
  ...accountMethods,
  ...singleAccountMethods,
  ...serverAccountMethods,
  ...outsideChangeMethods,
  ...keyMethods,
  ...cardMethods,
  ...rotationMethods,
  ...careMethods,
  ...leakMethods,
  ...auditMethods,
  ...authorityMethods,
  ...jobMethods,
  ...upstreamMethods,
  ...teamMethods,
  ...homeMethods,
  ...requestMethods,
  ...keyReportMethods,
};
