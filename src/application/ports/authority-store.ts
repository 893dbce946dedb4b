import type { JSONWebKeySet, JWK } from 'jose';
import type { ServiceAccount } from '../../domain/accounts/service-account.ts';
import type { AuditEvent } from '../../domain/audit/audit-event.ts';
import type { Issuer } from '../../domain/federation/issuer.ts';
import type { Role, TeamMember } from '../../domain/organization/team.ts';

interface AccountOfTeam {
  /** Active or revoked; never one that is still being made. */
  account: ServiceAccount;
  isTeamArchived: boolean;
}

/** An account, and whether its team and the issuer of its external identity are still those of the organization. */
export interface AccountStatus extends AccountOfTeam {
  /** Never of an account with keys. */
  isIssuerRemoved: boolean;
}

/** A key that Keysmith checks itself, as stored. */
export interface StoredApiKey extends AccountOfTeam {
  keyId: string;
  secretHash: string;
  pepperVersion: number;
  createdAtMs: number;
  expiresAtMs: number;
  revokedAtMs: number | undefined;
}

/** A use of a credential: the newest of each key and each account is kept. */
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

/** A key that signs access tokens; the private part is sealed. Times are in milliseconds since the epoch. */
export interface StoredSigningKey {
  /** 1, 2, 3 …; the highest whose time to sign has come signs. */
  number: number;
  keyId: string;
  /** The sealed private JWK. */
  sealed: string;
  publicJwk: JWK;
  createdAtMs: number;
  signsFromMs: number;
  signsUntilMs: number;
  /** Until its last token has ended. */
  publishedUntilMs: number;
}

interface Project {
  name: string;
  visibility: 'private' | 'public' | 'open' | 'restricted';
  /** Names of accounts that may enter it where it is restricted. */
  serviceAccounts: readonly string[];
}

/** What of a team is asked for a run. */
export interface RunTarget {
  teamName: string;
  /** Undefined where the teams file does not list it. */
  project: Project | undefined;
  /** The member of the team whom the run names, if any; by e-mail address without regard to case, else by user name. */
  namedMember: TeamMember | undefined;
}

/** What a service account may see of its own team. */
export interface TeamView {
  id: string;
  name: string;
  members: readonly { email: string; username: string; role: Role }[];
  /** Active ones. */
  serviceAccounts: readonly ServiceAccount[];
}

/** The units of work of the authority: Keysmith checking what it handed out. */
export interface AuthorityStore {
  /** By the public key ID. Undefined where there is none, or another system checks it. */
  findApiKey(keyId: string): Promise<StoredApiKey | undefined>;
  accountStatus(accountId: string): Promise<AccountStatus | undefined>;
  /** The active account that an external identity belongs to, letter for letter. */
  accountByIdentity(identity: { issuer: string; subject: string }): Promise<AccountStatus | undefined>;

  /** A registered issuer; undefined for one that was removed. */
  issuer(url: string): Promise<Issuer | undefined>;
  /** The last good keys of an issuer. */
  issuerKeySet(url: string): Promise<{ jwks: JSONWebKeySet; fetchedAtMs: number } | undefined>;
  /** Keeps them unless the issuer was removed meanwhile, or its keys are had by other rules now. */
  saveIssuerKeySet(kept: { issuer: Issuer; jwks: JSONWebKeySet; fetchedAtMs: number }): Promise<void>;
  /** False where this `jti` of the issuer was used before. Forgets those that have ended. */
  useAssertionOnce(assertion: {
    issuer: string;
    tokenId: string;
    expiresAtMs: number;
    nowMs: number;
  }): Promise<boolean>;

  /** Oldest first. */
  signingKeys(): Promise<StoredSigningKey[]>;
  /** False where a key of this number exists already: another replica was faster. */
  insertSigningKey(key: StoredSigningKey, auditEvent: AuditEvent): Promise<boolean>;
  /** Deletes keys that need not be published any more, and records each. */
  deleteRetiredSigningKeys(
    nowMs: number,
    auditEventOf: (key: Pick<StoredSigningKey, 'keyId' | 'number'>) => AuditEvent,
  ): Promise<void>;

  /** Keeps the newest use of each key and account. Not audited. */
  recordUses(uses: readonly CredentialUse[]): Promise<void>;

  /** Undefined where no active team has this name. */
  runTarget(asked: {
    teamName: string;
    projectName: string;
    username?: string;
    email?: string;
  }): Promise<RunTarget | undefined>;
  /** Undefined where no active team has this name. */
  teamView(teamName: string): Promise<TeamView | undefined>;

  /** Keys on their way, keys that may be collected, operations on the backend under way: for the metrics. */
  queueLengths(): Promise<{ deliveries: number; collections: number; operations: number }>;
}
