import type { Person } from '../../domain/person.ts';
import type { Secret } from '../../domain/secret.ts';
import type { ExternalIdentity, KeyLifetimeDays, ServiceAccount } from '../../domain/service-account.ts';
import type { Role, Standing, Team, TeamMember } from '../../domain/team.ts';
import type {
  AccountDelivery,
  Collection,
  DeliveryRoute,
  EarlierSubmission,
  ListedAccount,
  PendingDelivery,
  SettleDeliveryResult,
} from './store.ts';

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
  expiresAtMs: number;
}

export type CreateAccountResult =
  | { ok: true; account: ServiceAccount; issued: IssuedKey | undefined }
  | { ok: false; reason: 'submitted_before'; earlier: EarlierSubmission }
  | { ok: false; reason: 'name_taken' | 'subject_taken' | 'team_archived' };

type IssueKeyResult =
  | { ok: true; issued: IssuedKey }
  | { ok: false; reason: 'not_open' | 'expired' | 'account_revoked' };

/**
 * Where the accounts of the organization live and who its people are: Keysmith itself, or a W&B server. Names of teams
 * are as typed by people: a backend compares them exactly.
 */
export interface Backend {
  /** Active teams that the person administers, by name; for showing, `total` ignores the limit. */
  administeredTeams(
    person: Person,
    options: { query?: string; limit: number },
  ): Promise<{ teams: Team[]; total: number }>;
  teamsOf(person: Person): Promise<{ team: Team; role: Role }[]>;
  /** Read afresh, never from a cache; undefined where there is no such team. */
  standing(person: Person, teamName: string): Promise<Standing | undefined>;
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
  /** Ends a delivery: accepted, or the key is cut off and may be collected. */
  settleDelivery(
    pending: AccountDelivery,
    outcome: {
      kind: 'accepted' | 'refused' | 'unknown';
      cause: string;
      requestId: string | null;
    },
  ): Promise<SettleDeliveryResult>;
  revokeAccount(
    account: ServiceAccount,
    by: Person,
    requestId: string,
  ): Promise<'revoked' | 'revoked_before' | 'not_found'>;
  findAccount(accountId: string): Promise<ServiceAccount | undefined>;
  findAccountsByName(person: Person, name: string, teamName: string | undefined): Promise<ServiceAccount[]>;
  listAccounts(
    person: Person,
    options: { teamName?: string; limit: number; offset?: number },
  ): Promise<{ accounts: ListedAccount[]; total: number }>;
}
