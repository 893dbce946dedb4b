import type { KeyExpiry } from '../../domain/accounts/key-expiry.ts';
import type { ExternalIdentity, ServiceAccount } from '../../domain/accounts/service-account.ts';
import type { AuditActor } from '../../domain/audit/audit-event.ts';
import type { Secret } from '../../domain/keys/secret.ts';
import type { Person } from '../../domain/organization/person.ts';
import type { Role, Team, TeamAccess, TeamMember } from '../../domain/organization/team.ts';
import type { InsertKeyResult } from '../keys/key-store.ts';
import type { NewRotation } from '../keys/rotation.ts';
import type {
  AccountList,
  AccountOnServer,
  OutsideAccounts,
} from '../outside-changes/outside-change-store.ts';
import type { AccountOfRequest, AccountOfRequestConflict } from '../requests/request-store.ts';
import type {
  AccountListOptions,
  Collection,
  DeliveryRoute,
  EarlierSubmission,
  PendingDelivery,
} from './account-records.ts';
import type { InterruptedRuns } from './gateway.ts';
import type { HeldJob, JobResult, NewNotification, ServerAccountJob } from './job-store.ts';

/**
 * Why the W&B server didn't do what Keysmith asked. There are more reasons on the wire; these are the ones that change what
 * a person does next.
 */
export type BackendFailure = TemporaryFailure | PermanentFailure | UnexpectedResponseFailure | RefusedFailure;

/** The same request may succeed later. */
export type TemporaryFailure =
  /** No connection was established, so nothing was sent. */
  | { reason: 'not_reached' }
  /** The connection was lost before the response was complete. */
  | { reason: 'broken_off' }
  /** The response wasn't complete in time. */
  | { reason: 'too_slow' }
  /** A 5xx. */
  | { reason: 'server_error' }
  | { reason: 'rate_limited'; retryAfterSeconds: number | undefined }
  /** The account that the server reported as created isn't among the team's members. */
  | { reason: 'account_not_shown' }
  /** Another process, usually on another replica, is working on the same account. */
  | { reason: 'under_way' };

/** The same request fails until someone changes the server or the settings. */
export type PermanentFailure =
  /** 401: the configured credential isn't valid. */
  | { reason: 'credential_refused' }
  /** 403 or an equivalent error: the configured credential may not do this. */
  | { reason: 'not_allowed' }
  /** The server doesn't have the operation, or it is switched off. */
  | { reason: 'not_supported' }
  /** `entity: null`: the team was deleted, or the configured credential may not see it. */
  | { reason: 'team_not_shown' }
  /** The account's ID on the server belongs to a person or to another name. It wasn't touched. */
  | { reason: 'another_account' };

/** The response doesn't come from a W&B server. */
export type UnexpectedResponseFailure =
  /** Not JSON: a sign-in page, or a proxy's own page. */
  | { reason: 'other_page' }
  /** `host`: with its port, if known. */
  | { reason: 'redirected'; host: string | undefined }
  /** 404 without a W&B error message: there is no API at that address. */
  | { reason: 'no_api' }
  /** JSON of an unexpected shape. */
  | { reason: 'other_answer' }
  /** Larger than the limit. */
  | { reason: 'answer_too_large' };

/** A 404 with an error message, a 409 or any other refusal. `message`: the server's own, cleaned and bounded. */
export interface RefusedFailure {
  reason: 'not_found' | 'conflict' | 'refused';
  message: string | undefined;
}

/** The backend couldn't be read and nothing was changed. The message is for the log, `failure` for the person. */
export class BackendUnavailableError extends Error {
  override name = 'BackendUnavailableError';
  readonly failure: BackendFailure;

  constructor(failure: BackendFailure) {
    super(`The backend is unavailable: ${failure.reason}.`);
    this.failure = failure;
  }
}

/** A new account to create. All fields are validated, and the person's permission was checked. */
export interface AccountRequest {
  team: Team;
  /** `team` by default. */
  scope?: ServiceAccount['scope'];
  name: string;
  authentication:
    | { method: 'api_key'; expiry: KeyExpiry; route: DeliveryRoute }
    /** The person who requested the account creates its key with *Collect key*. Only with `ofRequest`. */
    | { method: 'api_key_to_collect' }
    /** An admin creates its key on the server. */
    | { method: 'api_key_on_server' }
    | { method: 'federated'; identity: ExternalIdentity };
  purpose: string | undefined;
  usedBy: string | undefined;
  contact: string;
  requestedBy: Person;
  submissionId: string;
  requestId: string;
  /**
   * Of what the request itself notifies the person of: a federated account, or that nothing was created. Undefined if only a direct
   * message does.
   */
  notice: HeldJob | undefined;
  /** Set if a member requested the account: then the caller has checked who approved it. */
  ofRequest?: AccountOfRequest | undefined;
}

/** A new key, which exists only in this object. The caller must deliver it and settle the delivery. */
export interface IssuedKey {
  account: ServiceAccount;
  delivery: PendingDelivery;
  keyName: string;
  /** Whether *Revoke* below it leaves the account: it has had another key, or a member requested it. */
  isRevokedAlone: boolean;
  key: Secret;
  /** Undefined for a key that never expires. */
  expiresAtMs: number | undefined;
  /** The account's name on the W&B server. */
  serverName?: string;
}

/** What the backend supports. The form and the messages depend on it. */
export interface BackendFeatures {
  /** Whether keys expire. If not, the form has no *Expires* and `expiry` has no effect. */
  keysExpire: boolean;
  /**
   * Whether accounts with API keys can be created now. `no_key_shown`: the server doesn't return new keys.
   * `not_supported`: it can't create such accounts, or can't delete them.
   */
  apiKeys: { available: true } | { available: false; reason: 'no_key_shown' | 'not_supported' };
  /** Whether accounts can be created without a key, which an admin then creates on the server. */
  accountsWithoutKey: boolean;
  federated: { available: true } | { available: false; reason: 'not_supported' | 'no_issuer' };
  /** Whether accounts that may use every team can be created. Absent: no. */
  organizationScope?: boolean | undefined;
}

export type CreateAccountResult =
  /** `serverName`: the account's name on the server, if it has one of its own. */
  | { ok: true; account: ServiceAccount; issued: IssuedKey | undefined; serverName?: string }
  | { ok: false; reason: 'already_submitted'; earlier: EarlierSubmission }
  | { ok: false; reason: 'name_taken' | 'subject_taken' | 'team_archived' }
  | { ok: false; reason: AccountOfRequestConflict }
  /** The person lost the permission after it was checked. */
  | { ok: false; reason: 'not_admin' }
  /** The backend refused and created nothing. */
  | { ok: false; reason: 'backend_refused'; failure: BackendFailure }
  /**
   * It isn't known whether the server created the account. Keysmith finds out and notifies the person. With `collection`, the account
   * is active in Keysmith whatever the server did, and the person can collect its key.
   */
  | {
      ok: false;
      reason: 'outcome_unknown';
      cause: UnknownOutcomeCause;
      account: ServiceAccount;
      collection: Collection | undefined;
    };

/** Why an outcome isn't known yet. */
export type UnknownOutcomeCause =
  | BackendFailure
  /** The backend succeeded, but the result wasn't stored. A job reconciles it. */
  | { reason: 'not_recorded' };

export type IssueKeyResult =
  | { ok: true; issued: IssuedKey }
  | { ok: false; reason: 'not_open' | 'expired' | 'account_revoked' | 'being_revoked' }
  /** As in `CreateAccountResult`. */
  | { ok: false; reason: 'not_admin' }
  /** No key was created, and the person may collect it again. */
  | { ok: false; reason: 'backend_refused' | 'outcome_unknown'; failure: UnknownOutcomeCause }
  /** The server created the account again but didn't return its key, so an admin creates the key there. */
  | { ok: false; reason: 'no_key_shown'; serverName: string };

/** Another key of an account. All fields are validated, and the person's permission was checked. */
interface KeyRequest {
  name: string;
  expiry: KeyExpiry;
  route: DeliveryRoute;
  requestedBy: Person;
  submissionId: string;
  requestId: string;
  /** Set if the key replaces another one. */
  rotation?: NewRotation;
}

export type CreateKeyResult = { ok: true; issued: IssuedKey } | Exclude<InsertKeyResult, { ok: true }>;

export type RevokeAccountResult =
  /** The request still holds its notification. */
  | 'revoked'
  | 'already_revoked'
  | 'not_found'
  /** Nothing was revoked: a key other than `onlyKeyId` works, or is being sent. */
  | 'has_other_keys'
  /** The account isn't deleted yet. Keysmith retries and notifies the person. `serverNames`: what is left on the server, if known. */
  | { pending: UnknownOutcomeCause; serverNames: readonly string[] };

export interface AdministeredTeams {
  teams: Team[];
  /** Ignores the limit. */
  total: number;
  /**
   * Whether the person administers more teams than the backend can list. Each is found by a query for its full name.
   */
  hasUnlisted: boolean;
}

/**
 * Where accounts, teams and roles are stored: in Keysmith or on a W&B server. Team names are passed as people typed them
 * and compared exactly.
 */
export interface Backend extends OutsideAccounts {
  /** Where admins manage team members and issuers. */
  readonly administeredIn: 'teams_file' | 'wandb';
  /** As in `AccountList`. */
  readonly tracksUsage: boolean;
  /** Returns what the backend supports, possibly some minutes old. */
  features(): Promise<BackendFeatures>;
  /** Returns the page where a team admin can do manually what Keysmith can't, if there is one. */
  teamPage(teamName: string): string | undefined;
  /** Lists the active teams that the person administers, by name. Not for permission checks. */
  administeredTeams(person: Person, options: { query?: string; limit: number }): Promise<AdministeredTeams>;
  teamsOf(person: Person): Promise<{ team: Team; role: Role }[]>;
  /** Reads the person's access to a team, never from a cache. Returns undefined if there is no such team. */
  teamAccess(person: Person, teamName: string): Promise<TeamAccess | undefined>;
  teamAdmins(teamName: string): Promise<TeamMember[]>;
  /** Returns email addresses. */
  organizationAdmins(): Promise<string[]>;
  /** Returns the URLs of the registered JWT issuers. */
  issuers(): Promise<string[]>;

  createAccount(request: AccountRequest): Promise<CreateAccountResult>;
  /**
   * Creates the key of an open collection, once.
   *
   * @param options.notice queued if no key was created
   */
  issueCollectedKey(
    collection: Collection,
    account: ServiceAccount,
    options: { route: DeliveryRoute; requestId: string; notice: HeldJob },
  ): Promise<IssueKeyResult>;
  /**
   * @param notice queued with the revocation; sent once the account is revoked, unless the request ends it
   * @param runs which the account is writing through the gateway, if any. Its contact is notified of them too.
   */
  revokeAccount(
    account: ServiceAccount,
    by: Person,
    request: {
      requestId: string;
      notice: HeldJob;
      runs: InterruptedRuns | undefined;
      /** Whose act the record shows, if it isn't the person's. */
      actor?: AuditActor | undefined;
      /** Queued with the revocation. */
      notifications?: readonly NewNotification[] | undefined;
      /** Set to revoke the account only if it has no other key; null: no key at all. A W&B server deletes it in any case. */
      onlyKeyId?: string | null | undefined;
    },
  ): Promise<RevokeAccountResult>;
  /** Gives up an account whose creation isn't complete, and deletes it from the server. Returns false if that ended before. */
  abandonCreation(account: ServiceAccount, by: Person, requestId: string): Promise<boolean>;
  /** Undefined where W&B creates and deletes the keys. Keysmith renames and revokes its own keys in the store. */
  readonly keys:
    | { createKey(account: ServiceAccount, request: KeyRequest): Promise<CreateKeyResult> }
    | undefined;
  findAccount(accountId: string): Promise<ServiceAccount | undefined>;
  /** Returns what a W&B server shows of an account. */
  accountOnServer(account: ServiceAccount): Promise<AccountOnServer>;
  findAccountsByName(
    person: Person,
    name: string,
    teamName: string | undefined,
    includesMemberTeams?: boolean,
  ): Promise<ServiceAccount[]>;
  /** Returns the different names of the accounts that {@link findAccountsByName} finds, 500 at most, for suggestions. */
  accountNames(
    person: Person,
    teamName: string | undefined,
    includesMemberTeams?: boolean,
  ): Promise<string[]>;
  /** Lists accounts of the teams that the person administers. */
  listAccounts(person: Person, options: AccountListOptions): Promise<AccountList>;
  /** Brings an account on the server one step closer to its desired state. May be repeated. */
  reconcile(job: ServerAccountJob, progress: { attempts: number }): Promise<JobResult>;
}
