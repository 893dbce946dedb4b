import type { JSONWebKeySet, JWK } from 'jose';
import type { ServiceAccount } from '../../domain/accounts/service-account.ts';
import type { AuditEvent } from '../../domain/audit/audit-event.ts';
import type { Issuer } from '../../domain/federation/issuer.ts';
import type { TeamMember } from '../../domain/organization/team.ts';

interface AccountOfTeam {
  /** Active or revoked, never provisioning. */
  account: ServiceAccount;
  isTeamArchived: boolean;
}

/** An account, and whether its team is archived and its issuer removed. */
export interface AccountStatus extends AccountOfTeam {
  /** Always false for an `api_key` account. */
  isIssuerRemoved: boolean;
}

/** A stored key that Keysmith verifies. */
export interface StoredApiKey extends AccountOfTeam {
  keyId: string;
  secretHash: string;
  pepperVersion: number;
  createdAtMs: number;
  /** Undefined for a key that never expires. */
  expiresAtMs: number | undefined;
  revokedAtMs: number | undefined;
  /** False while its delivery is open: nobody confirmed yet that the key reached its owner. */
  isDelivered: boolean;
}

/** A use of a credential. */
export interface CredentialUse {
  accountId: string;
  /** Undefined for an access token. */
  keyId: string | undefined;
  atMs: number;
  /** An IP address. */
  address: string;
  /** At most 200 characters. */
  userAgent: string | undefined;
}

/** What a key signs: Keysmith's access tokens, or the JWTs by which the W&B server recognizes Keysmith (identity federation). */
export type SigningKeyPurpose = 'access_token' | 'federation';

/** A key that signs for one purpose and is used for nothing else. */
export interface StoredSigningKey {
  purpose: SigningKeyPurpose;
  /** Counts from 1 for each purpose. Of the keys whose time has come, the one with the highest number signs. */
  number: number;
  keyId: string;
  /** The sealed private JWK. */
  sealed: string;
  publicJwk: JWK;
  createdAtMs: number;
  signsFromMs: number;
  signsUntilMs: number;
  /** When its last token has expired, if a successor replaces it in time. */
  publishedUntilMs: number;
}

interface Project {
  name: string;
  visibility: 'private' | 'public' | 'open' | 'restricted';
  /** Names of the accounts that may log to a restricted project. */
  serviceAccounts: readonly string[];
}

/** The team and project of a run. */
export interface RunTarget {
  teamName: string;
  /** Undefined when the teams file doesn't list it. */
  project: Project | undefined;
  /** The team member the run names: by email address, ignoring case, else by username. */
  namedMember: TeamMember | undefined;
}

/** A part of a list: at most `limit` items, after the one with the key `after`. */
export interface ListPart {
  after?: string;
  limit: number;
}

/** Waiting work, for the metrics. `failingJobs`: the unfinished jobs that have failed since their last success. */
export interface QueueLengths {
  deliveries: number;
  collections: number;
  /** Unfinished jobs of server accounts. */
  operations: number;
  /** Accounts on the W&B server that need an admin, and that a job still checks. */
  serverAccountsNeedingAdmin: number;
  jobs: number;
  failingJobs: number;
  /** Of the kinds that have unfinished jobs. */
  jobsByKind: JobsOfKind[];
}

export interface JobsOfKind {
  kind: string;
  unfinished: number;
  failing: number;
}

/** The units of work of the authority, which verifies credentials. */
export interface AuthorityStore {
  /** Finds a key by its public key ID. Returns undefined for a key that the W&B server verifies. */
  findApiKey(keyId: string): Promise<StoredApiKey | undefined>;
  accountStatus(accountId: string): Promise<AccountStatus | undefined>;
  /** Finds the active account of an external identity, compared exactly. */
  accountByIdentity(identity: { issuer: string; subject: string }): Promise<AccountStatus | undefined>;

  /** Finds a registered issuer. Returns undefined for a removed one. */
  issuer(url: string): Promise<Issuer | undefined>;
  /** Returns the last good keys of an issuer. */
  issuerKeySet(url: string): Promise<{ jwks: JSONWebKeySet; fetchedAtMs: number } | undefined>;
  /** Stores the keys unless the issuer was removed or its fetch rules changed meanwhile. */
  saveIssuerKeySet(kept: { issuer: Issuer; jwks: JSONWebKeySet; fetchedAtMs: number }): Promise<void>;
  /**
   * Returns false if this `jti` of the issuer was used before, or may have been: expired ones are deleted, and a JWT that expires
   * no later than one of them could be among those.
   */
  useAssertionOnce(assertion: {
    issuer: string;
    tokenId: string;
    expiresAtMs: number;
    nowMs: number;
  }): Promise<boolean>;

  /** Returns the signing keys of a purpose, oldest first. */
  signingKeys(purpose: SigningKeyPurpose): Promise<StoredSigningKey[]>;
  /** Returns false if a key of this purpose and number exists: another replica was faster. */
  insertSigningKey(key: StoredSigningKey, auditEvent: AuditEvent): Promise<boolean>;
  /** Deletes a purpose's keys whose publication has ended, except from the one that signs now on, and audits each. */
  deleteRetiredSigningKeys(
    retired: { purpose: SigningKeyPurpose; nowMs: number; signingNumber: number },
    auditEventOf: (key: Pick<StoredSigningKey, 'keyId' | 'number'>) => AuditEvent,
  ): Promise<void>;

  /**
   * Stores the newest use of each key and account. A stored use later than `nowMs` isn't kept. Not audited, and written in
   * parts, so that many uses don't hold up requests: after a failure, some are stored.
   */
  recordUses(uses: readonly CredentialUse[], nowMs: number): Promise<void>;

  /** Returns undefined if no active team has this name. */
  runTarget(run: {
    teamName: string;
    projectName: string;
    username?: string;
    email?: string;
  }): Promise<RunTarget | undefined>;
  /** Returns undefined if no active team has this name. */
  findTeam(teamName: string): Promise<{ id: string; name: string } | undefined>;
  /** Lists a team's people by email address. */
  teamPeople(teamId: string, part: ListPart): Promise<TeamMember[]>;
  /** Lists a team's active accounts by name. */
  teamServiceAccounts(teamId: string, part: ListPart): Promise<{ id: string; name: string }[]>;

  /** Counts open deliveries, open collections, and unfinished jobs: all, failing ones and those of server accounts. */
  queueLengths(): Promise<QueueLengths>;
}
