import type {
  ExternalIdentity,
  KeyLifetimeDays,
  ServiceAccount,
} from '../../domain/accounts/service-account.ts';
import type { Secret } from '../../domain/keys/secret.ts';
import type { Person } from '../../domain/organization/person.ts';
import type { Role, Team, TeamAccess, TeamMember } from '../../domain/organization/team.ts';
import type {
  AccountDelivery,
  Collection,
  DeliveryOutcome,
  DeliveryRoute,
  EarlierSubmission,
  ListedAccount,
  PendingDelivery,
  SettleDeliveryResult,
} from './account-records.ts';
import type { BackendOperation } from './operation-store.ts';

/**
 * Why a backend on another system did not do its part, as far as people are concerned. The reasons of the wire are more;
 * this is what makes a difference to what somebody does next.
 */
export type BackendFailure = TemporaryFailure | PermanentFailure | UnexpectedResponseFailure | RefusedFailure;

/** The same may go well another time. */
export type TemporaryFailure =
  /** No connection came about: nothing was sent. */
  | { reason: 'not_reached' }
  /** The connection was cut before the whole answer was there. */
  | { reason: 'broken_off' }
  /** The whole answer was not there in time. */
  | { reason: 'too_slow' }
  /** A 5xx. */
  | { reason: 'server_error' }
  | { reason: 'rate_limited'; retryAfterSeconds: number | undefined }
  /** The account that the server says to have made is not among the members of the team. */
  | { reason: 'account_not_shown' }
  /** Somebody else, another replica mostly, is at the same thing and has not finished. */
  | { reason: 'under_way' };

/** It stays so until somebody changes something on the server, or the settings. */
export type PermanentFailure =
  /** 401: the configured credential is not valid (any more). */
  | { reason: 'credential_refused' }
  /** 403, or an error that says so: the configured credential may not do this. */
  | { reason: 'not_allowed' }
  /** The server has no such operation, or it is switched off there. */
  | { reason: 'not_supported' }
  /** `entity: null`: the team is gone, or the configured credential may not see it any more. */
  | { reason: 'team_not_shown' }
  /** What the server shows under the account's ID is a person, or of another name: it was not touched. */
  | { reason: 'another_account' };

/** Something answers at the address, but not as the W&B server does. */
export type UnexpectedResponseFailure =
  /** No JSON: a log-in page, or something in between that answers itself. */
  | { reason: 'other_page' }
  /** `host` with its port; undefined where it is not known. */
  | { reason: 'redirected'; host: string | undefined }
  /** 404 without words of the server: there is no API at that address. */
  | { reason: 'no_api' }
  /** JSON of another shape than was asked for. */
  | { reason: 'other_answer' }
  /** More than is read. */
  | { reason: 'answer_too_large' };

/** 404 with words, 409, any other no: `message` is the server's own, cleaned and bounded. */
export interface RefusedFailure {
  reason: 'not_found' | 'conflict' | 'refused';
  message: string | undefined;
}

/** The backend could not be read. Nothing was changed. The message is for the log, `failure` for the person. */
export class BackendUnavailableError extends Error {
  override name = 'BackendUnavailableError';
  readonly failure: BackendFailure;

  constructor(failure: BackendFailure) {
    super(`The backend is unavailable: ${failure.reason}.`);
    this.failure = failure;
  }
}

/** What a new account shall be; every field has been validated, the person's right to it checked. */
export interface AccountRequest {
  team: Team;
  name: string;
  authentication:
    | { method: 'api_key'; lifetimeDays: KeyLifetimeDays; route: DeliveryRoute }
    | { method: 'federated'; identity: ExternalIdentity };
  purpose: string | undefined;
  usedBy: string | undefined;
  contact: string;
  requestedBy: Person;
  submissionId: string;
  requestId: string;
}

/** A fresh key. It lives in this object only; whoever holds it delivers it and settles the delivery. */
export interface IssuedKey {
  account: ServiceAccount;
  delivery: PendingDelivery;
  key: Secret;
  /** Undefined where keys of the backend don't end by themselves. */
  expiresAtMs: number | undefined;
}

/** What accounts of this backend can have; the form and the messages follow it. */
export interface BackendFeatures {
  /** Whether keys end by themselves: else the form has no *Expires*, and `lifetimeDays` has no effect. */
  keysExpire: boolean;
  /**
   * Whether accounts with API keys can be made here now; `no_key_shown`: the server does not show new keys;
   * `not_supported`: it makes none, or none that could be taken back.
   */
  apiKeys: { available: true } | { available: false; reason: 'no_key_shown' | 'not_supported' };
  federated: { available: true } | { available: false; reason: 'not_supported' | 'no_issuer' };
}

export type CreateAccountResult =
  | { ok: true; account: ServiceAccount; issued: IssuedKey | undefined }
  | { ok: false; reason: 'already_submitted'; earlier: EarlierSubmission }
  | { ok: false; reason: 'name_taken' | 'subject_taken' | 'team_archived' }
  /** The person lost the right since it was checked. */
  | { ok: false; reason: 'not_admin' }
  /** The backend said no, and nothing was made. */
  | { ok: false; reason: 'backend_refused'; failure: BackendFailure }
  /** The server made an account without showing its key; it was removed again (`removed`), or will be. */
  | { ok: false; reason: 'no_key_shown'; removed: boolean }
  /** Nobody can say yet whether an account was made: it is found out, and the person is told how it ended. */
  | { ok: false; reason: 'outcome_unknown'; cause: UnknownOutcomeCause };

/** Why an outcome is not known yet. */
export type UnknownOutcomeCause =
  | BackendFailure
  /** The backend did its part, and the database did not take it: that is put in order later. */
  | { reason: 'not_recorded' };

export type IssueKeyResult =
  | { ok: true; issued: IssuedKey }
  | { ok: false; reason: 'not_open' | 'expired' | 'account_revoked' | 'being_revoked' }
  /** As of `CreateAccountResult`. */
  | { ok: false; reason: 'not_admin' }
  /** The key is made with its account anew, and somebody has made one of this name there. */
  | { ok: false; reason: 'name_taken' }
  | { ok: false; reason: 'backend_refused'; failure: BackendFailure }
  | { ok: false; reason: 'outcome_unknown'; cause: UnknownOutcomeCause }
  | { ok: false; reason: 'no_key_shown'; removed: boolean };

/** The server did not cut the key off yet: it is tried again until it does, and only then is anything said to be dead. */
export type RevocationPending = { settled: false; pending: BackendFailure };

export type RevokeAccountResult =
  | 'revoked'
  | 'already_revoked'
  | 'not_found'
  /** The backend said no: the account is as it was. */
  | { refused: BackendFailure }
  /** Not known to be cut off: it is tried again until it is, and the person is told how it ended. */
  | { outcomeUnknown: UnknownOutcomeCause };

/** Teams that a person administers. */
export interface AdministeredTeams {
  teams: Team[];
  /** Ignores the limit. */
  total: number;
  /**
   * There may be more that the backend can't list, for somebody who administers every team: each is found by a query that
   * is its whole name.
   */
  hasUnlisted: boolean;
}

/** An account of the team that Keysmith did not make. */
export interface UnmanagedAccount {
  teamName: string;
  name: string;
}

/**
 * Where the accounts of the organization live and who its people are: Keysmith itself, or a W&B server. Names of teams
 * are as typed by people: a backend compares them exactly.
 */
export interface Backend {
  /** Where people are added to teams, and issuers to the organization. */
  readonly administeredIn: 'teams_file' | 'wandb';
  /** May be some minutes old. */
  features(): Promise<BackendFeatures>;
  /** Where an admin of the team does by hand what Keysmith can't; undefined where there is no such page. */
  teamPage(teamName: string): string | undefined;
  /** Active teams that the person administers, by name; for showing. */
  administeredTeams(person: Person, options: { query?: string; limit: number }): Promise<AdministeredTeams>;
  teamsOf(person: Person): Promise<{ team: Team; role: Role }[]>;
  /** Read afresh, never from a cache; undefined where there is no such team. */
  teamAccess(person: Person, teamName: string): Promise<TeamAccess | undefined>;
  teamAdmins(teamName: string): Promise<TeamMember[]>;
  /** E-mail addresses. */
  organizationAdmins(): Promise<string[]>;
  /** URLs of the registered JWT issuers. */
  issuers(): Promise<string[]>;

  createAccount(request: AccountRequest): Promise<CreateAccountResult>;
  /** Mints the key of an open collection, once. */
  issueCollectedKey(
    collection: Collection,
    account: ServiceAccount,
    options: { route: DeliveryRoute; requestId: string },
  ): Promise<IssueKeyResult>;
  /** Ends a delivery: accepted, or the key is cut off and may be collected. `pending`: it is not cut off yet. */
  settleDelivery(
    pending: AccountDelivery,
    outcome: {
      kind: DeliveryOutcome;
      cause: string;
      requestId: string | null;
    },
  ): Promise<SettleDeliveryResult | RevocationPending>;
  revokeAccount(account: ServiceAccount, by: Person, requestId: string): Promise<RevokeAccountResult>;
  findAccount(accountId: string): Promise<ServiceAccount | undefined>;
  findAccountsByName(person: Person, name: string, teamName: string | undefined): Promise<ServiceAccount[]>;
  listAccounts(
    person: Person,
    options: { teamName?: string; limit: number; offset?: number },
  ): Promise<AccountList>;
  /**
   * Finishes one operation that lost its process, or whose outcome was unclear: what comes of it is written, and what a
   * person must hear of it waits to be told. False where it has to be tried again.
   */
  settleOperation(operation: BackendOperation): Promise<boolean>;
  /**
   * Looks whether a creation that was given up was carried out after all. True where there is something to be told; it is
   * written. Removes nothing.
   */
  checkForLateEffect(operation: BackendOperation): Promise<boolean>;
}

/** `isMissing`: made by Keysmith, and the server has it no more: somebody removed it there. */
export type JoinedAccount = ListedAccount & { isMissing?: true };

export interface AccountList {
  accounts: JoinedAccount[];
  total: number;
  /** Whether credentials are used under the backend's eyes: else nothing follows where none was seen. */
  tracksUsage: boolean;
  /** Beside them, of the same teams; none with the built-in backend. Shown on the last page, at most some. */
  unmanaged: { accounts: UnmanagedAccount[]; total: number };
}
