import type { AuthorityStore } from '../../application/ports/authority-store.ts';
import { type SqliteConnection, withStoreFaults } from '../database/fault.ts';
import type { UnitsOfWork } from '../database/unit-of-work.ts';
import * as issuers from '../organization/issuer-tables.ts';
import * as credentials from './credential-tables.ts';
import * as signingKeys from './signing-key-tables.ts';
import * as views from './team-view-tables.ts';

type Parts<Name extends keyof AuthorityStore> = Pick<AuthorityStore, Name>;

/** What the authority needs of the store. */
export function authorityMethods(db: SqliteConnection, units: UnitsOfWork): AuthorityStore {
  return {
    ...credentialMethods(db, units),
    ...issuerMethods(units),
    ...signingKeyMethods(units),
    ...viewMethods(units),
  };
}

function credentialMethods(
  db: SqliteConnection,
  { read, write }: UnitsOfWork,
): Parts<'findApiKey' | 'accountStatus' | 'accountByIdentity' | 'recordUses'> {
  let readKey: ReturnType<typeof credentials.createKeyReader> | undefined;
  return {
    findApiKey: async (organizationId, keyId) =>
      withStoreFaults(() => {
        readKey ??= credentials.createKeyReader(db);
        return readKey(organizationId, keyId);
      }),
    accountStatus: (organizationId, accountId) =>
      read((tx) => credentials.readAccountStanding(tx, organizationId, accountId)),
    accountByIdentity: (organizationId, identity) =>
      read((tx) => credentials.readAccountByIdentity(tx, organizationId, identity)),
    recordUses: (organizationId, uses) => write((tx) => credentials.recordUses(tx, organizationId, uses)),
  };
}

function issuerMethods({
  read,
  write,
}: UnitsOfWork): Parts<'issuer' | 'issuerKeySet' | 'saveIssuerKeySet' | 'useAssertionOnce'> {
  return {
    issuer: (organizationId, url) => read((tx) => issuers.readIssuer(tx, organizationId, url)),
    issuerKeySet: (organizationId, url) => read((tx) => issuers.readIssuerKeySet(tx, organizationId, url)),
    saveIssuerKeySet: (organizationId, kept) =>
      write((tx) => issuers.saveIssuerKeySet(tx, organizationId, kept)),
    useAssertionOnce: (organizationId, assertion) =>
      write((tx) => issuers.useAssertionOnce(tx, organizationId, assertion)),
  };
}

function signingKeyMethods({
  read,
  write,
  appenderOf,
}: UnitsOfWork): Parts<'signingKeys' | 'insertSigningKey' | 'deleteRetiredSigningKeys'> {
  return {
    signingKeys: (organizationId) => read((tx) => signingKeys.readSigningKeys(tx, organizationId)),
    insertSigningKey: (organizationId, key, auditEvent) =>
      write((tx) => {
        const isInserted = signingKeys.insertSigningKey(tx, organizationId, key);
        if (isInserted) appenderOf(tx, organizationId)(auditEvent);
        return isInserted;
      }),
    deleteRetiredSigningKeys: (organizationId, nowMs, auditEventOf) =>
      write((tx) => {
        const append = appenderOf(tx, organizationId);
        for (const key of signingKeys.deleteRetiredSigningKeys(tx, organizationId, nowMs))
          append(auditEventOf(key));
      }),
  };
}

function viewMethods({ read }: UnitsOfWork): Parts<'runTarget' | 'teamView' | 'queueLengths'> {
  return {
    runTarget: (organizationId, asked) => read((tx) => views.readRunTarget(tx, organizationId, asked)),
    teamView: (organizationId, teamName) => read((tx) => views.readTeamView(tx, organizationId, teamName)),
    queueLengths: (organizationId) => read((tx) => views.readQueueLengths(tx, organizationId)),
  };
}
