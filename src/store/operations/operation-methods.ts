import type { OperationStore } from '../../application/ports/operation-store.ts';
import type { UnitsOfWork } from '../database/unit-of-work.ts';
import * as backends from './backend-tables.ts';
import { beginCreation, beginRecreation } from './begin-creation.ts';
import * as creations from './end-creation.ts';
import * as looks from './late-looks.ts';
import * as claims from './operation-claims.ts';
import { queueEndingNotification } from './operation-row.ts';
import * as removals from './removal-tables.ts';

type Parts<Name extends keyof OperationStore> = Pick<OperationStore, Name>;

/** What a backend on another system needs of the store. */
export function operationMethods(units: UnitsOfWork, newId: (prefix: string) => string): OperationStore {
  return {
    ...backendMethods(units, newId),
    ...creationMethods(units),
    ...removalMethods(units),
    ...claimMethods(units),
    ...lookMethods(units),
  };
}

function backendMethods(
  { read, write }: UnitsOfWork,
  newId: (prefix: string) => string,
): Parts<
  | 'claimBackend'
  | 'keysNotShownAtMs'
  | 'recordKeysNotShown'
  | 'ensureTeam'
  | 'teamNames'
  | 'accountsOfTeams'
  | 'knownOnServer'
> {
  return {
    claimBackend: (organizationId, backend) =>
      write((tx) => backends.claimBackend(tx, organizationId, backend)),
    keysNotShownAtMs: (organizationId) => read((db) => backends.readKeysNotShownAtMs(db, organizationId)),
    recordKeysNotShown: (organizationId, atMs) =>
      write((tx) => backends.recordKeysNotShown(tx, organizationId, atMs)),
    ensureTeam: (organizationId, name, nowMs) =>
      write((tx) => backends.ensureTeam(tx, organizationId, { id: newId('team'), name, createdAtMs: nowMs })),
    teamNames: (organizationId) => read((db) => backends.readTeamNames(db, organizationId)),
    accountsOfTeams: (organizationId, teamNames, options) =>
      read((db) => backends.readAccountsOfTeams(db, organizationId, teamNames, options)),
    knownOnServer: (organizationId, teamNames) =>
      read((db) => backends.readKnownOnServer(db, organizationId, teamNames)),
  };
}

function creationMethods({
  write,
  appenderOf,
}: UnitsOfWork): Parts<
  | 'beginCreation'
  | 'beginRecreation'
  | 'recordServerIdentity'
  | 'completeCreation'
  | 'abandonCreation'
  | 'failCreation'
  | 'undoCreation'
  | 'queueEndingNotification'
> {
  return {
    beginCreation: (organizationId, creation) =>
      write((tx) => beginCreation(tx, organizationId, creation, appenderOf(tx, organizationId))),
    beginRecreation: (organizationId, recreation) =>
      write((tx) => beginRecreation(tx, organizationId, recreation, appenderOf(tx, organizationId))),
    recordServerIdentity: (organizationId, noted) =>
      write((tx) => creations.recordServerIdentity(tx, organizationId, noted)),
    completeCreation: (organizationId, completion) =>
      write((tx) =>
        creations.completeCreation(tx, organizationId, completion, appenderOf(tx, organizationId)),
      ),
    abandonCreation: (organizationId, abandoned) =>
      write((tx) => {
        const isAbandoned = creations.abandonCreation(tx, organizationId, abandoned);
        if (isAbandoned) appenderOf(tx, organizationId)(abandoned.auditEvent);
        return isAbandoned;
      }),
    failCreation: (organizationId, failure) =>
      write((tx) => creations.failCreation(tx, organizationId, failure, appenderOf(tx, organizationId))),
    undoCreation: (organizationId, undone) =>
      write((tx) => creations.undoCreation(tx, organizationId, undone, appenderOf(tx, organizationId))),
    queueEndingNotification: (organizationId, operationId) =>
      write((tx) => queueEndingNotification(tx, organizationId, operationId)),
  };
}

function removalMethods({
  write,
  appenderOf,
}: UnitsOfWork): Parts<'beginRemoval' | 'completeRemoval' | 'failRemoval'> {
  return {
    beginRemoval: (organizationId, removal) =>
      write((tx) => removals.beginRemoval(tx, organizationId, removal, appenderOf(tx, organizationId))),
    completeRemoval: (organizationId, removed) =>
      write((tx) => removals.completeRemoval(tx, organizationId, removed, appenderOf(tx, organizationId))),
    failRemoval: (organizationId, failed) =>
      write((tx) => removals.failRemoval(tx, organizationId, failed, appenderOf(tx, organizationId))),
  };
}

function lookMethods({
  read,
  write,
  appenderOf,
}: UnitsOfWork): Parts<'claimLateChecks' | 'createdUnderName' | 'recordLateEffect'> {
  return {
    claimLateChecks: async (organizationId, nowMs, options) => {
      const due = await read((db) => looks.readDueLateLooks(db, organizationId, nowMs, options));
      return due.length === 0 ? [] : write((tx) => looks.claimLateChecks(tx, organizationId, nowMs, options));
    },
    createdUnderName: (organizationId, named) =>
      read((db) => looks.readMadeUnderName(db, organizationId, named)),
    recordLateEffect: (organizationId, late) =>
      write((tx) => looks.recordLateEffect(tx, organizationId, late, appenderOf(tx, organizationId))),
  };
}

// The first look at what waits is a reading one: asked every few seconds, and nearly always there is none, it is no reason
// to wait for the write lock.
function claimMethods({
  read,
  write,
  appenderOf,
}: UnitsOfWork): Parts<
  | 'claimLapsedOperations'
  | 'postponeOperation'
  | 'claimKeyRevocation'
  | 'isKeyRevocationUnderWay'
  | 'claimEndingNotifications'
  | 'markEndingNotified'
> {
  return {
    claimLapsedOperations: async (organizationId, nowMs, options) => {
      const lapsed = await read((db) => claims.readLapsedOperations(db, organizationId, nowMs, options));
      if (lapsed.length === 0) return [];
      return write((tx) => claims.claimLapsedOperations(tx, organizationId, nowMs, options));
    },
    postponeOperation: (organizationId, held) =>
      write((tx) => claims.postponeOperation(tx, organizationId, held, appenderOf(tx, organizationId))),
    claimKeyRevocation: (organizationId, claim) =>
      write((tx) => claims.claimKeyRevocation(tx, organizationId, claim, appenderOf(tx, organizationId))),
    isKeyRevocationUnderWay: (organizationId, deliveryId) =>
      read((db) => claims.readIsCutOffUnderWay(db, organizationId, deliveryId)),
    claimEndingNotifications: async (organizationId, nowMs, options) => {
      const due = await read((db) => claims.readDueEndings(db, organizationId, nowMs, options));
      return due.length === 0
        ? []
        : write((tx) => claims.claimEndingNotifications(tx, organizationId, nowMs, options));
    },
    markEndingNotified: (organizationId, told) =>
      write((tx) => claims.markEndingNotified(tx, organizationId, told)),
  };
}
