import type { AuthorityStore } from '../application/ports/authority-store.ts';
import type { OperationStore } from '../application/ports/operation-store.ts';
import type { Store } from '../application/ports/store.ts';
import * as accounts from './accounts/account-tables.ts';
import * as collections from './accounts/collection-tables.ts';
import * as deliveries from './accounts/delivery-tables.ts';
import { insertAccount, readEarlierSubmission } from './accounts/insert-account.ts';
import * as tellings from './accounts/telling-tables.ts';
import { readAuditRecords } from './audit/audit-events.ts';
import * as credentials from './authority/credential-tables.ts';
import * as peppers from './authority/pepper-tables.ts';
import * as signingKeys from './authority/signing-key-tables.ts';
import * as views from './authority/team-view-tables.ts';
import { withStoreFaults } from './database/fault.ts';
import * as backends from './operations/backend-tables.ts';
import { beginCreation, beginRecreation } from './operations/begin-creation.ts';
import * as creations from './operations/end-creation.ts';
import * as looks from './operations/late-looks.ts';
import * as operations from './operations/operation-claims.ts';
import { queueEndingNotification } from './operations/operation-row.ts';
import * as removals from './operations/removal-tables.ts';
import { applyOrganization } from './organization/apply-organization.ts';
import * as issuers from './organization/issuer-tables.ts';
import * as organizations from './organization/organization-tables.ts';
import { bindMethods, claims, type MethodTable, reads, type StoreScope, writes } from './unit-of-work.ts';

/** Returns the store of one organization over an open database. */
export function createOrganizationStore(scope: StoreScope): Store {
  return { organizationId: scope.organizationId, ...bindMethods(methods, scope) };
}

type OwnMethods = Omit<Store, 'organizationId' | keyof OperationStore | keyof AuthorityStore>;

const accountMethods: MethodTable<OwnMethods> = {
  applyOrganization: writes(applyOrganization),
  organizationAdmins: reads(organizations.readOrganizationAdmins),
  teamAccess: reads(organizations.readStanding),
  administeredTeams: reads(organizations.readAdministeredTeams),
  teamsOf: reads(organizations.readTeamsOf),
  teamAdmins: reads(organizations.readTeamAdmins),
  issuers: reads(organizations.readIssuers),

  insertAccount: writes(insertAccount),
  earlierSubmission: reads(readEarlierSubmission),
  findAccount: reads(accounts.readAccount),
  findAccountsByName: reads(accounts.readAccountsByName),
  listAccounts: reads(accounts.readManageableAccounts),
  revokeAccount: writes(accounts.revokeAccount),

  settleDelivery: writes(deliveries.settleDelivery),
  lapsedDeliveries: reads(deliveries.readLapsedDeliveries),
  findCollection: reads(collections.readCollection),
  openCollections: reads(collections.readOpenCollections),
  beginCollection: writes(collections.beginCollection),
  claimCollectionNotifications: claims(tellings.readDueTellings, tellings.claimCollectionNotifications),
  markCollectionNotified: writes(tellings.markCollectionNotified),

  appendAuditEvent: writes((_, { appendAudit }, event) => appendAudit(event)),
  auditRecords: reads(readAuditRecords),

  sealedPeppers: reads(peppers.readSealedPeppers),
  insertSealedPepper: writes(peppers.insertSealedPepper),
};

const operationMethods: MethodTable<OperationStore> = {
  claimBackend: writes(backends.claimBackend),
  keysNotShownAtMs: reads(backends.readKeysNotShownAtMs),
  recordKeysNotShown: writes(backends.recordKeysNotShown),
  ensureTeam: writes(backends.ensureTeam),
  teamNames: reads(backends.readTeamNames),
  accountsOfTeams: reads(backends.readAccountsOfTeams),
  knownOnServer: reads(backends.readKnownOnServer),

  beginCreation: writes(beginCreation),
  beginRecreation: writes(beginRecreation),
  recordServerIdentity: writes(creations.recordServerIdentity),
  completeCreation: writes(creations.completeCreation),
  abandonCreation: writes(creations.abandonCreation),
  failCreation: writes(creations.failCreation),
  undoCreation: writes(creations.undoCreation),
  queueEndingNotification: writes(queueEndingNotification),

  beginRemoval: writes(removals.beginRemoval),
  completeRemoval: writes(removals.completeRemoval),
  failRemoval: writes(removals.failRemoval),

  claimLapsedOperations: claims(operations.readLapsedOperations, operations.claimLapsedOperations),
  postponeOperation: writes(operations.postponeOperation),
  claimLateChecks: claims(looks.readDueLateLooks, looks.claimLateChecks),
  createdUnderName: reads(looks.readMadeUnderName),
  recordLateEffect: writes(looks.recordLateEffect),
  claimKeyRevocation: writes(operations.claimKeyRevocation),
  isKeyRevocationUnderWay: reads(operations.readIsCutOffUnderWay),
  claimEndingNotifications: claims(operations.readDueEndings, operations.claimEndingNotifications),
  markEndingNotified: writes(operations.markEndingNotified),
};

const authorityMethods: MethodTable<AuthorityStore> = {
  findApiKey: (scope) => {
    let readKey: ReturnType<typeof credentials.createKeyReader> | undefined;
    return async (keyId) =>
      withStoreFaults(() => {
        readKey ??= credentials.createKeyReader(scope.db, scope);
        return readKey(keyId);
      });
  },
  accountStatus: reads(credentials.readAccountStanding),
  accountByIdentity: reads(credentials.readAccountByIdentity),
  recordUses: writes(credentials.recordUses),

  issuer: reads(issuers.readIssuer),
  issuerKeySet: reads(issuers.readIssuerKeySet),
  saveIssuerKeySet: writes(issuers.saveIssuerKeySet),
  useAssertionOnce: writes(issuers.useAssertionOnce),

  signingKeys: reads(signingKeys.readSigningKeys),
  insertSigningKey: writes(signingKeys.insertSigningKey),
  deleteRetiredSigningKeys: writes(signingKeys.deleteRetiredSigningKeys),

  runTarget: reads(views.readRunTarget),
  teamView: reads(views.readTeamView),
  queueLengths: reads(views.readQueueLengths),
};

const methods = { ...accountMethods, ...operationMethods, ...authorityMethods };
